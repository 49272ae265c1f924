"""The Kubernetes API of an env's cluster, as far as verbs need it: read anything, set one Deployment's scale."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import client
from modules.ops.cluster_access import KUBECONFIG
from modules.ops.failures.aws import doing, is_missing
from modules.ops.failures.kubernetes import Door, asking
from modules.ops.target import Target, rehearsal_kubernetes

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, Configuration

#: Seconds to reach the API, and to wait for its answer: a private endpoint drops what it does not know, so waiting longer tells nothing.
_PATIENCE = (5.0, 20.0)
#: A token is good for 14 minutes (eks_token); waiting for a node takes longer.
_TOKEN_SECONDS = 600.0
_ERRORS_FROM = 400
#: What passes by itself, most often within a second: a server too busy, or one of several that is just restarting. The server names
#: the same pause for 429, https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
_BUSY, _SERVER_ERRORS_FROM = 429, 500
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Replicas:
    """A Deployment's size: what is asked for, and how many pods are ready."""

    wanted: int
    ready: int


class ClusterApi:
    """One cluster. Its methods raise HubError when the cluster cannot be reached or refuses.

    A read that fails in passing is asked once more, so that a wait of many minutes outlives it. A cluster that has not answered
    yet is not: whether one gets through at all is to be known soon.
    """

    def __init__(self, api: ApiClient, door: Door) -> None:
        self._api = api
        self._door = door
        self._answered = False

    def read(self, path: str, what: str, **query: str) -> dict[str, Any] | None:
        """The JSON object at `path` (`/api/v1/nodes`), as the server wrote it; None when there is none. what: for messages."""
        text = self.ask("GET", f"{path}?{urlencode(query)}" if query else path, f"read {what}")
        try:
            return None if text is None else cast("dict[str, Any]", json.loads(text))
        except ValueError:
            name = self._door.config.cluster_name
            fix = "a proxy or a sign-in page stands between: set NO_PROXY for the cluster's endpoint, or run this elsewhere"
            raise HubError(f"could not read {what}: what answers for the cluster {name} sent no JSON", fix=fix) from None

    def items(self, path: str, what: str, **query: str) -> list[dict[str, Any]]:
        """The objects of the list at `path`; none for a kind that the cluster does not know."""
        return list((self.read(path, what, **query) or {}).get("items") or ())

    def config_map(self, namespace: str, name: str) -> dict[str, str] | None:
        """The data of a ConfigMap; None when there is none."""
        from kubernetes.client import CoreV1Api

        with asking(self._door, f"read the ConfigMap {name} in namespace {namespace}"):
            found = CoreV1Api(self._api).read_namespaced_config_map(name, namespace, _request_timeout=_PATIENCE)
            return dict(found.data or {})
        return None

    def replicas(self, namespace: str, name: str) -> Replicas | None:
        """The size of a Deployment; None when there is none."""
        from kubernetes.client import AppsV1Api

        with asking(self._door, f"read the Deployment {name} in namespace {namespace}"):
            found = AppsV1Api(self._api).read_namespaced_deployment(name, namespace, _request_timeout=_PATIENCE)
            return Replicas((found.spec.replicas if found.spec else 0) or 0, (found.status.ready_replicas if found.status else 0) or 0)
        return None

    def scale(self, namespace: str, name: str, replicas: int) -> bool:
        """Set the size of a Deployment; False when there is none."""
        from kubernetes.client import AppsV1Api

        with asking(self._door, f"scale the Deployment {name} in namespace {namespace}"):
            body = {"spec": {"replicas": replicas}}
            AppsV1Api(self._api).patch_namespaced_deployment_scale(name, namespace, body, _request_timeout=_PATIENCE)
            return True
        return False

    def forward(self, namespace: str, pod: str, port: int) -> socket.socket:
        """A connection to a port of a pod. Raises HubError also when there is no such pod."""
        from modules.ops.pod_forward import connect

        what = f"open a way to {pod} in namespace {namespace}"
        with asking(self._door, what):
            return connect(self._api.configuration, namespace, pod, port)
        raise HubError(f"could not {what}: it is gone", fix="run the same command again: a new one may have taken its place")

    def ask(self, method: str, path: str, what: str, *, body: Any = None, kind: str = "application/json") -> bytes | None:
        """The answer to one call of any path, as it came; None for 404. what: the rest of "could not ...". kind: of `body`."""
        from kubernetes.client import ApiException
        from urllib3.exceptions import HTTPError

        with asking(self._door, what):
            try:
                return self._once(method, path, body, kind)
            except (ApiException, HTTPError) as error:
                if method != "GET" or not self._may_pass(error):
                    raise
            time.sleep(_AGAIN_SECONDS)
            return self._once(method, path, body, kind)
        return None

    def _once(self, method: str, path: str, body: Any, kind: str) -> bytes:
        from kubernetes.client import ApiException

        headers = {"Accept": "application/json, text/plain", "Content-Type": kind}
        request = self._api.param_serialize(method, path, header_params=headers, body=body, auth_settings=["BearerToken"])
        answer: Any = self._api.call_api(*request, _request_timeout=_PATIENCE)
        text = bytes(answer.read())
        if answer.status >= _ERRORS_FROM:
            raise ApiException.from_response(http_resp=answer, body=text.decode("utf-8", "replace"), data=None)
        self._answered = True
        return text

    def _may_pass(self, error: Exception) -> bool:
        from kubernetes.client import ApiException

        if isinstance(error, ApiException):
            status = int(error.status or 0)
            return status == _BUSY or status >= _SERVER_ERRORS_FROM
        return self._answered


