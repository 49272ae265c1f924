"""The kubernetes and helm providers of a stack: how Terraform talks to the cluster's API."""

from __future__ import annotations

from typing import Any

from modules.cdk import Fn, Stack, helm, kubernetes

#: Where the executable `hub` is, seen from cdktf.out/stacks/<stack>; our own runner puts the full path in its place.
_FRONT_DOOR = "../../../hub"
_API = "client.authentication.k8s.io/v1"


def use_cluster(stack: Stack, *, env: str, endpoint: str, certificate_authority: str) -> None:
    """Point both providers at one API. A fresh token comes from `hub eks-token` on each start, so none is in a file or a state.

    certificate_authority: in base64, as EKS gives it.
    """
    where: dict[str, Any] = {"host": endpoint, "cluster_ca_certificate": Fn.base64decode(certificate_authority)}
    token: dict[str, Any] = {"api_version": _API, "command": _FRONT_DOOR, "args": ["eks-token", env]}
    ns = kubernetes.provider
    ns.KubernetesProvider(stack, "kubernetes", **where, exec=[ns.KubernetesProviderExec(**token)])
    ns = helm.provider
    ns.HelmProvider(stack, "helm", kubernetes=ns.HelmProviderKubernetes(**where, exec=ns.HelmProviderKubernetesExec(**token)))
