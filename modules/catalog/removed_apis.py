"""API versions that Kubernetes stopped serving, by the release that did, and what a release refuses besides.

Sources: the Deprecated API Migration Guide (https://kubernetes.io/docs/reference/using-api/deprecation-guide/) for the APIs;
the EKS user guide's release notes of versions in standard support for the rest. The guide lists no removal after 1.32: beta
APIs have been off by default since 1.24, so that few can be in use at all. What a cluster itself says is used (its metric
apiserver_requested_deprecated_apis, and EKS's upgrade insights) is asked besides, and knows what this table does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: When the table below was last compared with its sources.
CHECKED = date(2026, 11, 21)


@dataclass(frozen=True)
class RemovedApi:
    """One resource in one API version. removed: the first Kubernetes version without it. instead: the API version to use."""

    group: str
    version: str
    plural: str
    removed: str
    instead: str

    @property
    def api_version(self) -> str:
        """As in a manifest: "policy/v1beta1"."""
        return f"{self.group}/{self.version}"


def _rows(removed: str, api_version: str, plurals: str, instead: str) -> tuple[RemovedApi, ...]:
    group, _, version = api_version.partition("/")
    return tuple(RemovedApi(group, version, plural, removed, instead) for plural in plurals.split())


REMOVED: tuple[RemovedApi, ...] = (
    *_rows("1.25", "batch/v1beta1", "cronjobs", "batch/v1"),
    *_rows("1.25", "discovery.k8s.io/v1beta1", "endpointslices", "discovery.k8s.io/v1"),
    *_rows("1.25", "events.k8s.io/v1beta1", "events", "events.k8s.io/v1"),
    *_rows("1.25", "autoscaling/v2beta1", "horizontalpodautoscalers", "autoscaling/v2"),
    *_rows("1.25", "policy/v1beta1", "poddisruptionbudgets", "policy/v1"),
    *_rows("1.25", "policy/v1beta1", "podsecuritypolicies", "pod security labels on namespaces"),
    *_rows("1.25", "node.k8s.io/v1beta1", "runtimeclasses", "node.k8s.io/v1"),
    *_rows("1.26", "autoscaling/v2beta2", "horizontalpodautoscalers", "autoscaling/v2"),
    *_rows("1.26", "flowcontrol.apiserver.k8s.io/v1beta1", "flowschemas prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io/v1"),
    *_rows("1.27", "storage.k8s.io/v1beta1", "csistoragecapacities", "storage.k8s.io/v1"),
    *_rows("1.29", "flowcontrol.apiserver.k8s.io/v1beta2", "flowschemas prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io/v1"),
    *_rows("1.32", "flowcontrol.apiserver.k8s.io/v1beta3", "flowschemas prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io/v1"),
)

#: From this version on the kubelet refuses to run a pod with a gitRepo volume, although the API still takes it (KEP-5040).
#: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html
GIT_REPO_ENDS = "1.36"


def instead_of(group: str, version: str, plural: str) -> str:
    """The API version that follows one which was removed; "" where the table does not know it."""
    return next((each.instead for each in REMOVED if (each.group, each.version, each.plural) == (group, version, plural)), "")
