"""What Vault says instead of an answer, in words: sealed, standby, not initialised, forbidden, or not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from modules.common.errors import HubError
from modules.config.redact import redact

#: Of Vault's own words, as many characters as help.
_LONGEST = 300
#: What AWS's refusals have in common, as Vault repeats them.
_DENIED = ("accessdenied", "is not authorized to perform")
_TRANSPORT = "look whether the pods run: ./hub vault status {env}"


class Answered(HubError):
    """Vault itself understood, and said no."""


@contextmanager
def asking(env: str, what: str) -> Iterator[None]:
    """Turns whatever Vault or the way to it refuses into the HubError for `what` (the rest of "could not ...").

    The cause is cut off: a request inside an exception holds the token it was sent with.
    """
    import hvac.exceptions as refused
    import requests.exceptions as broken

    try:
        yield
    except refused.VaultError as error:
        raise _said(env, what, error) from None
    except broken.SSLError:
        fix = f"reach Vault by a name its certificate carries (127.0.0.1, or {env}'s service); ./install.sh {env} renews it"
        raise HubError(f"could not {what}: the certificate shown is not one of this env's Vault", fix=fix) from None
    except broken.RequestException as error:
        said = "no answer in time" if isinstance(error, broken.Timeout) else "nothing answers there"
        raise HubError(f"could not {what}: {said}", fix=_TRANSPORT.format(env=env)) from None


def is_denied_by_aws(words: str) -> bool:
    """Whether Vault passes on that AWS refused it."""
    small = words.lower()
    return any(sign in small for sign in _DENIED)


def words_of(error: Exception) -> str:
    """Vault's own words, shortened, without anything that looks like a secret."""
    found = getattr(error, "errors", None)
    said = "; ".join(map(str, found)) if isinstance(found, list) and found else str(error.args[0] if error.args else "")
    plain = " ".join(redact(said).split())
    return f"{plain[:_LONGEST]}…" if len(plain) > _LONGEST else plain


def sealed(env: str, what: str) -> HubError:
    """Sealed although KMS should have opened it."""
    return HubError(
        f"could not {what}: Vault is sealed. It opens by KMS alone, so its key refuses it or is out of reach",
        fix=f"./hub vault status {env} shows what Vault says of its key; then let Vault's role use it, or end the key's deletion",
    )


def not_initialised(env: str, what: str) -> HubError:
    """Nobody has run init."""
    return HubError(f"could not {what}: Vault is not initialised", fix=f"./hub vault init {env}")


def key_refused(env: str, what: str, words: str) -> HubError:
    """AWS lets Vault not use the key that unseals it."""
    fix = f"./install.sh {env} sets role and key right; a key that waits for its deletion is brought back in the KMS console"
    return HubError(f"could not {what}: KMS denies Vault its key ({words})", fix=fix)


def _said(env: str, what: str, error: Exception) -> HubError:
    import hvac.exceptions as refused

    words = words_of(error)
    if "not initialized" in words.lower() or isinstance(error, refused.VaultNotInitialized):
        return not_initialised(env, what)
    if isinstance(error, refused.VaultDown):
        return sealed(env, what)
    if is_denied_by_aws(words) and "kms" in words.lower():
        return key_refused(env, what, words)
    if isinstance(error, refused.Forbidden | refused.Unauthorized):
        return Answered(f"could not {what}: Vault forbids it ({words})", fix=_login_hint(env))
    return Answered(
        f"could not {what}: Vault answered: {words or type(error).__name__}", fix=f"./hub vault status {env}; correct what it names"
    )


def _login_hint(env: str) -> str:
    return (
        f"the token may have ended or been revoked: unset VAULT_TOKEN, sign in to AWS as one of cluster.admins in envs/{env}/hub.yaml, "
        "and run the same command again"
    )
