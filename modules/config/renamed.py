"""Keys that had another name once. Nobody's file breaks without a sentence that says how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.config.problems import Path, Problem, problem

if TYPE_CHECKING:
    from modules.config.load import Loaded

#: Old path (a `*` stands for any one key or index) -> (what to write now, the release that changed it).
RENAMED: dict[str, tuple[str, str]] = {
    "account": ("aws.account", "0.1"),
    "profile": ("aws.profile", "0.1"),
    "vpc_cidr": ("network.cidr", "0.1"),
    "secondary_cidr_blocks": ("network.data_plane_cidr", "0.1"),
    "eks_cluster_version": ("cluster.version", "0.1"),
    "jupyterhub_domain": ("domain", "0.1"),
    "github_client_id": ("auth.client_id", "0.1"),
    "admin_users": ("auth.admins", "0.1"),
    "cluster.deletion_protection": ("storage.protect", "0.1"),
    "hub.profile_list": ("hub.profiles", "0.1"),
    "pools.*.capacity_type": ("pools.*.capacity", "0.1"),
    "pools.*.instance_types": ("pools.*.families and pools.*.sizes", "0.1"),
    "node_groups.*.families": ("node_groups.*.instance_types", "0.1"),
}


def renamed_keys(loaded: Loaded) -> list[Problem]:
    """A problem for each key of the file that has another name now."""
    found = []
    for path, source in loaded.document.sources.items():
        for old, (new, release) in RENAMED.items():
            caught = _match(path, old)
            if caught is not None:
                for key in caught:
                    new = new.replace("*", key)
                found.append(problem(source.file, path, f"is called {new} since release {release}. Move the value there.", source.line))
    return found


def _match(path: Path, pattern: str) -> list[str] | None:
    """What the stars of `pattern` stand for in `path`, or None when it does not match."""
    parts = pattern.split(".")
    if len(parts) != len(path):
        return None
    caught = []
    for part, actual in zip(parts, path, strict=True):
        if part == "*":
            caught.append(str(actual))
        elif part != actual:
            return None
    return caught
