"""A client of the cluster's API that renews its own token, tried once before anything is served."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from kubernetes.client import ApiClient, AppsV1Api, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException, load_incluster_config
from urllib3.exceptions import HTTPError

from modules.common.errors import HubError
from modules.launcher.aws.cluster import Cluster, find_cluster
from modules.launcher.aws.credentials import make_source
from modules.launcher.aws.token import make_token
from modules.launcher.errors import Unavailable
from modules.launcher.protocols import Store
from modules.launcher.renewed import Clock, Renewed, now

_TRY_SECONDS = (5, 15)


def connect(runtime: Any, store: Store, *, clock: Clock = now) -> ApiClient:
    """A client for the cluster of `runtime` (settings.runtime.EksRuntime), shared by all threads.

    Raises HubError, one sentence, when AWS or the cluster refuses these settings. Later refusals are errors.Unavailable.
    """
    configuration = Configuration(retries=False)
    configuration.connection_pool_maxsize = runtime.calls_at_once
    if runtime.credentials.in_cluster:
        _from_inside(configuration)
    else:
        _from_outside(configuration, runtime, store, clock)
    api = ApiClient(configuration)
    for namespace in runtime.all_namespaces:
        _try(api, namespace)
    return api


def _from_inside(configuration: Configuration) -> None:
    try:
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except (ConfigException, OSError) as error:
        raise HubError(
            f"the launcher does not run in a cluster: {error}",
            where="runtime.credentials.in_cluster",
            fix="use ambient, profile or access_key",
        ) from error


def _from_outside(configuration: Configuration, runtime: Any, store: Store, clock: Clock) -> None:
    source = make_source(runtime.credentials, runtime.region, store, clock)
    cluster = find_cluster(runtime.cluster_name, runtime.region, source())
    _point(configuration, cluster, runtime.endpoint)
    token = make_token(source, runtime.cluster_name, runtime.region, clock)
    renew = _hook(token)
    token.get()  # what fails now is a HubError, the hook's failures are answers to callers
    renew(configuration)
    # The client's stub knows the hook as None only.
    configuration.refresh_api_key_hook = renew  # type: ignore[assignment]


def _point(configuration: Configuration, cluster: Cluster, other: str | None) -> None:
    configuration.host = other or cluster.endpoint
    if urlsplit(configuration.host).scheme != "https":
        return
    try:
        configuration.ca_cert_data = base64.b64decode(cluster.certificate, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise HubError("EKS gave a certificate that cannot be read", where="runtime.cluster_name", fix="try again") from error
    if other:
        configuration.tls_server_name = urlsplit(cluster.endpoint).hostname


def _hook(token: Renewed[str]) -> Callable[[Configuration], None]:
    def renew(configuration: Configuration) -> None:
        try:
            configuration.api_key["BearerToken"] = f"Bearer {token.get()[0]}"
        except HubError as error:
            raise Unavailable(f"the launcher has lost its access to the cluster: {error.what}") from error

    return renew


def _try(api: ApiClient, namespace: str) -> None:
    """List nothing much, as the runtime will."""
    host = str(api.configuration.host)
    try:
        AppsV1Api(api).list_namespaced_deployment(namespace, limit=1, _request_timeout=_TRY_SECONDS)
    except ApiException as error:
        raise _refusal(error, namespace) from error
    except (HTTPError, OSError) as error:
        raise HubError(
            f"the cluster's API at {host} cannot be reached: {_reason(error)}",
            where="runtime.cluster_name",
            fix="see whether its endpoint is private; a tunnel's near end may be named as runtime.endpoint",
        ) from error


def _refusal(error: ApiException, namespace: str) -> HubError:
    if error.status == 401:
        return HubError(
            "the cluster does not know these credentials", where="runtime.credentials", fix="give their IAM user or role an access entry"
        )
    if error.status == 403:
        return HubError(
            f"these credentials may not list deployments in the namespace {namespace}",
            where="runtime.namespace",
            fix="bind them a Role with deployments, services, pods and secrets there",
        )
    if not error.status:  # how the client tells that TLS failed
        return HubError(
            f"the cluster's API does not show the certificate that EKS names: {str(error.reason).rsplit(': ', 1)[-1]}",
            where="runtime",
            fix="see what stands between the launcher and the cluster, such as a proxy or another cluster's tunnel",
        )
    return HubError(f"the cluster's API answered {error.status} {error.reason or ''}".rstrip(), fix="look at the cluster, then start again")


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return str(cause).rsplit(": ", 1)[-1]
