"""`network`: VPC, subnets, NAT, endpoints, flow logs, and the hub's certificate."""

from __future__ import annotations

from modules.aws.dns import Certificate
from modules.aws.endpoints import Endpoints
from modules.aws.flow_logs import FlowLogs, log_group
from modules.aws.network import Network, NetworkProps, NetworkRef
from modules.aws.role import Role
from modules.cdk import App, aws
from modules.common import names
from modules.config import HubConfig
from modules.iam import flow_logs
from modules.stacks.base import HubStack


class NetworkStack(HubStack):
    """Creates a VPC, or passes on the existing one's ids; `ref` is the same either way."""

    def __init__(self, app: App, config: HubConfig) -> None:
        super().__init__(app, config, "network")
        self.ref = self._create() if config.network.existing is None else self._adopt()
        self.output("vpc_id", self.ref.vpc_id, description="The VPC")
        self.certificate_arn = self._certificate()

    @property
    def ranges(self) -> tuple[str, ...]:
        """Where everything of the VPC has its addresses, control plane and load balancers too; of somebody else's VPC we only
        know that they are private."""
        network = self.config.network
        return (
            ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")
            if network.existing
            else (network.cidr, network.data_plane_cidr)
        )

    def _create(self) -> NetworkRef:
        config = self.config
        network = Network(
            self,
            NetworkProps(
                name=config.name,
                cidr=config.network.cidr,
                data_plane_cidr=config.network.data_plane_cidr,
                plan=config.subnets,
                zones={zone[-1]: zone for zone in config.azs},
                nat_per_zone=config.network.nat == "per-az",
            ),
        )
        ref = network.ref
        Endpoints(
            self,
            name=config.name,
            region=config.region,
            vpc_id=ref.vpc_id,
            cidrs=[config.network.cidr, config.network.data_plane_cidr],
            gateway=config.network.endpoints.gateway,
            interface=config.network.endpoints.interface,
            route_tables=network.route_tables,
            subnet_ids=ref.private.values(),
        )
        if config.network.flow_logs.enabled:
            self._flow_logs(ref.vpc_id)
        return ref

    def _flow_logs(self, vpc_id: str) -> None:
        config = self.config
        group = log_group(
            self, "flow-logs", name=f"/hubsmith/{config.deployment}/vpc-flow-logs", retention_days=config.network.flow_logs.retention_days
        )
        account = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        role = Role(
            self,
            "flow-logs-role",
            name=names.role_name(config.name, "flow-logs"),
            path=self.role_path,
            boundary=self.boundary,
            trust=flow_logs.role_trust(partition=config.partition, region=config.region, account=account),
            inline={"write": flow_logs.delivery(group.arn)},
        )
        FlowLogs(self, vpc_id=vpc_id, group=group, role=role, name=config.name)

    def _adopt(self) -> NetworkRef:
        existing = self.config.network.existing
        assert existing is not None  # the caller asked
        tiers = (existing.public_subnets, existing.private_subnets, existing.data_plane_subnets)
        # Somebody else's subnets have no zone here; their own ids are keys as stable.
        return NetworkRef(existing.vpc_id, *({subnet: subnet for subnet in tier} for tier in tiers))

    def _certificate(self) -> str | None:
        config = self.config
        if config.domain is None:
            return None
        # AWS validates certificates over public DNS only.
        zone = config.dns.zone if config.dns and config.dns.manage and not config.dns.private else None
        arn = Certificate(self, domain=config.domain, validate_in=zone).arn
        self.output("certificate_arn", arn, description="Certificate of the hub's host name")
        return arn
