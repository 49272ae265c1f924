"""The EKS of the emulator answers as EKS does, also when it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests._support.emulator import Emulator

ROLE = "arn:aws:iam::123456789012:role/hubsmith/demo/node"
POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


@dataclass(frozen=True)
class Account:
    """Two subnets, and clients."""

    eks: Any
    ec2: Any
    autoscaling: Any
    subnets: tuple[str, ...]

    def cluster(self, **given: Any) -> dict[str, Any]:
        """Create cluster `one`; gives its document."""
        access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
        asked = {"resourcesVpcConfig": {"subnetIds": list(self.subnets)}, "accessConfig": access, **given}
        return dict(self.eks.create_cluster(name="one", roleArn=ROLE, **asked)["cluster"])

    def node_group(self, **given: Any) -> dict[str, Any]:
        """Create node group `core`; gives its document."""
        asked = {"scalingConfig": {"minSize": 0, "maxSize": 3, "desiredSize": 1}, "subnets": list(self.subnets), **given}
        return dict(self.eks.create_nodegroup(clusterName="one", nodegroupName="core", nodeRole=ROLE, **asked)["nodegroup"])


@pytest.fixture
def account(emulator: Emulator) -> Account:
    session = emulator.session()
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = tuple(
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]["SubnetId"]
        for index, zone in enumerate("ab")
    )
    return Account(session.client("eks"), ec2, session.client("autoscaling"), subnets)


def test_a_cluster_keeps_what_it_was_asked_for(account: Account) -> None:
    asked: dict[str, Any] = {
        "version": "1.36",
        "upgradePolicy": {"supportType": "STANDARD"},
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "arn:aws:kms:eu-west-1:123456789012:key/a"}}],
        "deletionProtection": True,
        "tags": {"a": "b"},
    }
    account.cluster(**asked, logging={"clusterLogging": [{"types": ["audit", "api"], "enabled": True}]})
    cluster = account.eks.describe_cluster(name="one")["cluster"]
    assert {name: cluster[name] for name in asked} == asked
    assert cluster["logging"]["clusterLogging"][0] == {"types": ["api", "audit"], "enabled": True}
    assert cluster["status"] == "ACTIVE"


def test_the_default_version_is_1_35_and_versions_end_at_1_36(account: Account) -> None:
    assert account.cluster()["version"] == "1.35"
    versions = [row["clusterVersion"] for row in account.eks.describe_cluster_versions()["clusterVersions"]]
    assert (versions[-1], "1.35" in versions) == ("1.36", True)


def test_a_cluster_brings_its_security_group_and_takes_it_along(account: Account) -> None:
    group = account.cluster()["resourcesVpcConfig"]["clusterSecurityGroupId"]
    tags = account.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["Tags"]
    assert {"Key": "kubernetes.io/cluster/one", "Value": "owned"} in tags
    account.eks.delete_cluster(name="one")
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        account.ec2.describe_security_groups(GroupIds=[group])


@pytest.mark.parametrize(("bootstrap", "entries"), [(True, 1), (False, 0)])
def test_whoever_creates_is_admin_only_when_asked(account: Account, bootstrap: bool, entries: int) -> None:
    account.cluster(accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": bootstrap})
    assert len(account.eks.list_access_entries(clusterName="one")["accessEntries"]) == entries


def test_a_node_group_is_a_real_and_empty_autoscaling_group(account: Account) -> None:
    account.cluster()
    group = account.node_group()["resources"]["autoScalingGroups"][0]["name"]
    tag = {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v", "PropagateAtLaunch": False}
    account.autoscaling.create_or_update_tags(Tags=[tag])
    found = account.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"][0]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert (found["Instances"], tags["eks:cluster-name"], tags["eks:nodegroup-name"], tags["k"]) == ([], "one", "core", "v")
    account.eks.delete_nodegroup(clusterName="one", nodegroupName="core")
    assert account.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert account.ec2.describe_launch_templates()["LaunchTemplates"] == []


def test_a_node_group_lets_its_role_in(account: Account) -> None:
    account.cluster()
    account.node_group()
    assert account.eks.describe_access_entry(clusterName="one", principalArn=ROLE)["accessEntry"]["type"] == "EC2_LINUX"


def test_a_node_group_changes_labels_taints_and_sizes(account: Account) -> None:
    account.cluster()
    account.node_group(labels={"a": "b", "c": "d"}, taints=[{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}])
    account.eks.update_nodegroup_config(
        clusterName="one",
        nodegroupName="core",
        labels={"addOrUpdateLabels": {"a": "z"}, "removeLabels": ["c"]},
        taints={"removeTaints": [{"key": "k", "value": "v", "effect": "NO_SCHEDULE"}]},
        scalingConfig={"maxSize": 9},
    )
    group = account.eks.describe_nodegroup(clusterName="one", nodegroupName="core")["nodegroup"]
    assert (group["labels"], group["taints"], group["scalingConfig"]["maxSize"]) == ({"a": "z"}, [], 9)


def test_an_add_on_keeps_its_configuration(account: Account) -> None:
    account.cluster()
    values = json.dumps({"enableNetworkPolicy": "true"})
    account.eks.create_addon(clusterName="one", addonName="vpc-cni", configurationValues=values, tags={"a": "b"})
    addon = account.eks.describe_addon(clusterName="one", addonName="vpc-cni")["addon"]
    assert (addon["configurationValues"], addon["status"], addon["tags"]) == (values, "ACTIVE", {"a": "b"})


@pytest.mark.parametrize(
    "addon", ["vpc-cni", "coredns", "kube-proxy", "aws-ebs-csi-driver", "aws-efs-csi-driver", "eks-pod-identity-agent", "metrics-server"]
)
def test_the_add_ons_of_a_hub_are_known(account: Account, addon: str) -> None:
    account.cluster()
    version = account.eks.create_addon(clusterName="one", addonName=addon)["addon"]["addonVersion"]
    offered = account.eks.describe_addon_versions(addonName=addon, kubernetesVersion="1.35")["addons"][0]["addonVersions"]
    assert [row["addonVersion"] for row in offered] == [version]


def test_an_add_on_makes_and_takes_its_pod_identities(account: Account) -> None:
    account.cluster()
    pods = [{"serviceAccount": "ebs-csi-controller-sa", "roleArn": ROLE}]
    account.eks.create_addon(clusterName="one", addonName="aws-ebs-csi-driver", podIdentityAssociations=pods)
    found = account.eks.list_pod_identity_associations(clusterName="one", serviceAccount="ebs-csi-controller-sa")["associations"]
    assert [row["namespace"] for row in found] == ["kube-system"]
    account.eks.delete_addon(clusterName="one", addonName="aws-ebs-csi-driver")
    assert account.eks.list_pod_identity_associations(clusterName="one")["associations"] == []


def test_access_policies_come_and_go(account: Account) -> None:
    account.cluster()
    account.eks.create_access_entry(clusterName="one", principalArn=ROLE, kubernetesGroups=["viewers"])
    account.eks.associate_access_policy(clusterName="one", principalArn=ROLE, policyArn=POLICY, accessScope={"type": "cluster"})
    listed = account.eks.list_associated_access_policies(clusterName="one", principalArn=ROLE)["associatedAccessPolicies"]
    assert [(row["policyArn"], row["accessScope"]["type"]) for row in listed] == [(POLICY, "cluster")]
    account.eks.disassociate_access_policy(clusterName="one", principalArn=ROLE, policyArn=POLICY)
    assert account.eks.list_access_entries(clusterName="one", associatedPolicyArn=POLICY)["accessEntries"] == []


def test_tags_of_every_part_can_be_read_and_changed(account: Account) -> None:
    account.cluster()
    parts = [
        account.eks.describe_cluster(name="one")["cluster"]["arn"],
        account.node_group()["nodegroupArn"],
        account.eks.create_addon(clusterName="one", addonName="coredns")["addon"]["addonArn"],
        account.eks.describe_access_entry(clusterName="one", principalArn=ROLE)["accessEntry"]["accessEntryArn"],
    ]
    for arn in parts:
        account.eks.tag_resource(resourceArn=arn, tags={"a": "b", "c": "d"})
        account.eks.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert account.eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"c": "d"}


def _cluster_then(refused: Callable[[Account], Any]) -> Callable[[Account], Any]:
    def run(account: Account) -> Any:
        account.cluster()
        return refused(account)

    return run


def _with_node_group(account: Account) -> Any:
    account.node_group()
    return account.eks.delete_cluster(name="one")


def _protected(account: Account) -> Any:
    account.cluster(deletionProtection=True)
    return account.eks.delete_cluster(name="one")


def _config_map(account: Account) -> Any:
    account.cluster(accessConfig={"authenticationMode": "CONFIG_MAP"})
    return account.eks.list_access_entries(clusterName="one")


def _twice(account: Account) -> Any:
    account.eks.create_access_entry(clusterName="one", principalArn=ROLE)
    return account.eks.create_access_entry(clusterName="one", principalArn=ROLE)


def _policy_for_nodes(account: Account) -> Any:
    account.eks.create_access_entry(clusterName="one", principalArn=ROLE, type="EC2_LINUX")
    return account.eks.associate_access_policy(clusterName="one", principalArn=ROLE, policyArn=POLICY, accessScope={"type": "cluster"})


REFUSED: list[tuple[str, Callable[[Account], Any], str]] = [
    ("unknown cluster", lambda a: a.eks.describe_cluster(name="no"), "ResourceNotFoundException.*No cluster found for name: no"),
    ("same name", _cluster_then(lambda a: a.cluster()), "ResourceInUseException.*already exists"),
    ("version", lambda a: a.cluster(version="1.99"), "InvalidParameterException.*unsupported Kubernetes version 1.99"),
    ("one zone", lambda a: a.cluster(resourcesVpcConfig={"subnetIds": [a.subnets[0]]}), "at least two different AZs"),
    ("no subnet", lambda a: a.cluster(resourcesVpcConfig={"subnetIds": ["subnet-0", "subnet-1"]}), "InvalidParameterException"),
    (
        "no endpoint",
        lambda a: a.cluster(resourcesVpcConfig={"subnetIds": list(a.subnets), "endpointPublicAccess": False}),
        "endpoint access cannot both be false",
    ),
    ("log type", lambda a: a.cluster(logging={"clusterLogging": [{"types": ["none"], "enabled": True}]}), "Unsupported log types"),
    ("nodes attached", _cluster_then(_with_node_group), "ResourceInUseException.*Cluster has nodegroups attached"),
    ("protected", _protected, "InvalidRequestException.*deletion protection"),
    ("two minors at once", lambda a: (a.cluster(version="1.33"), a.eks.update_cluster_version(name="one", version="1.35")), "from 1.33 to"),
    ("config map", _config_map, "InvalidRequestException.*authentication mode"),
    ("entry twice", _cluster_then(_twice), "ResourceInUseException"),
    (
        "system group",
        _cluster_then(lambda a: a.eks.create_access_entry(clusterName="one", principalArn=ROLE, kubernetesGroups=["system:masters"])),
        "system:",
    ),
    ("policy for nodes", _cluster_then(_policy_for_nodes), "InvalidRequestException.*EC2_LINUX"),
    (
        "unknown add-on",
        _cluster_then(lambda a: a.eks.create_addon(clusterName="one", addonName="nonsense")),
        "nonsense specified is not supported",
    ),
    (
        "add-on values",
        _cluster_then(lambda a: a.eks.create_addon(clusterName="one", addonName="coredns", configurationValues="{")),
        "not in valid JSON",
    ),
    (
        "add-on list",
        _cluster_then(lambda a: a.eks.create_addon(clusterName="one", addonName="coredns", configurationValues="[]")),
        "not in valid JSON",
    ),
    (
        "add-on version",
        _cluster_then(lambda a: a.eks.create_addon(clusterName="one", addonName="coredns", addonVersion="1")),
        "version specified is not",
    ),
    ("sizes", _cluster_then(lambda a: a.node_group(scalingConfig={"minSize": 2, "maxSize": 3, "desiredSize": 1})), "between minSize 2"),
    (
        "template",
        _cluster_then(lambda a: a.node_group(launchTemplate={"id": "lt-0123456789abcdef0"})),
        "InvalidRequestException.*not found",
    ),
    (
        "unknown ARN",
        lambda a: a.eks.list_tags_for_resource(resourceArn="arn:aws:eks:eu-west-1:123456789012:cluster/no"),
        "NotFoundException",
    ),
]


@pytest.mark.parametrize(("refused", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_refuses_as_eks_does(account: Account, emulator: Emulator, refused: Callable[[Account], Any], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        refused(account)
    assert emulator.faults() == [], "a refusal is no fault"


def test_a_cluster_has_no_upgrade_insights(account: Account) -> None:
    account.cluster()
    assert account.eks.list_insights(clusterName="one", filter={"categories": ["UPGRADE_READINESS"]})["insights"] == []
    with pytest.raises(ClientError, match="No cluster found for name: two"):
        account.eks.list_insights(clusterName="two")
