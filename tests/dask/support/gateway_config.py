"""The gateway server's configuration in a test: applies gateway.json, then runs the chart's extraConfig as the chart does.

One thing stands in: PerUserKubeBackend is made of the package's own PerUser and the backend that runs schedulers and workers as
processes here, with the options of the one for Kubernetes. Everything else of the package runs as it is shipped.
"""

import json
import sys
from pathlib import Path
from types import ModuleType

from dask_gateway_server.backends.kubernetes.backend import KubeClusterConfig
from dask_gateway_server.backends.local import UnsafeLocalBackend

c = get_config()  # noqa: F821  # the server puts it here
given = json.loads(Path("gateway.json").read_text())

for name, traits in given["traits"].items():
    c[name].update(traits)
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.JupyterHubAuthenticator"
c.LocalBackend.cluster_config_class = KubeClusterConfig


class _Backend(ModuleType):
    """Stands in for hubsmith_gateway.kubernetes."""

    def __getattr__(self, name: str) -> type:
        if name != "PerUserKubeBackend":
            raise AttributeError(name)
        from hubsmith_gateway.per_user import PerUser

        return type(name, (PerUser, UnsafeLocalBackend), {})


sys.modules["hubsmith_gateway.kubernetes"] = _Backend("hubsmith_gateway.kubernetes")
for name, source in given["snippets"]:
    exec(compile(source, name, "exec"))  # noqa: S102  # the chart writes them into this file
