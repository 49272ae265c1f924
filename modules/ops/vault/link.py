"""./hub vault link-user, unlink-user: a role of somebody's own account, for that person's notebooks alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.say import out
from modules.ops.vault import people
from modules.ops.vault.client import Vault
from modules.ops.vault.configure import Changes, ensure
from modules.ops.vault.listing import Linked, linked
from modules.ops.vault.login import signed_in
from modules.ops.vault.people import Person, person
from modules.ops.vault.reach import reach
from modules.ops.vault.refusals import is_denied_by_aws
from modules.ops.vault.scene import Scene, open_scene
from modules.ops.vault.words import alike, finish

_SKIPPED, _WORKS, _REFUSED = "skipped", "works", "refused"


@dataclass(frozen=True)
class Wish:
    """As typed. hub_user: "" for the address. test: whether the role is assumed once."""

    email: str
    role_arn: str
    hub_user: str = ""
    test: bool = True
    dry_run: bool = False


def link(root: Path, config: HubConfig, wish: Wish, *, address: str, as_json: bool) -> int:
    """Link a person to a role, print the trust policy it needs, and assume it once. Exit 0, or 1 when AWS refuses (yet).

    Raises HubError, before anything is written, for a wrong address or ARN, and for a role that Vault may not assume.
    """
    who, role_arn = person(config, wish.email, wish.hub_user), wish.role_arn
    scene = open_scene(root, config)
    people.check_role(config, role_arn, scene.settings.user_roles or refs.default_user_roles(config.partition))
    changes = Changes(wish.dry_run)
    with reach(scene, address) as vault, signed_in(scene, vault):
        _check_free(vault, who)
        for thing in people.belongings(config, who, role_arn):
            ensure(vault, thing, changes)
        tested, words = _try(vault, who) if wish.test and not wish.dry_run else (_SKIPPED, "")
    return _end(scene, who, role_arn, changes, tested, words, as_json=as_json)


def unlink(root: Path, config: HubConfig, email: str, *, address: str, dry_run: bool, as_json: bool) -> int:
    """Take a person's role out of Vault; the way in goes first. Exit 0. Raises HubError for somebody who is not linked."""
    scene, small = open_scene(root, config), email.strip().lower()
    with reach(scene, address) as vault, signed_in(scene, vault):
        found = linked(vault)
        mine = next((each for each in found if each.email == small), None)
        if mine is None:
            listed = f"./hub vault users {config.env} shows who there is"
            raise HubError(f'"{email[:60]}" is not linked{alike(small, [each.email for each in found])}', fix=listed)
        if not dry_run:
            _remove(vault, mine)
    if as_json:
        return finish(config, "unlink-user", {"user": mine.email, "role_arns": list(mine.role_arns), "dry_run": dry_run})
    out(f"{mine.email}: {'would be unlinked; nothing was changed' if dry_run else 'unlinked. Vault gives out no new credentials'}")
    out("  credentials given out before end by themselves, an hour after they were made at the latest")
    out(f"  the role {', '.join(mine.role_arns)} still trusts Vault: its owner takes that out")
    return 0


def _check_free(vault: Vault, who: Person) -> None:
    """A pod belongs to one person: two addresses for one name in the hub would let each take the other's place."""
    taken = next((each for each in linked(vault) if each.pod == who.pod and each.email != who.email), None)
    if taken:
        raise HubError(
            f"the hub's user {who.hub_user} is linked as {taken.email} already. Nothing was changed",
            fix=f"./hub vault unlink-user {vault.env} {taken.email} first",
        )


def _remove(vault: Vault, mine: Linked) -> None:
    who = Person(mine.email, mine.email)
    paths = [people.login_path(mine.pod)] if mine.pod else []
    for path in (*paths, people.policy_path(who), people.role_path(who)):
        vault.delete(path, f"unlink {mine.email}")


def _try(vault: Vault, who: Person) -> tuple[str, str]:
    """One set of credentials, thrown away at once: what they are is in no message."""
    try:
        answer = vault.read(people.credentials_path(who), f"assume the role of {who.email}")
    except HubError as error:
        if is_denied_by_aws(error.what):
            return _REFUSED, error.what
        raise
    if not (answer or {}).get("access_key"):
        raise HubError(f"Vault gave no credentials for {who.email}", fix=f"run ./hub vault configure {vault.env}, then this again")
    return _WORKS, ""


def _end(scene: Scene, who: Person, role_arn: str, changes: Changes, tested: str, words: str, *, as_json: bool) -> int:
    code = 1 if tested == _REFUSED else 0
    policy = people.trust_policy(scene.config, who, scene.role_arn)
    if as_json:
        facts = {"user": who.email, "hub_user": who.hub_user, "role_arn": role_arn, "pod": who.pod, "changes": changes.made}
        more = {"dry_run": changes.dry_run, "test": tested, "said": words, "trust_policy": policy}
        return finish(scene.config, "link-user", {**facts, **more}, code=code)
    for line in _lines(scene, who, role_arn, changes, tested):
        out(line)
    if tested != _WORKS:
        out(f"  trust policy that {role_arn} needs, in its own account:")
        for line in people.shown(policy):
            out(f"    {line}")
    if words:
        out(f"  {words}")
    return code


def _lines(scene: Scene, who: Person, role_arn: str, changes: Changes, tested: str) -> list[str]:
    env = scene.config.env
    done = "would be linked" if changes.dry_run else "linked" if changes.made else "linked before; no change"
    lines = [f"{who.email}: {done} to {role_arn}", *(f"  {each}" for each in changes.made)]
    if tested == _WORKS:
        lines.append("  tested: Vault assumes the role. Its credentials last an hour, then a new set is asked for")
    elif tested == _REFUSED:
        again = f"./hub vault link-user {env} {who.email} {role_arn}"
        lines.append(f"  tested: AWS refuses, so the trust is not there yet (or not everywhere: a minute). Add it, then again: {again}")
    return lines
