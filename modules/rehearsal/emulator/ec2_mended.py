"""EC2: where moto's answers differ from AWS's in ways that Terraform takes for a change."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.emulator.answers import Document


def install() -> None:
    """Mend launch templates, instances and NAT gateways."""
    _launch_templates_keep_their_tags()
    _instances_show_their_groups()
    _no_address_is_no_association()
    _rules_between_groups_keep_their_description()
    _nat_gateways_take_their_interface_along()


def _launch_templates_keep_their_tags() -> None:
    """Tags for the template itself are no part of what it launches; moto keeps them there, and each plan would remove them."""
    from moto.ec2.models.launch_templates import LaunchTemplate

    create_version = LaunchTemplate.create_version

    def without_own_tags(self: Any, data: Document, description: str) -> Any:
        launched = [spec for spec in data.get("TagSpecifications", []) if spec.get("ResourceType") != "launch-template"]
        rest = {key: value for key, value in data.items() if key != "TagSpecifications"}
        return create_version(self, {**rest, "TagSpecifications": launched} if launched else rest, description)

    LaunchTemplate.create_version = without_own_tags


def _instances_show_their_groups() -> None:
    """An instance has the groups of its first interface, also when they were given with the interface; and the
    interfaces made for it go with it unless the request says otherwise."""
    from moto.ec2.models.instances import Instance

    prep_nics = Instance.prep_nics

    def with_groups(self: Any, nic_spec: list[Document], *args: Any, **kwargs: Any) -> None:
        own = {nic.get("NetworkInterfaceId") for nic in nic_spec}
        kept = {int(nic.get("DeviceIndex", 0)) for nic in nic_spec if nic.get("DeleteOnTermination") is False}
        prep_nics(self, nic_spec, *args, **kwargs)
        for index, nic in self.nics.items():
            if nic.id not in own and index not in kept:
                nic.delete_on_termination = True
        if not self.security_groups and 0 in self.nics:
            self.security_groups = list(self.nics[0].group_set)

    Instance.prep_nics = with_groups


def _no_address_is_no_association() -> None:
    """An interface without a public address has no association at all; an empty one reads as having an address."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    association = NetworkInterface.association.fget
    NetworkInterface.association = property(lambda self: association(self) or None)


def _rules_between_groups_keep_their_description() -> None:
    """A security group rule's description comes with its source, which may be a group or a prefix list as well as a CIDR."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    def description(rule: Any) -> str | None:
        sources = (rule.ip_range, rule.source_group, rule.prefix_list_id)
        found = (source.get("Description") for source in sources if isinstance(source, dict))
        return next((text for text in found if text is not None), None)

    SecurityGroupRule.description = property(description)


def _nat_gateways_take_their_interface_along() -> None:
    """A deleted NAT gateway stays in sight for a while; its interface does not, and its address is free again."""
    from moto.ec2.models.nat_gateways import NatGatewayBackend

    delete = NatGatewayBackend.delete_nat_gateway

    def with_interface(self: Any, nat_gateway_id: str) -> Any:
        gateway = delete(self, nat_gateway_id)
        for address in self.addresses:
            if address.eni is not None and address.eni.id == gateway._eni.id:
                self.disassociate_address(association_id=address.association_id)
        self.enis.pop(gateway._eni.id, None)
        return gateway

    NatGatewayBackend.delete_nat_gateway = with_interface
