"""The DaemonSet of desktops: one privileged pod with systemd, the DCV server and the agent on each desktop node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, kubernetes
from modules.common import desktops as refs

_POD = "DaemonSetV1SpecTemplateSpec"
_CONTAINER = f"{_POD}Container"
_HEALTH = "/usr/local/bin/check_healthy.sh"
#: A first start makes a user, a certificate and a session, on a node that may still be loading its driver.
_START_SECONDS = 600
#: systemd stops the session and the server in turn; Kubernetes' own 30 s cut users' programs off in the middle of saving.
_GRACE_SECONDS = 60


@dataclass(frozen=True)
class DaemonProps:
    """image: with its tag. host_path: folder of the node. environment: of the container. cpu: cores; memory: as Kubernetes
    writes it; gpus: whole cards. selector, tolerations: of its nodes."""

    image: str
    host_path: str
    environment: Mapping[str, str]
    cpu: float
    memory: str
    gpus: int
    selector: Mapping[str, str]
    tolerations: Sequence[Mapping[str, str]]


def daemon(stack: Stack, props: DaemonProps, *, namespace: str, depends_on: Sequence[Any]) -> Any:
    """`dcv-agent`. Not waited for: a desktop is ready when its node is, which may be never while nobody wants one."""
    ns = kubernetes.daemon_set_v1
    return ns.DaemonSetV1(
        stack,
        "daemon",
        metadata=ns.DaemonSetV1Metadata(name=refs.DAEMON_SET, namespace=namespace, labels=dict(refs.LABELS)),
        spec=ns.DaemonSetV1Spec(
            selector=ns.DaemonSetV1SpecSelector(match_labels=dict(refs.LABELS)),
            # One at a time: people keep their other desktops while an image is changed.
            strategy=ns.DaemonSetV1SpecStrategy(
                type="RollingUpdate", rolling_update=ns.DaemonSetV1SpecStrategyRollingUpdate(max_unavailable="1")
            ),
            template=ns.DaemonSetV1SpecTemplate(metadata=ns.DaemonSetV1SpecTemplateMetadata(labels=dict(refs.LABELS)), spec=_pod(props)),
        ),
        wait_for_rollout=False,
        depends_on=list(depends_on),
    )


def _part(kind: str, /, **values: Any) -> Any:
    return getattr(kubernetes.daemon_set_v1, kind)(**values)


def _pod(props: DaemonProps) -> Any:
    return _part(
        _POD,
        service_account_name=refs.SERVICE_ACCOUNT,
        automount_service_account_token=True,
        # Variables for each Service of the namespace would be one more thing that units pass on.
        enable_service_links=False,
        restart_policy="Always",
        termination_grace_period_seconds=_GRACE_SECONDS,
        node_selector=dict(props.selector),
        toleration=[_part(f"{_POD}Toleration", **toleration) for toleration in props.tolerations],
        container=[_container(props)],
        volume=[
            # systemd mounts a fresh /run over whatever is there, unless something is mounted already: the pod's live tokens
            # are in /run/secrets, and the seed's image copied them away, to expire.
            _volume("run", empty_dir=_part(f"{_POD}VolumeEmptyDir", medium="Memory")),
            *(_volume(name, host_path=_folder(f"{props.host_path}/{name}")) for name in (refs.SOCKETS, refs.AUTH)),
            # A certificate of the operator's; without one the server signs its own.
            _volume(refs.TLS, secret=_part(f"{_POD}VolumeSecret", secret_name=refs.TLS, optional=True)),
        ],
    )


def _volume(name: str, /, **source: Any) -> Any:
    return _part(f"{_POD}Volume", name=name, **source)


def _folder(path: str) -> Any:
    return _part(f"{_POD}VolumeHostPath", path=path, type="DirectoryOrCreate")


def _container(props: DaemonProps) -> Any:
    asked = {"cpu": f"{props.cpu:g}", "memory": props.memory}
    cards = {"nvidia.com/gpu": str(props.gpus)} if props.gpus else {}
    mounts = {"run": "/run", refs.SOCKETS: refs.SOCKETS_MOUNT, refs.AUTH: refs.AUTH_MOUNT, refs.TLS: refs.TLS_MOUNT}
    return _part(
        _CONTAINER,
        name=refs.CONTAINER,
        image=props.image,
        # The tag is fixed: a node that has the image needs no registry to bring a desktop back.
        image_pull_policy="IfNotPresent",
        command=["/usr/local/bin/run_script.sh"],
        env=[*(_variable(name, value=value) for name, value in sorted(props.environment.items())), *_where_it_runs()],
        port=[_port("dcv-tcp", "TCP"), _port("dcv-udp", "UDP")],
        # systemd as process 1, a kernel module's devices and an X server: none of them runs with less.
        security_context=_part(f"{_CONTAINER}SecurityContext", privileged=True),
        # No CPU limit: a throttled encoder shows as a stuttering screen, and the node is the desktop's alone.
        resources=_part(f"{_CONTAINER}Resources", requests={**asked, **cards}, limits={"memory": props.memory, **cards}),
        volume_mount=[_part(f"{_CONTAINER}VolumeMount", name=name, mount_path=path) for name, path in mounts.items()],
        startup_probe=_probe("Startup", "live", period=10, failures=_START_SECONDS // 10),
        readiness_probe=_probe("Readiness", "ready", period=10, failures=2),
        # Three misses in a minute restart the pod, and with it the session; a busy GPU alone must not.
        liveness_probe=_probe("Liveness", "live", period=20, failures=3),
    )


def _variable(name: str, /, **source: Any) -> Any:
    return _part(f"{_CONTAINER}Env", name=name, **source)


def _where_it_runs() -> list[Any]:
    found = {"NODE_NAME": "spec.nodeName", "POD_NAMESPACE": "metadata.namespace"}
    return [
        _variable(
            name,
            value_from=_part(f"{_CONTAINER}EnvValueFrom", field_ref=_part(f"{_CONTAINER}EnvValueFromFieldRef", field_path=path)),
        )
        for name, path in found.items()
    ]


def _port(name: str, protocol: str) -> Any:
    return _part(f"{_CONTAINER}Port", name=name, container_port=refs.PORT, protocol=protocol)


def _probe(kind: str, question: str, *, period: int, failures: int) -> Any:
    """The health check asks the server and the session, which takes longer than the second Kubernetes gives by default."""
    command = _part(f"{_CONTAINER}{kind}ProbeExec", command=[_HEALTH, question])
    return _part(f"{_CONTAINER}{kind}Probe", exec=command, period_seconds=period, failure_threshold=failures, timeout_seconds=10)