def open_cluster(root: Path, config: HubConfig, target: Target) -> ClusterApi:
    """The cluster of `config`: the one HUB_KUBECONFIG names, else a rehearsal's, else EKS's.

    Raises HubError when there is no such cluster, or its API has no endpoint yet. Nothing is asked of the cluster itself.
    """
    from kubernetes.client import ApiClient, Configuration

    kubeconfig = os.environ.get(KUBECONFIG)
    if kubeconfig:
        return ClusterApi(_from_file(kubeconfig), Door(config))
    if target.is_rehearsal:
        return ClusterApi(ApiClient(Configuration(host=rehearsal_kubernetes(root, config), retries=0)), Door(config))
    found = _describe(config, target)
    authority = base64.b64decode(found["certificateAuthority"]["data"]).decode()
    settings: Any = Configuration(host=found["endpoint"], ca_cert_data=authority, retries=0)
    settings.api_key_prefix["authorization"] = "Bearer"
    settings.refresh_api_key_hook = renew = _renewed(config)
    # The client asks the hook only where a token lies already.
    renew(settings)
    is_public = bool(found.get("resourcesVpcConfig", {}).get("endpointPublicAccess", True))
    return ClusterApi(ApiClient(settings), Door(config, found["endpoint"], is_public, _caller(config, target)))


def _from_file(kubeconfig: str) -> ApiClient:
    from kubernetes import config as files
    from kubernetes.client import ApiClient, Configuration

    settings, load = Configuration(retries=0), cast(Any, files.load_kube_config)
    try:
        load(config_file=kubeconfig, client_configuration=settings, persist_config=False)
    except (OSError, files.ConfigException) as error:
        raise HubError(f"{KUBECONFIG} names {kubeconfig}, which is no kubeconfig", fix="name a kubeconfig, or unset it") from error
    return ApiClient(settings)


def _describe(config: HubConfig, target: Target) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    name = config.cluster_name
    with doing(f"look for the cluster {name}"):
        try:
            found: dict[str, Any] = client(target.session, "eks", config.region).describe_cluster(name=name)["cluster"]
        except ClientError as error:
            if is_missing(error):
                fix = "correct cluster.existing.name" if config.cluster.existing else f"./install.sh {config.env} makes it"
                raise HubError(f"there is no cluster {name} in {config.region}", fix=fix) from error
            raise
    if not found.get("endpoint"):
        raise HubError(f"the cluster {name} has no endpoint: it is {found.get('status', 'unknown')}", fix="wait until it is ACTIVE")
    return found


def _renewed(config: HubConfig) -> Callable[[Configuration], None]:
    """Puts a token into the client's settings, and a new one when it grows old."""
    from modules.ops.eks_token import token

    made = -_TOKEN_SECONDS

    def renew(settings: Configuration) -> None:
        nonlocal made
        if time.monotonic() - made >= _TOKEN_SECONDS:
            settings.api_key["authorization"] = token(config, os.environ)
            made = time.monotonic()

    return renew


def _caller(config: HubConfig, target: Target) -> Callable[[], str]:
    """Who the cluster sees, asked of AWS only when it refuses."""

    def who() -> str:
        if config.cluster.existing and config.cluster.existing.admin_role_arn:
            return config.cluster.existing.admin_role_arn
        with doing("ask AWS who these credentials are"):
            return str(client(target.session, "sts", config.region).get_caller_identity()["Arn"])

    return who
