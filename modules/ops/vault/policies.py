"""Who may do what in Vault: its policies, in its own language, and the names of the roles that carry them."""

from __future__ import annotations

from modules.common import vault as refs

#: Of people who run the env: everything configure and link-user do, and nothing of other engines.
ADMIN_POLICY = "hubsmith-admin"
#: The login role of the same people, by their AWS role.
ADMIN_ROLE = "hubsmith-admin"
#: The seed's policy: every pod that logs in by AWS reads every user's role.
SHARED_POLICY = "read-all-user-roles"
#: What follows the key of an application role (`roles:`) in the name of its login role; the seed's was daft-service-role.
SERVICE_SUFFIX = "-service-role"

_ALL = ("create", "read", "update", "delete", "list")
#: Paths an admin needs, with capabilities. sudo: Vault asks for it where a wrong word locks everybody out.
_ADMIN = (
    ("sys/auth", ("read",)),
    ("sys/auth/*", (*_ALL, "sudo")),
    ("sys/mounts", ("read",)),
    (f"sys/mounts/{refs.AWS_MOUNT}", _ALL),
    (f"sys/mounts/{refs.AWS_MOUNT}/tune", ("read", "update")),
    ("sys/policies/acl", ("list",)),
    ("sys/policies/acl/*", _ALL),
    ("sys/audit", ("read", "sudo")),
    ("sys/audit/*", (*_ALL, "sudo")),
    ("auth/aws/*", _ALL),
    ("auth/hub/*", _ALL),
    (f"{refs.AWS_MOUNT}/config/*", _ALL),
    (f"{refs.AWS_MOUNT}/roles", ("list",)),
    (f"{refs.AWS_MOUNT}/roles/{refs.USER_ROLE_PREFIX}*", _ALL),
    # link-user asks for one set of credentials, to see whether the user's trust is there.
    (f"{refs.AWS_MOUNT}/sts/{refs.USER_ROLE_PREFIX}*", ("read",)),
)


def admin_policy() -> str:
    """The policy of people who run the env."""
    return "\n".join(_rule(path, capabilities) for path, capabilities in _ADMIN)


def shared_policy() -> str:
    """As the seed had it: the credentials of every user's role."""
    return _rule(f"{refs.AWS_MOUNT}/sts/{refs.USER_ROLE_PREFIX}*", ("read", "update"))


def user_policy(role: str) -> str:
    """The credentials of one user's role. role: such as userrole-ada@example.org."""
    return _rule(f"{refs.AWS_MOUNT}/sts/{role}", ("read", "update"))


def service_role(key: str) -> str:
    """The login role of an application role of hub.yaml."""
    return f"{key}{SERVICE_SUFFIX}"


def _rule(path: str, capabilities: tuple[str, ...]) -> str:
    listed = ", ".join(f'"{each}"' for each in capabilities)
    return f'path "{path}" {{\n  capabilities = [{listed}]\n}}\n'
