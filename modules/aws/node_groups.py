"""Managed node groups: IMDSv2, encrypted gp3, reachable by SSM, tagged so that an autoscaler can start them from zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.aws.node_template import PREFIX, node_template_tags
from modules.aws.role import Role
from modules.cdk import Lifecycle, Stack, aws
from modules.common.scheduling import split_taint

_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
_AMI_TYPES = {
    ("amd64", None): "AL2023_x86_64_STANDARD",
    ("arm64", None): "AL2023_ARM_64_STANDARD",
    ("amd64", "nvidia"): "AL2023_x86_64_NVIDIA",
    ("arm64", "nvidia"): "AL2023_ARM_64_NVIDIA",
    ("amd64", "nvidia-time-sliced"): "AL2023_x86_64_NVIDIA",
    ("amd64", "neuron"): "AL2023_x86_64_NEURON",
}


@dataclass(frozen=True)
class NodeGroupProps:
    """name: of the node group in EKS. desired: only at creation. tags: put on instances, volumes and interfaces, which
    EKS does not tag by itself."""

    name: str
    instance_types: Sequence[str]
    minimum: int
    maximum: int
    desired: int
    subnets: Sequence[str]
    capacity: str
    arch: str
    gpu: str | None
    labels: Mapping[str, str]
    taints: Sequence[str]
    disk_gib: int
    disk_iops: int
    disk_throughput: int
    hop_limit: int
    max_unavailable: int
    tags: Mapping[str, str]
    release: str | None = None
    scale_from_zero: bool = True


class NodeGroup:
    """A launch template, the group on it, and the autoscaler's tags on the group's autoscaling group."""

    def __init__(self, stack: Stack, id: str, props: NodeGroupProps, *, cluster: Any, role: Role, depends_on: Sequence[Any]) -> None:
        template = self._launch_template(stack, id, props, cluster)
        ns = aws.eks_node_group
        self.resource = ns.EksNodeGroup(
            stack,
            id,
            cluster_name=cluster.name,
            node_group_name=props.name,
            node_role_arn=role.arn,
            subnet_ids=list(props.subnets),
            ami_type=_AMI_TYPES[props.arch, props.gpu],
            release_version=props.release,
            capacity_type=props.capacity.upper().replace("-", "_"),
            instance_types=list(props.instance_types),
            scaling_config=ns.EksNodeGroupScalingConfig(min_size=props.minimum, max_size=props.maximum, desired_size=props.desired),
            update_config=ns.EksNodeGroupUpdateConfig(max_unavailable=props.max_unavailable),
            labels=dict(props.labels),
            taint=[self._taint(text) for text in props.taints],
            launch_template=ns.EksNodeGroupLaunchTemplate(id=template.id, version=f"${{{template.fqn}.latest_version}}"),
            # The autoscaler moves the size; an apply that moved it back would evict people.
            lifecycle=Lifecycle(ignore_changes=["scaling_config[0].desired_size"]),
            depends_on=[*role.policies, *depends_on],
        )
        if props.scale_from_zero:
            self._autoscaler_tags(stack, id, props)

    def _taint(self, text: str) -> Any:
        key, value, effect = split_taint(text)
        return aws.eks_node_group.EksNodeGroupTaint(key=key, value=value or None, effect=_EFFECTS[effect])

    def _launch_template(self, stack: Stack, id: str, props: NodeGroupProps, cluster: Any) -> Any:
        ns = aws.launch_template
        label = {"Name": props.name, **props.tags}
        return ns.LaunchTemplate(
            stack,
            f"{id}-template",
            name=props.name,
            update_default_version=True,
            vpc_security_group_ids=[cluster.ref.security_group_id],
            metadata_options=ns.LaunchTemplateMetadataOptions(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=props.hop_limit
            ),
            block_device_mappings=[
                ns.LaunchTemplateBlockDeviceMappings(
                    device_name="/dev/xvda",
                    ebs=ns.LaunchTemplateBlockDeviceMappingsEbs(
                        volume_type="gp3",
                        volume_size=props.disk_gib,
                        iops=props.disk_iops,
                        throughput=props.disk_throughput,
                        encrypted="true",
                        delete_on_termination="true",
                    ),
                )
            ],
            tag_specifications=[
                ns.LaunchTemplateTagSpecifications(resource_type=kind, tags=label) for kind in ("instance", "volume", "network-interface")
            ],
        )

    def _autoscaler_tags(self, stack: Stack, id: str, props: NodeGroupProps) -> None:
        group = f"${{{self.resource.fqn}.resources[0].autoscaling_groups[0].name}}"
        ns = aws.autoscaling_group_tag
        tags = node_template_tags(
            labels=props.labels, taints=props.taints, gpu=props.gpu, instance_types=props.instance_types, disk_gib=props.disk_gib
        )
        for key, value in tags.items():
            ns.AutoscalingGroupTagA(
                stack,
                f"{id}-scale-{key.removeprefix(PREFIX + '/').replace('/', '-').replace('.', '-')}",
                autoscaling_group_name=group,
                tag=ns.AutoscalingGroupTagTag(key=key, value=value, propagate_at_launch=False),
            )
