"""Names that the values of the JupyterHub chart and the objects beside the release agree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from modules.k8s.dask.refs import TOKEN_KEY

RELEASE = "jupyterhub"
#: The key of the launcher's token in it.
LAUNCHER_KEY = "launcher-token"
#: The Secret with the hub's credentials, and its keys by the environment variable that carries each into the hub.
SECRET = "hub-credentials"
SECRET_KEYS = {
    "HUBSMITH_CLIENT_SECRET": "client-secret",
    "HUBSMITH_DANDI_TOKENS": "dandi-tokens",
    "HUBSMITH_COOKIE_SECRET": "cookie-secret",
    "HUBSMITH_CRYPT_KEY": "crypt-key",
    "HUBSMITH_GATEWAY_TOKEN": TOKEN_KEY,
    "HUBSMITH_LAUNCHER_TOKEN": LAUNCHER_KEY,
}
#: The ConfigMap with modules/hub, the package's name in the hub, and the folder Python finds it in.
CODE, PACKAGE, CODE_FOLDER = "hub-code", "hubsmith_hub", "/usr/local/lib/hubsmith"
#: The claim of all homes, and the prefix of the claims of shared trees.
HOME_CLAIM, TREE_CLAIM = "home", "tree-"
#: The claim on a desktop's folder of its node, and the volume's name in a pod.
DESKTOP_CLAIM = "desktop"
#: The service account of users' servers.
SINGLEUSER = "single-user"


@dataclass(frozen=True)
class HubRefs:
    """What the values need beside the configuration; strings may be Terraform's, known only when it runs.

    secret_keys: those of SECRET_KEYS that this env has. secret_revision: changes with any of their values. code_digest: of
    modules/hub. client_id: of the OAuth client. cognito_domain_url: `https://…` of the hosted login, for Cognito alone.
    """

    secret_keys: tuple[str, ...]
    secret_revision: str
    code_digest: str
    client_id: str = ""
    cognito_domain_url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables of every user's server that come from other stacks, such as SCRATCH_BUCKET."""
