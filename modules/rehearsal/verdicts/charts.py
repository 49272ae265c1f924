"""Our own charts: rendered by a real helm, or, of node pools alone, put together from their values."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.given import Chart
from modules.rehearsal.verdicts.schemas import Schema

Manifest = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[3]
_SECONDS = 30.0
#: The kinds of the chart nodepools by the part of its values that holds them.
_POOL_KINDS = {"nodeClasses": ("karpenter.k8s.aws/v1", "EC2NodeClass"), "nodePools": ("karpenter.sh/v1", "NodePool")}
#: Cluster-wide whatever the release's namespace says.
_CLUSTER_WIDE = {
    "NodePool",
    "EC2NodeClass",
    "NodeClaim",
    "StorageClass",
    "PersistentVolume",
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
}
_CLUSTER_WIDE |= {"PriorityClass", "IngressClass", "CSIDriver", "CustomResourceDefinition", "RuntimeClass"}


@dataclass(frozen=True)
class Rendered:
    """manifests: None when nobody knows what the chart makes. schema: of its values, when it has one.
    why_not: why no helm rendered them; "" when one did."""

    manifests: tuple[Manifest, ...] | None
    version: str
    schema: Schema | None
    why_not: str = ""


def render(chart: Chart, release: str, namespace: str, folder: Path | None = None, minor: str = "1.35") -> Rendered:
    """What a local chart makes. folder: where Terraform runs, which the chart's path is relative to. minor: of the cluster.

    Raises Refused when there is no such chart or helm refuses its values.
    """
    path = _path(chart, folder)
    if path is None:
        raise Refused(Problem(f"{chart.name}: could not find the chart", f"no Chart.yaml at {chart.path}"))
    version, schema, helm = _version(path), _schema(path), find_helm(os.environ)
    if helm is not None:
        return Rendered(
            tuple(
                _placed(each, namespace)
                for each in _template([helm, "template", release, str(path), "--namespace", namespace, "--kube-version", minor], chart)
            ),
            version,
            schema,
        )
    why = "not rendered: no helm"
    return Rendered(_pools(chart.values) if chart.name == "nodepools" else None, version, schema, why)


def find_helm(environ: Mapping[str, str]) -> str | None:
    """HUB_HELM, else `helm` on PATH; None when there is none."""
    return environ.get("HUB_HELM") or shutil.which("helm", path=environ.get("PATH", ""))


def _path(chart: Chart, folder: Path | None) -> Path | None:
    """Beside the stack; else in the checkout, which the copy beside the stack was made from."""
    for path in ((folder or _ROOT) / chart.path, _ROOT / "helm" / chart.name):
        if (path / "Chart.yaml").is_file():
            return path
    return None


def _version(path: Path) -> str:
    import yaml

    return str(yaml.safe_load((path / "Chart.yaml").read_text()).get("version", ""))


def _schema(path: Path) -> Schema | None:
    file = path / "values.schema.json"
    return Schema(f"{path.name}/{file.name}", json.loads(file.read_text())) if file.is_file() else None


def _template(command: list[str], chart: Chart) -> list[Manifest]:
    import yaml

    try:
        done = subprocess.run(
            [*command, "--values", "-", "--include-crds"],
            input=json.dumps(chart.values),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(Problem(f"{chart.name}: helm did not run", str(error))) from error
    if done.returncode:
        raise Refused(Problem(f"{chart.name}: helm does not render it", done.stderr.strip()))
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def _placed(manifest: Manifest, namespace: str) -> Manifest:
    """Helm leaves the namespace to the API where a chart does not say it."""
    if manifest["kind"] in _CLUSTER_WIDE or manifest["metadata"].get("namespace"):
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": namespace}}


def _pools(values: dict[str, Any]) -> tuple[Manifest, ...]:
    labels = values.get("labels") or {}
    return tuple(
        {"apiVersion": version, "kind": kind, "metadata": {"name": name, **({"labels": labels} if labels else {})}, "spec": pool["spec"]}
        for part, (version, kind) in _POOL_KINDS.items()
        for name, pool in (values.get(part) or {}).items()
    )
