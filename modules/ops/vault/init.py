"""./hub vault init: once in Vault's life. The recovery keys are kept before anything else happens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.layout import Layout, write_json
from modules.ops.say import err, out
from modules.ops.vault.client import Vault
from modules.ops.vault.reach import reach
from modules.ops.vault.refusals import sealed
from modules.ops.vault.scene import Scene, open_scene
from modules.ops.vault.words import finish

#: Recovery keys: so many are made, so many of them are needed. The seed's numbers.
SHARES, THRESHOLD = 5, 3
#: Seconds until Vault has opened itself by KMS; it takes one or two.
_OPENS_WITHIN, _EVERY = 60.0, 0.5
_KMS = "awskms"


def init(root: Path, config: HubConfig, *, address: str, as_json: bool, sleep: Callable[[float], None] = time.sleep) -> int:
    """Initialise Vault, keep its recovery keys and root token in Secrets Manager. Exit 0, also when it was done before.

    Raises HubError before anything is made when the secrets cannot be written, and when Vault or KMS refuses. sleep: for tests.
    """
    scene = open_scene(root, config)
    # The first member: the others join the one that is initialised.
    with reach(scene, address, member=f"{refs.STATEFUL_SET}-0") as vault:
        seal = vault.seal("look whether Vault is initialised")
        if seal.initialised:
            return _again(scene, as_json=as_json)
        if seal.kind != _KMS:
            raise HubError(
                f"this Vault would be unsealed by {seal.kind or 'hand'}, not by KMS: its keys would be needed at every start",
                fix=f"./install.sh {config.env} gives it its KMS key",
            )
        scene.keeper.prepare()
        _initialise(scene, vault)
        _wait(vault, sleep)
    return _done(scene, as_json=as_json)


def _initialise(scene: Scene, vault: Vault) -> None:
    answer = vault.write("sys/init", "initialise Vault", {"recovery_shares": SHARES, "recovery_threshold": THRESHOLD})
    keys, token = tuple(answer.get("recovery_keys_base64") or ()), str(answer.get("root_token") or "")
    try:
        scene.keeper.keep_recovery(keys, THRESHOLD)
        scene.keeper.keep_root(token)
    except BaseException as error:
        # Vault tells these keys once: a file of the owner's alone is the last place left.
        write_json(_refuge(scene), {"keys": list(keys), "root_token": token})
        if not isinstance(error, HubError):
            raise
        raise _stranded(scene, error) from None


def _refuge(scene: Scene) -> Path:
    return Layout(scene.root, scene.config.env).home / "vault-init.json"


def _stranded(scene: Scene, error: HubError) -> HubError:
    return HubError(
        f"VAULT IS INITIALISED, BUT ITS KEYS ARE NOT IN SECRETS MANAGER ({error.what}). They are in {_refuge(scene)}, and nowhere else",
        fix=f"allow the writing, then ./hub vault init {scene.config.env}: it puts them where they belong and removes the file",
    )


def _again(scene: Scene, *, as_json: bool) -> int:
    """Initialised before: finish what a refused write left, change nothing else."""
    rescued = _rescue(scene)
    kept = bool(scene.keeper.recovery_keys())
    env = scene.config.env
    if as_json:
        return finish(scene.config, "init", {"initialised": False, "already": True, "rescued": rescued, "recovery_keys_kept": kept})
    if rescued:
        out(f"{env}: the keys of the earlier init are in Secrets Manager now, and the file is gone")
    else:
        out(f"{env}: Vault is initialised already; nothing was changed")
    if not kept:
        err(
            f"  its recovery keys are not in the secret {refs.RECOVERY_KEYS_SECRET}: whoever initialised it has them. Without them nobody "
            "makes a new root token"
        )
    return 0


def _rescue(scene: Scene) -> bool:
    path = _refuge(scene)
    if not path.is_file():
        return False
    found = json.loads(path.read_text(encoding="utf-8"))
    scene.keeper.keep_recovery(tuple(found["keys"]), THRESHOLD)
    scene.keeper.keep_root(found["root_token"])
    path.unlink()
    return True


def _wait(vault: Vault, sleep: Callable[[float], None]) -> None:
    """Until Vault has opened itself. Raises HubError when it does not."""
    waited = 0.0
    while vault.seal("see Vault open itself").sealed:
        if waited >= _OPENS_WITHIN:
            raise sealed(vault.env, "wait any longer")
        sleep(_EVERY)
        waited += _EVERY


def _done(scene: Scene, *, as_json: bool) -> int:
    env = scene.config.env
    if as_json:
        return finish(scene.config, "init", {"initialised": True, "already": False, "rescued": False, "recovery_keys_kept": True})
    out(f"{env}: Vault is initialised and open")
    out(f"  recovery keys     {SHARES}, of which {THRESHOLD} are needed: secret {refs.RECOVERY_KEYS_SECRET}")
    out(f"  root token        secret {refs.ROOT_TOKEN_SECRET}, until configure has used and revoked it")
    out(f"  next              ./hub vault configure {env}")
    return 0
