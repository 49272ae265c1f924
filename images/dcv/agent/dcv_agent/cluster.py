"""The Kubernetes API: one ConfigMap, and the scale of one Deployment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
import yaml
from kubernetes import client

from dcv_agent.errors import Conflict, Trouble

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_MERGE = "application/merge-patch+json"
_TIMES = (3, 10)  # seconds to connect, to answer
_ADVICE = {
    401: "the pod's token is refused; it is read again at the next attempt",
    403: "the Role dcv-agent-role must allow this",
    404: "it is gone; apply the desktop stack again",
}


class Cluster:
    """The agent's few calls; every failure is a Trouble that names the call and the code."""

    def __init__(self, namespace: str, configuration: client.Configuration) -> None:
        self._namespace = namespace
        api = client.ApiClient(configuration)
        self._core, self._apps = client.CoreV1Api(api), client.AppsV1Api(api)

    def config_map(self, name: str) -> tuple[dict[str, str], str]:
        """Its data and its resource version."""
        with _named(f"get configmaps/{name}"):
            found: Any = self._core.read_namespaced_config_map(name, self._namespace, _request_timeout=_TIMES)
            return dict(found.data or {}), str(found.metadata.resource_version)

    def patch_config_map(self, name: str, data: dict[str, str | None], version: str | None = None) -> None:
        """Merges these keys alone (None removes one); with `version`, only onto that version, else Conflict."""
        body: dict[str, Any] = {"data": data}
        if version:
            body["metadata"] = {"resourceVersion": version}
        with _named(f"patch configmaps/{name}"):
            self._core.patch_namespaced_config_map(name, self._namespace, body, _content_type=_MERGE, _request_timeout=_TIMES)

    def replicas(self, deployment: str) -> tuple[int, str]:
        """How many replicas are wanted, and the resource version of that wish."""
        with _named(f"get deployments/{deployment}/scale"):
            found: Any = self._apps.read_namespaced_deployment_scale(deployment, self._namespace, _request_timeout=_TIMES)
            return int(found.spec.replicas or 0), str(found.metadata.resource_version)

    def stop(self, deployment: str, version: str) -> None:
        """Wants no replicas any more, unless somebody changed the wish since `version` (Conflict)."""
        body = {"metadata": {"resourceVersion": version}, "spec": {"replicas": 0}}
        with _named(f"patch deployments/{deployment}/scale"):
            self._apps.patch_namespaced_deployment_scale(deployment, self._namespace, body, _content_type=_MERGE, _request_timeout=_TIMES)


def configuration(environment: Mapping[str, str] = os.environ, account: Path = SERVICE_ACCOUNT) -> client.Configuration:
    """How to reach the API: KUBECONFIG (its first cluster, and the tokenFile of its first user) when set, else the pod's own account.

    The token's file is read at every call. The kubernetes package's own loader reads it once a minute, and a token that
    was replaced in between would be refused until then.
    """
    made = client.Configuration()
    if environment.get("KUBECONFIG"):
        chosen = yaml.safe_load(Path(environment["KUBECONFIG"]).read_text())
        made.host = chosen["clusters"][0]["cluster"]["server"]
        made.ssl_ca_cert = chosen["clusters"][0]["cluster"].get("certificate-authority")
        token = Path(chosen["users"][0]["user"]["tokenFile"])
    else:
        host, port = environment.get("KUBERNETES_SERVICE_HOST", ""), environment.get("KUBERNETES_SERVICE_PORT", "443")
        if not host:
            raise Trouble("KUBERNETES_SERVICE_HOST is not set: this is no pod, or its service links were switched off")
        made.host = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
        made.ssl_ca_cert, token = str(account / "ca.crt"), account / "token"
    # The agent's own loop waits and tries again; retries inside a call would hide an outage for a minute.
    made.retries = False
    made.api_key = {"BearerToken": "read at each call"}
    hooked: Any = made  # the package's types say that the hook is None
    hooked.refresh_api_key_hook = _reader(token)
    return made


def _reader(token: Path) -> Callable[[client.Configuration], None]:
    def read(made: client.Configuration) -> None:
        made.api_key["BearerToken"] = f"Bearer {token.read_text().strip()}"

    return read


@contextmanager
def _named(call: str) -> Iterator[None]:
    try:
        yield
    except client.ApiException as problem:
        kind = Conflict if problem.status == 409 else Trouble
        advice = f": {_ADVICE[problem.status]}" if problem.status in _ADVICE else ""
        raise kind(f"Kubernetes: {call} answered {problem.status} {problem.reason}{advice}", code=str(problem.status)) from None
    except urllib3.exceptions.HTTPError as problem:
        # Its text holds addresses and object ids: the kind is enough, and is the same at every attempt.
        raise Trouble(f"Kubernetes: {call} got no answer ({type(problem).__name__})", code=type(problem).__name__) from None
    except OSError as problem:
        raise Trouble(f"Kubernetes: {call} needs the pod's token, which cannot be read: {problem.strerror}", code="token") from None
    except (ValueError, TypeError, AttributeError) as problem:
        raise Trouble(f"Kubernetes: {call} answered something that cannot be read ({type(problem).__name__})", code="garbage") from None
