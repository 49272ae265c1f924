"""Kubernetes versions and add-ons the emulated EKS knows.

Support dates: modules/catalog/eks.py has the real ones; here every version counts as standard support, because what a
version costs is not the emulator's to say. Add-on versions are of the shape EKS uses, not a copy of its list.
"""

from __future__ import annotations

from modules.rehearsal.emulator.answers import Call, Document
from modules.rehearsal.emulator.eks.state import answers

VERSIONS = ("1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
DEFAULT = "1.35"

#: Add-on → its default version. Those that follow Kubernetes carry `{}` for its minor version.
ADDONS = {
    "vpc-cni": "v1.21.1-eksbuild.1",
    "coredns": "v1.13.1-eksbuild.1",
    "kube-proxy": "v{}.0-eksbuild.2",
    "aws-ebs-csi-driver": "v1.54.0-eksbuild.1",
    "aws-efs-csi-driver": "v2.2.0-eksbuild.1",
    "aws-mountpoint-s3-csi-driver": "v2.2.0-eksbuild.1",
    "snapshot-controller": "v8.3.0-eksbuild.1",
    "eks-pod-identity-agent": "v1.3.10-eksbuild.2",
    "eks-node-monitoring-agent": "v1.4.2-eksbuild.1",
    "metrics-server": "v0.8.0-eksbuild.5",
    "cert-manager": "v1.19.1-eksbuild.1",
    "external-dns": "v0.20.0-eksbuild.1",
    "kube-state-metrics": "v2.17.0-eksbuild.1",
    "prometheus-node-exporter": "v1.10.2-eksbuild.1",
    "amazon-cloudwatch-observability": "v4.7.0-eksbuild.1",
    "aws-guardduty-agent": "v1.12.1-eksbuild.2",
    "adot": "v0.131.0-eksbuild.1",
}


def addon_version(addon: str, kubernetes: str) -> str:
    """The default version of a known add-on for a Kubernetes version."""
    return ADDONS[addon].format(kubernetes)


@answers("DescribeAddonVersions")
def describe_addon_versions(call: Call) -> Document:
    """Add-ons, each with its one default version."""
    kubernetes, only = call.get("kubernetesVersion", DEFAULT), call.get("addonName")
    return {
        "addons": [
            {
                "addonName": name,
                "type": "infra-management",
                "owner": "aws",
                "publisher": "eks",
                "addonVersions": [
                    {
                        "addonVersion": addon_version(name, kubernetes),
                        "architecture": ["amd64", "arm64"],
                        "compatibilities": [{"clusterVersion": kubernetes, "platformVersions": ["*"], "defaultVersion": True}],
                        "requiresConfiguration": False,
                    }
                ],
            }
            for name in ADDONS
            if only in (None, name)
        ]
    }


@answers("DescribeClusterVersions")
def describe_cluster_versions(call: Call) -> Document:
    """The Kubernetes versions a cluster can have."""
    wanted, default_only = call.get("clusterVersions") or VERSIONS, call.get("defaultOnly", False)
    return {
        "clusterVersions": [
            {
                "clusterVersion": version,
                "clusterType": "eks",
                "defaultVersion": version == DEFAULT,
                "defaultPlatformVersion": "eks.1",
                "status": "standard-support",
                "versionStatus": "STANDARD_SUPPORT",
            }
            for version in VERSIONS
            if version in wanted and (version == DEFAULT or not default_only)
        ]
    }
