"""The launcher's pod and the Service in front of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, kubernetes, literal
from modules.common import launcher as refs
from modules.common.posix import NOTEBOOK_UID

_POD = "DeploymentV1SpecTemplateSpec"
_CONTAINER = f"{_POD}Container"
_FILE, _FOLDER = "launcher.yml", "/etc/launcher"
#: The server lets calls under way end for 35 seconds (modules/launcher/server.py), and a roll-back is one of them.
_GRACE_SECONDS = 45


@dataclass(frozen=True)
class ServerProps:
    """image: with its tag. settings: text of the settings file. prefix: where the hub shows the service. selector, tolerations: of its
    nodes."""

    image: str
    settings: str
    prefix: str
    selector: Mapping[str, str]
    tolerations: Sequence[Mapping[str, str]]


class Server:
    """ConfigMap, Deployment and Service, all called `launcher`. account: the service account's name."""

    def __init__(self, stack: Stack, props: ServerProps, *, namespace: str, account: str, depends_on: Sequence[Any]) -> None:
        ns = kubernetes.config_map_v1
        written = ns.ConfigMapV1(
            stack,
            "settings",
            metadata=ns.ConfigMapV1Metadata(name=refs.NAME, namespace=namespace),
            data={_FILE: literal(props.settings)},
        )
        self.resource: Any = _deployment(stack, props, namespace, account, [written, *depends_on])
        ns = kubernetes.service_v1
        ns.ServiceV1(
            stack,
            "service",
            metadata=ns.ServiceV1Metadata(name=refs.NAME, namespace=namespace, labels=dict(refs.LABELS)),
            spec=ns.ServiceV1Spec(
                type="ClusterIP",
                selector=dict(refs.LABELS),
                port=[ns.ServiceV1SpecPort(name="http", port=refs.SERVICE_PORT, target_port=str(refs.PORT), protocol="TCP")],
            ),
        )


def _deployment(stack: Stack, props: ServerProps, namespace: str, account: str, depends_on: Sequence[Any]) -> Any:
    digest = hashlib.sha256(props.settings.encode()).hexdigest()[:16]
    return _part(
        "DeploymentV1",
        stack,
        "server",
        metadata=_part("DeploymentV1Metadata", name=refs.NAME, namespace=namespace, labels=dict(refs.LABELS)),
        spec=_part(
            "DeploymentV1Spec",
            # One: who has how many processes, and what is still to be rolled back, is in its memory. Without a second a disruption
            # budget could only forbid every drain.
            replicas="1",
            strategy=_part("DeploymentV1SpecStrategy", type="Recreate"),
            selector=_part("DeploymentV1SpecSelector", match_labels=dict(refs.LABELS)),
            template=_part(
                "DeploymentV1SpecTemplate",
                # The file is read when the server starts.
                metadata=_part("DeploymentV1SpecTemplateMetadata", labels=dict(refs.LABELS), annotations={"hubsmith.io/settings": digest}),
                spec=_pod(props, account),
            ),
        ),
        depends_on=list(depends_on),
    )


def _pod(props: ServerProps, account: str) -> Any:
    return _part(
        _POD,
        service_account_name=account,
        automount_service_account_token=True,
        enable_service_links=False,
        termination_grace_period_seconds=_GRACE_SECONDS,
        node_selector=dict(props.selector),
        toleration=[_part(f"{_POD}Toleration", **each) for each in props.tolerations],
        security_context=_part(
            f"{_POD}SecurityContext",
            run_as_non_root=True,
            run_as_user=str(NOTEBOOK_UID),
            run_as_group=str(NOTEBOOK_UID),
            # Of the token by which EKS gives the pod its role.
            fs_group=str(NOTEBOOK_UID),
            seccomp_profile=_part(f"{_POD}SecurityContextSeccompProfile", type="RuntimeDefault"),
        ),
        container=[_container(props)],
        volume=[
            _part(f"{_POD}Volume", name="settings", config_map=_part(f"{_POD}VolumeConfigMap", name=refs.NAME)),
            _part(f"{_POD}Volume", name="tmp", empty_dir=_part(f"{_POD}VolumeEmptyDir", size_limit="64Mi")),
        ],
    )


def _container(props: ServerProps) -> Any:
    return _part(
        _CONTAINER,
        name=refs.NAME,
        image=props.image,
        image_pull_policy="IfNotPresent",
        args=["-c", f"{_FOLDER}/{_FILE}", "--host", "0.0.0.0", "--port", str(refs.PORT)],
        env=[_part(f"{_CONTAINER}Env", name="JUPYTERHUB_SERVICE_PREFIX", value=props.prefix)],
        port=[_part(f"{_CONTAINER}Port", name="http", container_port=refs.PORT, protocol="TCP")],
        # No CPU limit, which would only slow it down. It holds the list of all processes at a time: some MB for thousands.
        resources=_part(f"{_CONTAINER}Resources", requests={"cpu": "100m", "memory": "192Mi"}, limits={"memory": "512Mi"}),
        security_context=_part(
            f"{_CONTAINER}SecurityContext",
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=_part(f"{_CONTAINER}SecurityContextCapabilities", drop=["ALL"]),
        ),
        volume_mount=[
            _part(f"{_CONTAINER}VolumeMount", name="settings", mount_path=_FOLDER, read_only=True),
            _part(f"{_CONTAINER}VolumeMount", name="tmp", mount_path="/tmp"),
        ],
        # It asks the cluster once before it listens.
        startup_probe=_probe("Startup", "/healthz", period=2, failures=60),
        readiness_probe=_probe("Readiness", "/readyz", period=10, failures=3),
        liveness_probe=_probe("Liveness", "/healthz", period=20, failures=3),
    )


def _probe(kind: str, path: str, *, period: int, failures: int) -> Any:
    asked = _part(f"{_CONTAINER}{kind}ProbeHttpGet", path=path, port=str(refs.PORT))
    # /readyz asks the API server, at most once in five seconds.
    return _part(f"{_CONTAINER}{kind}Probe", http_get=asked, period_seconds=period, failure_threshold=failures, timeout_seconds=10)


def _part(kind: str, /, *where: Any, **values: Any) -> Any:
    return getattr(kubernetes.deployment_v1, kind)(*where, **values)
