"""Terraform's values for a backend, written short."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.rehearsal.cluster.backend import ClusterBackend
from modules.rehearsal.cluster.worlds import Worlds
from modules.rehearsal.standin.backend import Refused, Values
from modules.rehearsal.standin.wire import UNKNOWN
from modules.rehearsal.verdicts.judge import Judge
from modules.rehearsal.verdicts.schemas import Schemas, known_schemas

needs_schemas = pytest.mark.skipif(
    not (known_schemas().crds("karpenter", "1.14.1") and known_schemas().values("jupyterhub", "4.4.0")),
    reason="no schemas of other projects: ./hub schemas fetch, or HUB_SCHEMAS",
)
#: The resource that most tests begin with.
NAMESPACE = "kubernetes_namespace_v1"
HOST = "https://ABC.gr7.us-east-2.eks.amazonaws.com"


def make_backend(worlds: Worlds | None = None, schemas: Schemas | None = None, patience: float = 0) -> ClusterBackend:
    """A kubernetes and helm provider in one, configured."""
    backend = ClusterBackend(worlds or Worlds(), judge=Judge(schemas or known_schemas()), patience=patience)
    backend.configure("kubernetes", {"host": HOST})
    return backend


def meta(name: str, namespace: str | None = None, **more: Any) -> list[Values]:
    """A metadata block as it is planned."""
    computed = dict.fromkeys(("generation", "resource_version", "uid"), UNKNOWN)
    return [{"name": name, "namespace": namespace, "labels": None, "annotations": None, **computed, **more}]


def namespace(name: str, **labels: str) -> Values:
    """A kubernetes_namespace_v1."""
    return {"id": UNKNOWN, "metadata": meta(name, labels=labels or None)}


def config_map(name: str, within: str, **data: str) -> Values:
    """A kubernetes_config_map_v1."""
    return {"id": UNKNOWN, "metadata": meta(name, within), "data": data}


def service(name: str, within: str, kind: str = "LoadBalancer") -> Values:
    """A kubernetes_service_v1 of one port."""
    port = {"name": "https", "port": 443, "target_port": "8000", "node_port": UNKNOWN, "protocol": "TCP"}
    spec = {"type": kind, "selector": {"app": "hub"}, "cluster_ip": UNKNOWN, "port": [port]}
    return {"id": UNKNOWN, "metadata": meta(name, within), "spec": [spec], "status": UNKNOWN, "wait_for_load_balancer": True}


def volume(name: str, size: str = "1Ti", modes: tuple[str, ...] = ("ReadWriteMany",), storage_class: str = "") -> Values:
    """A kubernetes_persistent_volume_v1 on EFS."""
    csi = {"driver": "efs.csi.aws.com", "volume_handle": "fs-1::fsap-1", "volume_attributes": None}
    spec = {"capacity": {"storage": size}, "access_modes": list(modes), "storage_class_name": storage_class}
    return {"id": UNKNOWN, "metadata": meta(name), "spec": [{**spec, "persistent_volume_source": [{"csi": [csi], "nfs": []}]}]}


def claim(name: str, within: str, of: str | None, size: str = "1Ti", wait: bool = True, storage_class: str | None = "") -> Values:
    """A kubernetes_persistent_volume_claim_v1."""
    spec = {"access_modes": ["ReadWriteMany"], "storage_class_name": storage_class, "volume_name": of}
    resources = [{"requests": {"storage": size}, "limits": None}]
    return {"id": UNKNOWN, "metadata": meta(name, within), "spec": [{**spec, "resources": resources}], "wait_until_bound": wait}


def storage_class(name: str, default: bool = False) -> Values:
    """A kubernetes_storage_class_v1."""
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else None
    return {"id": UNKNOWN, "metadata": meta(name, annotations=annotations), "storage_provisioner": "ebs.csi.aws.com"}


def release(chart: str, version: str = "1.0.0", within: str = "kube-system", **values: Any) -> Values:
    """A helm_release named after its chart."""
    computed = dict.fromkeys(("id", "metadata", "status"), UNKNOWN)
    name = chart.rpartition("/")[2]
    return {"name": name, "chart": chart, "version": version, "namespace": within, "values": [json.dumps(values)], **computed}


def workload(pod: Values) -> Values:
    """A kubernetes_deployment_v1 with one container."""
    template = {"metadata": [{"labels": {"app": "web"}}], "spec": [{**pod, "container": [{"name": "web", "image": "nginx:1.29.3"}]}]}
    spec = {"selector": [{"match_labels": {"app": "web"}}], "template": [template], "replicas": "1"}
    return {"id": UNKNOWN, "metadata": meta("web", "default"), "spec": [spec], "wait_for_rollout": True}


def make(backend: ClusterBackend, kind: str, values: Values) -> Values:
    """Create it as planned and configured; gives the state."""
    return backend.create(kind, values, values)[0]


def refusal(act: Any, *given: Any) -> str:
    """What a call is refused with, summary and detail; fails when it is not."""
    try:
        act(*given)
    except Refused as refused:
        return "\n".join(f"{each.summary} {each.detail}" for each in refused.problems)
    raise AssertionError("it was allowed")
