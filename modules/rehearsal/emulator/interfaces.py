"""EC2: network interfaces that AWS services make are in use and managed by them; moto shows them as free to delete."""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Mark the interfaces of VPC endpoints, NAT gateways and EFS mount targets as in use."""
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.models.vpcs import VPCBackend
    from moto.efs.models import MountTarget

    create_endpoint, make_gateway = VPCBackend.create_vpc_endpoint, NatGateway.__init__
    set_interface = MountTarget.set_network_interface

    def endpoint(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create_endpoint(self, *args, **kwargs)
        for id in made.network_interface_ids:
            _in_use(self.enis[id], "vpc_endpoint")
        return made

    def gateway(self: Any, *args: Any, **kwargs: Any) -> None:
        make_gateway(self, *args, **kwargs)
        _in_use(self._eni, "nat_gateway")

    def mount_target(self: Any, network_interface: Any) -> None:
        set_interface(self, network_interface)
        _in_use(network_interface, "efs")

    VPCBackend.create_vpc_endpoint = endpoint
    NatGateway.__init__ = gateway
    MountTarget.set_network_interface = mount_target


def _in_use(interface: Any, kind: str) -> None:
    interface.status = "in-use"
    interface.requester_managed = True
    interface.interface_type = kind
