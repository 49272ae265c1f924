"""./hub vault users: who is linked to which role."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from modules.common import vault as refs
from modules.common.servers import LOGIN
from modules.config.models import HubConfig
from modules.ops.say import out
from modules.ops.vault import policies
from modules.ops.vault.client import Vault
from modules.ops.vault.login import signed_in
from modules.ops.vault.reach import reach
from modules.ops.vault.scene import open_scene
from modules.ops.vault.words import finish, table

_HEAD = ("user", "role", "pod that may")


@dataclass(frozen=True)
class Linked:
    """One person of Vault's. pod: "" where the way in is missing."""

    email: str
    role_arns: tuple[str, ...]
    pod: str


def linked(vault: Vault) -> tuple[Linked, ...]:
    """Everybody, by address. Raises HubError when Vault refuses."""
    what = "list who is linked"
    names = [each for each in vault.list(f"{refs.AWS_MOUNT}/roles", what) if each.startswith(refs.USER_ROLE_PREFIX)]
    pods = {}
    for pod in vault.list(f"auth/{LOGIN}/role", what):
        for policy in (vault.read(f"auth/{LOGIN}/role/{pod}", what) or {}).get("token_policies") or ():
            pods[policy] = pod
    roles = {name: tuple((vault.read(f"{refs.AWS_MOUNT}/roles/{name}", what) or {}).get("role_arns") or ()) for name in names}
    return tuple(Linked(name.removeprefix(refs.USER_ROLE_PREFIX), arns, pods.get(name, "")) for name, arns in roles.items())


def users(root: Path, config: HubConfig, *, address: str, as_json: bool) -> int:
    """Print one line a person. Exit 0, also for nobody."""
    scene = open_scene(root, config)
    with reach(scene, address) as vault, signed_in(scene, vault):
        found = linked(vault)
        shared = policies.SHARED_POLICY in vault.list("sys/policies/acl", "list the policies")
    if as_json:
        rows = [{"user": each.email, "role_arns": list(each.role_arns), "pod": each.pod} for each in found]
        return finish(config, "users", {"users": rows, "shared_policy": shared})
    out(f"{config.env}: {len(found)} {'person' if len(found) == 1 else 'people'} linked")
    if found:
        for line in table([_HEAD, *((each.email, ", ".join(each.role_arns), each.pod or "none: link again") for each in found)]):
            out(line)
    else:
        out(f"  ./hub vault link-user {config.env} <e-mail> <role ARN>")
    if shared:
        out("  shared_user_policy: every pod that logs in by AWS reads all of these")
    return 0
