"""The provisioning role: who may become it, and what it may do, for one env.

It can create and change what our stacks hold and nothing else: by name where AWS lets a name be chosen, by the
deployment's tag where it does not. It lives outside the IAM path it may write to, so it cannot change itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from modules.common.errors import HubError
from modules.iam import trust
from modules.iam.document import Document, merge
from modules.iam.provisioning import cluster, data, desktop, identity, network, storage, sweep
from modules.iam.provisioning.reasons import REASONS
from modules.iam.provisioning.scope import Env, Scope

__all__ = ["REASONS", "SESSION_SECONDS", "Env", "Scope", "actions", "provisioning_policies", "provisioning_policy", "provisioning_trust"]

#: A first install takes about half an hour; a session of one hour has expired in the middle of an apply.
SESSION_SECONDS = 4 * 3600

_PARTS = {
    "network-create": network.create,
    "network-change": network.change,
    "identity": identity.roles,
    "cluster": cluster.cluster,
    "keys": data.keys,
    "files": data.files,
    "names": data.names,
    "storage": storage.storage,
    "sweep": sweep.sweep,
    "desktop": desktop.desktop,
}


def provisioning_policies(config: Env) -> dict[str, Document]:
    """The role's policies by concern: each within the quota of a managed policy, together within the ten a role may have."""
    scope = Scope.of(config)
    made = {name: part(scope) for name, part in _PARTS.items()}
    # IAM takes no policy without a statement.
    return {name: policy for name, policy in made.items() if policy["Statement"]}


def provisioning_policy(config: Env) -> Document:
    """All of them as one document, for reading; it is too long to be one policy."""
    return merge(provisioning_policies(config).values())


def provisioning_trust(config: Env, principals: Sequence[str] = ()) -> Document:
    """Who may become the role: these ARNs, or, when none is given, whoever the account's own IAM policies let.

    The role's maximum session is to be SESSION_SECONDS. Raises HubError when neither an account nor a principal is known.
    """
    if not principals and config.aws.account is None:
        raise HubError(
            "this env names no account, so there is nobody the role could trust",
            where=f"envs/{config.env}/hub.yaml: aws.account",
            fix="name the account, or ask for the policy of an env that has one",
        )
    return trust.principals(list(principals) or [Scope.of(config).iam("root")])


def actions(config: Env) -> tuple[str, ...]:
    """Every action the role is allowed, sorted, for a preflight that asks AWS which of them the caller lacks."""
    found: set[str] = set()
    for statement in provisioning_policy(config)["Statement"]:
        listed = statement["Action"]
        found.update([listed] if isinstance(listed, str) else listed)
    return tuple(sorted(found))
