"""Names that the Vault stack, `./hub vault` and the hub agree on: where Vault answers, its secrets, and which roles it may assume."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

#: The stack, the release and the chart's own name for everything it makes.
STACK = RELEASE = "vault"
#: Service of all members that are ready, the name of the StatefulSet (its pods are vault-0 …), and the headless service.
SERVICE, STATEFUL_SET, INTERNAL_SERVICE = "vault", "vault", "vault-internal"
SERVICE_ACCOUNT = "vault"
#: API, and what members say to each other.
PORT, CLUSTER_PORT = 8200, 8201
#: What the chart puts on Vault's pods, and Vault itself on the one that leads.
LABELS = {"app.kubernetes.io/name": "vault", "component": "server"}
ACTIVE_LABELS = {**LABELS, "vault-active": "true"}
INJECTOR_LABELS = {"app.kubernetes.io/name": "vault-agent-injector"}
#: Claims of the members' volumes, as the chart names them: `data-vault-0`, `audit-vault-0`.
DATA_CLAIM, AUDIT_CLAIM = "data", "audit"
#: Where the volumes are mounted, and the file of the audit device.
DATA_FOLDER, AUDIT_FOLDER = "/vault/data", "/vault/audit"
AUDIT_FILE = f"{AUDIT_FOLDER}/audit.log"

#: Secrets of the env (`<deployment>/…` in Secrets Manager). The first is JSON with the three keys below, each PEM; the second is the
#: CA certificate alone, PEM, which is no secret: it is there so that what trusts it need not read the key.
TLS_SECRET, CA_SECRET = "vault-tls", "vault-ca"
CA_KEY, CERTIFICATE_KEY, PRIVATE_KEY = "ca", "certificate", "key"
#: Written by `./hub vault init`; the second until `./hub vault configure` has revoked it.
RECOVERY_KEYS_SECRET, ROOT_TOKEN_SECRET = "vault-recovery-keys", "vault-root-token"
#: All of them; no person sets any.
SECRETS = (CA_SECRET, RECOVERY_KEYS_SECRET, ROOT_TOKEN_SECRET, TLS_SECRET)

#: Outputs of the stack: whom a user's role must trust, and the key that unseals.
ROLE_OUTPUT, KEY_OUTPUT = "vault_role_arn", "vault_unseal_key_arn"

#: Mounts of Vault's engines. The injector looks for logins under this path unless a pod says otherwise.
AWS_MOUNT = "aws"
AUTH_PATH = "auth/aws"
#: Roles of the aws engine that stand for people.
USER_ROLE_PREFIX = "userrole-"

#: What `vault.user_roles` is when nobody says: roles that were made for this, in any account.
DEFAULT_ROLE_NAME = "hubsmith-vault-*"


def url(namespace: str) -> str:
    """Where Vault answers inside the cluster."""
    return f"https://{SERVICE}.{namespace}.svc:{PORT}"


def certificate_names(namespace: str) -> tuple[str, ...]:
    """DNS names the certificate has to carry: of the services, of each member, and of a port-forward."""
    services = (SERVICE, f"{SERVICE}-active", f"{SERVICE}-standby")
    inside = [f"{service}.{namespace}{rest}" for service in services for rest in ("", ".svc", ".svc.cluster.local")]
    # Not `*.vault-internal`: OpenSSL takes no wildcard with a single label behind it.
    members = [f"*.{INTERNAL_SERVICE}.{namespace}{rest}" for rest in ("", ".svc", ".svc.cluster.local")]
    return (SERVICE, *inside, *members, "localhost")


def default_user_roles(partition: str) -> tuple[str, ...]:
    """The roles Vault may assume when the env names none."""
    return (f"arn:{partition}:iam::*:role/{DEFAULT_ROLE_NAME}",)


def may_assume(patterns: Iterable[str], role_arn: str) -> bool:
    """Whether Vault's own policy lets it assume `role_arn`; `*` stands for any characters, as in IAM."""
    return any(fnmatchcase(role_arn, re.sub(r"\[", "[[]", pattern)) for pattern in patterns)
