"""Prints the pods that dask-gateway's controller would make of one cluster, asked for as in argv[2]. Runs in the Dask environment.

argv[1]: gateway.json, as tests/dask/support/gateway.py writes it. Nothing but the calls to Kubernetes is left out.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

from dask_gateway_server.backends.kubernetes.backend import KubeClusterConfig
from dask_gateway_server.backends.kubernetes.controller import KubeController
from dask_gateway_server.utils import FrozenAttrDict
from traitlets.config import Config

given = json.loads(Path(sys.argv[1]).read_text())
c = Config()
for name, traits in given["traits"].items():
    c[name].update(traits)
c.KubeController.update({"gateway_instance": "dask-gateway", "api_url": "http://api"})
for name, source in given["snippets"]:
    exec(compile(source, name, "exec"))  # noqa: S102  # the chart writes them into the gateway's own file

options = c.Backend.cluster_options
asked = options.parse_options(json.loads(sys.argv[2]))
user = SimpleNamespace(name="plain@example-helio.org", groups=[], admin=False)
cluster = KubeClusterConfig(config=c, namespace="dask", **options.get_configuration(asked, user))
frozen = FrozenAttrDict(json.loads(json.dumps(cluster.to_dict())))
controller = KubeController(config=c)
print(json.dumps([controller.make_pod("dask", "a1", frozen, is_worker=is_worker) for is_worker in (False, True)]))
