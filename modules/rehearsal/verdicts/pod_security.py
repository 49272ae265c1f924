"""The Pod Security Standards, a row a control, judged by the `enforce` label of a pod's namespace."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modules.config.problems import path_text
from modules.rehearsal.verdicts.fields import Manifest, Path, pods, select

#: https://kubernetes.io/docs/concepts/security/pod-security-admission/
ENFORCE = "pod-security.kubernetes.io/enforce"
_BASELINE, _RESTRICTED = "baseline", "restricted"
_CONTAINERS = "initContainers|containers|ephemeralContainers.*"
#: A container's own settings, and those its pod gives to all of them.
_EITHER = ("securityContext", f"{_CONTAINERS}.securityContext")
_PROFILES = ("RuntimeDefault", "Localhost")
_HANDLERS = "livenessProbe|readinessProbe|startupProbe", "lifecycle.postStart|preStop"
_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP",
    "SETUID", "SYS_CHROOT",
)  # fmt: skip
_SYSCTLS = (
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
)  # fmt: skip
_VOLUMES = ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"

Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Allowed:
    """A control that says which values a field may have where it is set. paths: as `fields.select` takes them, from the pod's spec.
    values: those; none at all means that the field may not be there. other_than: the one value that it may not have, instead."""

    control: str
    level: str
    paths: tuple[str, ...]
    values: Collection[Any] = ()
    other_than: Any = None

    def check(self, pod: Manifest) -> Found:
        for pattern in self.paths:
            for path, value in select(pod, pattern):
                if self.other_than is not None:
                    if value == self.other_than:
                        yield path, f"may not be {_shown(value)}"
                elif not self.values:
                    yield path, "may not be set"
                elif value not in self.values:
                    yield path, f"{_shown(value)} is none of {', '.join(map(_shown, self.values))}"


@dataclass(frozen=True)
class Needed:
    """A control that asks every container for a value. field: below securityContext. of_pod: whether the pod's own value does for
    a container that says nothing. within: whether the field is a list that must hold one of the values."""

    control: str
    level: str
    field: str
    values: tuple[Any, ...]
    of_pod: bool = False
    within: bool = False

    def check(self, pod: Manifest) -> Found:
        given = _first(pod, f"securityContext.{self.field}") if self.of_pod else None
        if given is not None and not self._is_right(given):
            yield ("securityContext", *self.field.split(".")), self._text()
        for path, container in select(pod, _CONTAINERS):
            own = _first(container, f"securityContext.{self.field}")
            if not self._is_right(own) and (own is not None or given is None):
                yield (*path, "securityContext", *self.field.split(".")), self._text()

    def _is_right(self, value: Any) -> bool:
        return bool(set(value or ()) & set(self.values)) if self.within else value in self.values

    def _text(self) -> str:
        return f"must {'hold' if self.within else 'be'} {' or '.join(map(_shown, self.values))}"


@dataclass(frozen=True)
class _Volumes:
    """The one control that looks at which field is there."""

    control: str = "Volume Types"
    level: str = _RESTRICTED

    def check(self, pod: Manifest) -> Found:
        for index, volume in enumerate(pod.get("volumes") or ()):
            for source in sorted(set(volume) - {"name", *_VOLUMES}):
                yield ("volumes", index, source), f"is none of {', '.join(_VOLUMES)}"


#: Version 1.35, without what is for Windows alone. Pods in a user namespace (hostUsers: false) get no relief here, as they do where
#: the gate UserNamespacesPodSecurityStandards is off. https://kubernetes.io/docs/concepts/security/pod-security-standards/
CONTROLS: tuple[Allowed | Needed | _Volumes, ...] = (
    Allowed("Host Namespaces", _BASELINE, ("hostNetwork|hostPID|hostIPC",), (False,)),
    Allowed("Privileged Containers", _BASELINE, (f"{_CONTAINERS}.securityContext.privileged",), (False,)),
    Allowed("Capabilities", _BASELINE, (f"{_CONTAINERS}.securityContext.capabilities.add.*",), _CAPABILITIES),
    Allowed("HostPath Volumes", _BASELINE, ("volumes.*.hostPath",)),
    Allowed("Host Ports", _BASELINE, (f"{_CONTAINERS}.ports.*.hostPort",), (0,)),
    Allowed("Host Probes / Lifecycle Hooks", _BASELINE, tuple(f"{_CONTAINERS}.{each}.httpGet|tcpSocket.host" for each in _HANDLERS), ("",)),
    Allowed("AppArmor", _BASELINE, tuple(f"{each}.appArmorProfile.type" for each in _EITHER), _PROFILES),
    Allowed(
        "SELinux",
        _BASELINE,
        tuple(f"{each}.seLinuxOptions.type" for each in _EITHER),
        ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
    ),
    Allowed("SELinux", _BASELINE, tuple(f"{each}.seLinuxOptions.user|role" for each in _EITHER), ("",)),
    Allowed("/proc Mount Type", _BASELINE, (f"{_CONTAINERS}.securityContext.procMount",), ("Default",)),
    Allowed("Seccomp", _BASELINE, tuple(f"{each}.seccompProfile.type" for each in _EITHER), _PROFILES),
    Allowed("Sysctls", _BASELINE, ("securityContext.sysctls.*.name",), _SYSCTLS),
    _Volumes(),
    Needed("Privilege Escalation", _RESTRICTED, "allowPrivilegeEscalation", (False,)),
    Needed("Running as Non-root", _RESTRICTED, "runAsNonRoot", (True,), of_pod=True),
    Allowed("Running as Non-root user", _RESTRICTED, tuple(f"{each}.runAsUser" for each in _EITHER), other_than=0),
    Needed("Seccomp", _RESTRICTED, "seccompProfile.type", _PROFILES, of_pod=True),
    Needed("Capabilities", _RESTRICTED, "capabilities.drop", ("ALL",), within=True),
    Allowed("Capabilities", _RESTRICTED, (f"{_CONTAINERS}.securityContext.capabilities.add.*",), ("NET_BIND_SERVICE",)),
)


def check_pod_security(manifest: Manifest, namespaces: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One sentence for each field of the pod that a manifest is or makes which its namespace forbids.

    namespaces: the labels of each. A namespace without the label, or of the level privileged, forbids nothing.
    """
    namespace = manifest["metadata"].get("namespace") or ""
    level = namespaces.get(namespace, {}).get(ENFORCE, "")
    found = [(where, name, text) for path, pod in pods(manifest) for where, name, text in _broken(manifest, path, pod, level)]
    why = f"the namespace {namespace} enforces {level}"
    # A real API server takes a workload with a warning and refuses its pods for ever; nobody would see that here.
    when = "" if manifest["kind"] == "Pod" else f"; its {manifest['kind']} would be made and never get a pod"
    return [f"{path_text(where)}: {text} ({name}): {why}{when}" for where, name, text in found]


def _broken(manifest: Manifest, path: Path, pod: Manifest, level: str) -> Iterator[tuple[Path, str, str]]:
    levels = {_BASELINE: (_BASELINE,), _RESTRICTED: (_BASELINE, _RESTRICTED)}.get(level, ())
    told: set[Path] = set()
    for control in CONTROLS:
        for where, text in control.check(pod) if control.level in levels else ():
            # Restricted says of some fields what baseline has said already.
            if where not in told:
                told.add(where)
                yield (*path, *where), control.control, text
    if levels:
        yield from ((where, "AppArmor", text) for where, text in _apparmor_annotations(manifest, (*path[:-1], "metadata", "annotations")))


def _apparmor_annotations(manifest: Manifest, path: Path) -> Found:
    """Still read by the kubelet beside the field. path: of the pod's annotations."""
    for where, written in select(manifest, ".".join(map(str, path))):
        for name, profile in written.items():
            if name.startswith(_APPARMOR) and profile != "runtime/default" and not profile.startswith("localhost/"):
                yield (*where, name), f"{profile} is neither runtime/default nor localhost/*"


def _first(value: Any, pattern: str) -> Any:
    return next((found for _, found in select(value, pattern)), None)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or "empty"
