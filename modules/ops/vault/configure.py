"""./hub vault configure: audit, logins, the AWS engine and policies, as hub.yaml wants them; only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.common.arn import partition_of
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.config.roles import role_name
from modules.ops.say import out
from modules.ops.vault import wanted
from modules.ops.vault.client import Vault
from modules.ops.vault.issuer import issuer_of
from modules.ops.vault.login import Caller, signed_in
from modules.ops.vault.reach import reach
from modules.ops.vault.scene import Scene, open_scene
from modules.ops.vault.wanted import Mount, Thing
from modules.ops.vault.words import finish


@dataclass
class Changes:
    """What was different, and whether anything was written (not in a dry run)."""

    dry_run: bool
    made: list[str] = field(default_factory=list)
    root_revoked: bool = False
    root_kept: bool = False


def configure(root: Path, config: HubConfig, *, address: str, dry_run: bool, as_json: bool) -> int:
    """Bring Vault to what hub.yaml says, then revoke the root token of init. Exit 0, or 2 for a dry run that found changes.

    Raises HubError when Vault is sealed or refuses; what was written before stays, and the next run goes on from there.
    """
    scene = open_scene(root, config)
    changes = Changes(dry_run)
    issuer = issuer_of(scene)
    with reach(scene, address) as vault, signed_in(scene, vault, root_first=True) as caller:
        _apply(scene, vault, changes, issuer)
        if not dry_run:
            _end_root(scene, vault, caller, changes)
    return _end(scene, changes, as_json=as_json)


def ensure(vault: Vault, thing: Thing, changes: Changes) -> bool:
    """Write `thing` where Vault has something else; whether it had."""
    found = vault.read(thing.path, f"read the {thing.called}")
    if found is not None and not differs(thing.body, found):
        return False
    if not changes.dry_run:
        vault.write(thing.path, f"write the {thing.called}", dict(thing.body))
    changes.made.append(f"{thing.called}: {'made' if found is None else 'brought up to date'}")
    return True


def differs(body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether Vault has something else at any key of `body`. Lists have no order, and Vault leaves out what is empty."""
    return any(_plain(value) != _plain(found.get(key)) for key, value in body.items())


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return sorted(map(str, value)) or None
    if isinstance(value, str):
        return value.strip() or None
    return value


def _apply(scene: Scene, vault: Vault, changes: Changes, issuer: str) -> None:
    config = scene.config
    roles = {key: _arn(scene, role_name(config, key)) for key in config.roles}
    for mount in wanted.mounts():
        _ensure_mount(vault, mount, changes)
    for thing in wanted.things(config, roles, issuer):
        ensure(vault, thing, changes)
    known = vault.list("auth/aws/role", "list the logins by AWS roles")
    acl = vault.list("sys/policies/acl", "list the policies")
    for path in wanted.unwanted(config, roles, known, acl):
        if not changes.dry_run:
            vault.delete(path, f"remove {path}")
        changes.made.append(f"{path.rpartition('/')[2]}: removed, hub.yaml no longer asks for it")


def _arn(scene: Scene, name: str) -> str:
    return f"arn:{partition_of(scene.config.region)}:iam::{scene.target.account}:role/{name}"


def _ensure_mount(vault: Vault, mount: Mount, changes: Changes) -> None:
    listing, _, name = mount.path.rpartition("/")
    there = (vault.read(listing, f"look at the {mount.called}") or {}).get(f"{name}/")
    if there is None:
        if not changes.dry_run:
            vault.write(mount.path, f"switch on the {mount.called}", _body(mount))
        changes.made.append(f"{mount.called}: switched on")
        return
    _check_kind(mount, there)
    if mount.config and differs(mount.config, there.get("config") or {}):
        if not changes.dry_run:
            vault.write(f"{mount.path}/tune", f"set the lifetimes of the {mount.called}", dict(mount.config))
        changes.made.append(f"{mount.called}: credentials of an hour at most")


def _body(mount: Mount) -> dict[str, Any]:
    more = {key: dict(value) for key, value in (("options", mount.options), ("config", mount.config)) if value}
    return {"type": mount.kind, "description": f"Hubsmith: {mount.called}", **more}


def _check_kind(mount: Mount, there: Mapping[str, Any]) -> None:
    path = mount.path.removeprefix("sys/")
    if there.get("type") != mount.kind:
        raise HubError(
            f"{path} in Vault is of type {there.get('type')}, not {mount.kind}",
            fix="somebody else uses it: move theirs, then run this again",
        )
    if mount.options and differs(mount.options, there.get("options") or {}):
        wants = ", ".join(f"{key}={value}" for key, value in mount.options.items())
        raise HubError(
            f"{path} in Vault does not have {wants}", fix="`vault audit disable file` ends it; then run this again, which makes it right"
        )


def _end_root(scene: Scene, vault: Vault, caller: Caller, changes: Changes) -> None:
    """Root has done its work; from now on admins sign in by their AWS role."""
    if not caller.is_root:
        return
    if not wanted.admins(scene.config):
        # Revoked now, nobody could ever sign in again.
        changes.root_kept = True
        return
    vault.write("auth/token/revoke-self", "revoke the root token", {})
    vault.use("")
    changes.root_revoked = True
    scene.keeper.forget_root()


def _end(scene: Scene, changes: Changes, *, as_json: bool) -> int:
    env = scene.config.env
    code = 2 if changes.dry_run and changes.made else 0
    if as_json:
        facts = {"dry_run": changes.dry_run, "changes": changes.made, "root_revoked": changes.root_revoked, "root_kept": changes.root_kept}
        return finish(scene.config, "configure", facts, code=code)
    count = f"{len(changes.made)} change{'' if len(changes.made) == 1 else 's'}"
    out(
        f"{env}: Vault {'would have ' if changes.dry_run else 'has '}{count}"
        if changes.made
        else f"{env}: Vault is as hub.yaml wants it; no change"
    )
    for each in changes.made:
        out(f"  {each}")
    for line in _about_root(scene, changes):
        out(f"  {line}")
    return code


def _about_root(scene: Scene, changes: Changes) -> list[str]:
    env = scene.config.env
    if changes.root_revoked:
        return [
            "root token: revoked; admins sign in by their AWS role from now on",
            f"next: ./hub vault link-user {env} <e-mail> <role ARN>",
        ]
    if changes.root_kept:
        return [f"root token: kept, because nobody else could sign in. Name cluster.admins in envs/{env}/hub.yaml and run this again"]
    return []
