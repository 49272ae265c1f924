"""`platform`: what every hub finds in its cluster: policies, storage, controllers, and the pools its nodes come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.aws import addons
from modules.aws.flow_logs import log_group
from modules.cdk import App, aws
from modules.common.arn import dns_suffix
from modules.config import HubConfig
from modules.config.roles import accounts_in
from modules.iam import autoscaler, external_dns, fluent_bit, kms, load_balancer, managed
from modules.iam.document import document
from modules.k8s import pools
from modules.k8s.charts import cluster_autoscaler as ca_chart
from modules.k8s.charts import external_dns as dns_chart
from modules.k8s.charts import fluent_bit as logs_chart
from modules.k8s.charts import karpenter as karpenter_chart
from modules.k8s.charts import load_balancer as lb_chart
from modules.k8s.charts import metrics_server, neuron_device_plugin, nvidia_device_plugin
from modules.k8s.charts.parts import replicas
from modules.k8s.kept import kept_classes
from modules.k8s.providers import use_cluster
from modules.k8s.release import install
from modules.k8s.service_account import ServiceAccount
from modules.k8s.storage import default_class
from modules.k8s.system_policies import NAMESPACE, system_policies
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.network import NetworkStack


class PlatformStack(HubStack):
    """Only for clusters of ours: an existing one has its owner's controllers."""

    def __init__(self, app: App, config: HubConfig, *, data: DataStack, network: NetworkStack, cluster: ClusterStack) -> None:
        super().__init__(app, config, "platform")
        self._data_key = data.key.arn
        self._network, self._stack_cluster, self._cluster = network, cluster, cluster.ref
        use_cluster(self, env=config.env, endpoint=self._cluster.endpoint, certificate_authority=self._cluster.certificate_authority)
        self._account: str = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        policies = system_policies(self, ranges=network.ranges)
        self._system = self._addons(policies)
        default_class(self, tags=self.thing_tags, depends_on=self._system)
        kept_classes(self, config, tags=self.thing_tags, kms_key_arn=self._data_key, depends_on=self._system)
        self._karpenter()
        self._controllers()
        self._pod_logs()
        self._accounts()

    def _addons(self, policies: list[Any]) -> list[Any]:
        """Add-ons that talk to others, after the policies that let them."""
        endpoint = f"ec2.{self.config.region}.{dns_suffix(self.config.region)}"
        volumes = {"volumes": document(*kms.volumes("Volumes", self._data_key, endpoint))}
        wanted = [self.addon("coredns", configuration=self._alone("coredns")), self._csi("ebs", managed.EBS_CSI, volumes)]
        if self.config.storage.efs.enabled:
            wanted.append(self._csi("efs", managed.EFS_CSI))
        return addons.install(self, self._cluster.name, wanted, depends_on=policies)

    def _csi(self, kind: str, policy: str, inline: dict[str, dict[str, Any]] | None = None) -> addons.Addon:
        role = self.irsa(
            f"{kind}-csi-role",
            f"{kind}-csi",
            self._cluster,
            NAMESPACE,
            f"{kind}-csi-controller-sa",
            managed={"policy": managed.arn(self.config.partition, policy)},
            inline=inline,
        )
        name = f"aws-{kind}-csi-driver"
        return self.addon(name, role=role, configuration=self._alone(name))

    def _alone(self, addon: str) -> dict[str, Any] | None:
        """What an add-on is told where the core may have a single node."""
        return addons.ALONE.get(addon) if replicas(self.config) == 1 else None

    def _karpenter(self) -> None:
        """CRDs, then the controller, then the pools; the other way round when they go, so that no node outlives its keeper."""
        made = self._stack_cluster.karpenter
        if made is None:
            return
        values = karpenter_chart.values(
            self.config, role_arn=made.controller_role.arn, endpoint=self._cluster.endpoint, queue=made.queue_name
        )
        definitions = install(self, "karpenter-crd", karpenter_chart.crd_values(), depends_on=self._system)
        controller = install(self, "karpenter", values, depends_on=[definitions])
        nodes = pools.node_pools(
            self.config,
            node_role=made.node_role.name,
            cluster_name=self._cluster.name,
            security_group_id=self._cluster.security_group_id,
            tags=self.thing_tags,
        )
        install(self, "nodepools", nodes, depends_on=[controller])

    def _controllers(self) -> None:
        config = self.config
        place = {"partition": config.partition, "region": config.region, "account": self._account, "cluster_name": config.cluster_name}
        vpc_id = self._network.ref.vpc_id
        self._controller(lb_chart, load_balancer.controller_policies(**place, vpc_id=vpc_id), vpc_id=vpc_id)
        if dns_chart.wanted(config):
            assert config.dns is not None  # wanted says so
            assert config.domain is not None
            zone = aws.data_aws_route53_zone.DataAwsRoute53Zone(self, "zone", name=config.dns.zone, private_zone=config.dns.private)
            policy = external_dns.controller_policy(partition=config.partition, zone_id=zone.zone_id, names=[config.domain])
            self._controller(dns_chart, {"records": policy}, zone_id=zone.zone_id)
        if ca_chart.wanted(config):
            self._controller(ca_chart, {"scale": autoscaler.controller_policy(**place)})
        install(self, metrics_server.RELEASE, metrics_server.values(config), depends_on=self._system)
        for plugin in (nvidia_device_plugin, neuron_device_plugin):
            if plugin.wanted(config):
                install(self, plugin.RELEASE, plugin.values(config), depends_on=self._system)

    def _pod_logs(self) -> None:
        config = self.config
        if not logs_chart.wanted(config):
            return
        days = config.cluster.pod_logs.retention_days
        group = log_group(self, "pod-logs", name=logs_chart.log_group_name(config), retention_days=days)
        self._controller(logs_chart, {"write": fluent_bit.shipper_policy(group.arn)})

    def _accounts(self) -> None:
        """Application accounts of namespace `default`, which is there before any stack of ours."""
        roles = self._stack_cluster.app_role_arns
        for name in accounts_in(self.config, "default"):
            ServiceAccount(self, f"app-{name}", name=name, namespace="default", role_arn=roles[f"default:{name}"])

    def _controller(self, chart: Any, policies: Mapping[str, dict[str, Any]], **references: str) -> None:
        """A release whose pods act on AWS: its role, and the chart told of it."""
        role = self.irsa(f"{chart.RELEASE}-role", chart.RELEASE, self._cluster, NAMESPACE, chart.SERVICE_ACCOUNT, inline=dict(policies))
        values = chart.values(self.config, role_arn=role.arn, **references)
        # The role's policies outlive the controller, which has load balancers and records to take away when it goes.
        install(self, chart.RELEASE, values, depends_on=[*self._system, *role.policies])
