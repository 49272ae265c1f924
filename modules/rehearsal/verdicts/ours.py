"""What Kubernetes would take and we do not: images without a tag, privileges, the metadata address left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from modules.config.problems import path_text
from modules.rehearsal.verdicts.fields import Manifest, Path, containers, pods
from modules.rehearsal.verdicts.pod_security import ENFORCE

#: Any pod that reaches it has the node's role. https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
_METADATA = ip_address("169.254.169.254")
#: The system's own; what runs there is Kubernetes itself and its add-ons.
_SYSTEM = "kube-system"

Found = Iterator[tuple[Path, str]]


def check_ours(manifest: Manifest, namespaces: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One sentence for each thing we refuse. namespaces: the labels of each."""
    labels = namespaces.get(manifest["metadata"].get("namespace") or "", {})
    level = labels.get(ENFORCE, "")
    found = [*_images(manifest), *_metadata_address(manifest, level), *_privileges(manifest, level)]
    return [f"{path_text(path)}: {text}" for path, text in found]


def _images(manifest: Manifest) -> Found:
    for path, container in containers(manifest):
        image = str(container.get("image", ""))
        tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
        if "@sha256:" not in image and tag in ("", "latest"):
            yield (*path, "image"), f"{image or 'no image'} has no fixed tag, so that nobody knows what runs"


def _metadata_address(manifest: Manifest, level: str) -> Found:
    if manifest["kind"] != "NetworkPolicy":
        return
    spec = manifest.get("spec") or {}
    chosen = level == "privileged" and bool(spec.get("podSelector"))
    for index, rule in enumerate(spec.get("egress") or ()):
        if rule is not None and not rule.get("to"):
            # Without peers a rule is for every address; with the ports of a name server alone it gives nobody a role.
            if {port.get("port") for port in rule.get("ports") or [{}]} != {53}:
                yield ("spec", "egress", index), f"goes to every address, {_METADATA} included; name peers"
            continue
        for number, peer in enumerate(rule.get("to") or ()):
            block = peer.get("ipBlock") or {}
            if _opens(block) and not (chosen and _is_meant(block, rule)):
                where = ("spec", "egress", index, "to", number, "ipBlock")
                yield where, f"{block['cidr']} holds {_METADATA}, which hands out the node's credentials; except it"


def _is_meant(block: Mapping[str, object], rule: Mapping[str, Any]) -> bool:
    """The address by its name, and the port that it answers on: a desktop asks there whether it is on EC2, where DCV needs no licence.
    Pods of a privileged namespace have the whole node already, so that this gives chosen ones nothing more."""
    ports = [(port.get("protocol", "TCP"), port.get("port"), port.get("endPort")) for port in rule.get("ports") or ()]
    return block.get("cidr") == f"{_METADATA}/32" and ports == [("TCP", 80, None)]


def _opens(block: Mapping[str, object]) -> bool:
    excepted = block.get("except")
    return _holds(block.get("cidr")) and not any(_holds(each) for each in (excepted if isinstance(excepted, list) else ()))


def _holds(cidr: object) -> bool:
    try:
        return cidr is not None and _METADATA in ip_network(str(cidr), strict=False)
    except ValueError:
        return False


def _privileges(manifest: Manifest, level: str) -> Found:
    """Kubernetes allows everything in a namespace without a level; here privileges stand only where a label says so. Of a namespace
    that has another level, its standard says the rest (pod_security.py)."""
    namespace = manifest["metadata"].get("namespace")
    if level or namespace == _SYSTEM:
        return
    why = f"in the namespace {namespace}, which is not labelled {ENFORCE}: privileged"
    for path, container in containers(manifest):
        context = container.get("securityContext") or {}
        if context.get("privileged"):
            yield (*path, "securityContext", "privileged"), f"true {why}"
    for path, pod in pods(manifest):
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(field):
                yield (*path, field), f"true {why}"
        for index, volume in enumerate(pod.get("volumes") or ()):
            if "hostPath" in volume:
                yield (*path, "volumes", index, "hostPath"), f"stands {why}"
