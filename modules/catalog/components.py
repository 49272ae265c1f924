"""Versions of what runs in the cluster, with where each was seen; a preflight compares them with EKS.

Where a component is a chart, helm/releases.yaml says the same version again beside repository and digest: this room reads no
YAML, so that commands stay quick, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: When the figures of `min_by_eks` were last compared with their sources.
CHECKED = date(2026, 11, 21)


@dataclass(frozen=True)
class Component:
    """One pinned component. `min_by_eks` maps an EKS version to the least component version that supports it."""

    version: str
    source: str
    min_by_eks: tuple[tuple[str, str], ...] = ()


COMPONENTS: dict[str, Component] = {
    "karpenter": Component(
        "1.14.1",
        # The rows of 1.32 and 1.33: endoflife.date/karpenter.
        "https://karpenter.sh/docs/upgrading/compatibility/, 2026-08-21",
        (("1.32", "1.2"), ("1.33", "1.5"), ("1.34", "1.6"), ("1.35", "1.9"), ("1.36", "1.13")),
    ),
    "aws-load-balancer-controller": Component("3.5.0", "https://github.com/kubernetes-sigs/aws-load-balancer-controller/releases, 2026-08"),
    "external-dns": Component("1.21.1", "https://github.com/kubernetes-sigs/external-dns/releases, chart of app 0.21.0"),
    "jupyterhub": Component("4.4.0", "https://hub.jupyter.org/helm-chart/, 2026-06-10"),
    "dask-gateway": Component("2026.3.0", "https://github.com/dask/dask-gateway/releases, 2026-03"),
    "kuberay-operator": Component("1.7.0", "https://github.com/ray-project/kuberay/releases"),
    "vault": Component("0.34.1", "https://github.com/hashicorp/vault-helm/releases, chart of app 2.0.4"),
    "nvidia-device-plugin": Component("0.20.1", "https://github.com/NVIDIA/k8s-device-plugin/releases"),
    "neuron-device-plugin": Component("1.10.0", "https://github.com/aws-neuron/neuron-helm-charts/releases, chart"),
    "cluster-autoscaler": Component(
        "9.59.0",
        # Its image is of the cluster's own minor version; the rows say of which minors there is one.
        "https://github.com/kubernetes/autoscaler/releases, chart; images up to 1.36.1, 2026-07-23",
        tuple((f"1.{minor}", f"1.{minor}.0") for minor in range(30, 37)),
    ),
    "metrics-server": Component("3.13.1", "https://github.com/kubernetes-sigs/metrics-server/releases, chart of app 0.8.1"),
    "fluent-bit": Component("0.58.2", "https://github.com/fluent/helm-charts/releases, chart of app 5.1.2"),
    "al2023-ami": Component("v20260724", "https://github.com/awslabs/amazon-eks-ami/releases"),
    "terraform": Component("1.11.4", "https://releases.hashicorp.com/terraform/"),
    "aws-provider": Component("5.100.0", "https://registry.terraform.io/providers/hashicorp/aws"),
    "kubernetes-provider": Component("2.38.0", "https://registry.terraform.io/providers/hashicorp/kubernetes"),
    "helm-provider": Component("3.1.1", "https://registry.terraform.io/providers/hashicorp/helm"),
}


def least_version(component: str, eks_version: str) -> str | None:
    """The least version of a component that supports an EKS version, where its makers publish one."""
    return dict(COMPONENTS[component].min_by_eks).get(eks_version)
