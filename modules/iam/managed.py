"""Policies that AWS maintains and we attach, by name below arn:<partition>:iam::aws:policy/."""

from __future__ import annotations

EKS_CLUSTER = "AmazonEKSClusterPolicy"
EKS_VPC_RESOURCES = "AmazonEKSVPCResourceController"
EKS_NODE = "AmazonEKSWorkerNodePolicy"
VPC_CNI = "AmazonEKS_CNI_Policy"
IMAGE_PULL = "AmazonEC2ContainerRegistryPullOnly"
SSM_CORE = "AmazonSSMManagedInstanceCore"
EBS_CSI = "service-role/AmazonEBSCSIDriverPolicy"
EFS_CSI = "service-role/AmazonEFSCSIDriverPolicy"
BACKUP = "service-role/AWSBackupServiceRolePolicyForBackup"
RESTORE = "service-role/AWSBackupServiceRolePolicyForRestores"

#: What every node needs. The CNI has a role of its own, so that pods on the node's network cannot change interfaces.
NODE = (EKS_NODE, IMAGE_PULL, SSM_CORE)
#: Everything that any of our roles attaches; the provisioning role may attach nothing else of AWS's.
ALL = (EKS_CLUSTER, EKS_VPC_RESOURCES, EKS_NODE, VPC_CNI, IMAGE_PULL, SSM_CORE, EBS_CSI, EFS_CSI, BACKUP, RESTORE)


def arn(partition: str, name: str) -> str:
    """The ARN of an AWS managed policy."""
    return f"arn:{partition}:iam::aws:policy/{name}"
