"""`desktop`: remote desktops with a GPU, one on each node of their pool. Can go and come back by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from modules.aws.ingress import open_port
from modules.aws.irsa import IrsaRole
from modules.aws.parameters import parameter
from modules.cdk import App, aws
from modules.common import desktops as refs
from modules.common import names
from modules.common.quantity import quantity
from modules.common.scheduling import placement, toleration
from modules.config import HubConfig
from modules.config.extras import Desktop
from modules.config.place import places
from modules.iam import desktop as policies
from modules.k8s.desktop.account import AgentAccount
from modules.k8s.desktop.app import RELEASE as APP
from modules.k8s.desktop.app import values as app_values
from modules.k8s.desktop.board import board
from modules.k8s.desktop.daemon import DaemonProps, daemon
from modules.k8s.desktop.front import DesktopFront, DesktopFrontProps
from modules.k8s.desktop.seats import seats
from modules.k8s.namespace import Namespace
from modules.k8s.network import metadata, outside, ports, rule
from modules.k8s.policies import Policies
from modules.k8s.providers import use_cluster
from modules.k8s.release import install
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.network import NetworkStack

_IN = [*ports(refs.PORT), *ports(refs.PORT, protocol="UDP")]


class DesktopStack(HubStack):
    """Namespace, role, published parameters, the DaemonSet and its seats, and the way in."""

    def __init__(
        self, app: App, config: HubConfig, settings: Desktop, *, data: DataStack, network: NetworkStack, cluster: ClusterStack
    ) -> None:
        super().__init__(app, config, "desktop")
        self._settings, self._data, self._stack_cluster, self._cluster = settings, data, cluster, cluster.ref
        self._prefix = names.parameter_prefix(settings.project, config.env, settings.module)
        use_cluster(self, env=config.env, endpoint=self._cluster.endpoint, certificate_authority=self._cluster.certificate_authority)
        # Host paths, and a container that runs systemd: the one namespace of ours where pods may do so.
        self._namespace = Namespace(self, settings.namespace, level="privileged").name
        guards = self._policies(network.ranges)
        role = self._role()
        licence = self._licence()
        account = AgentAccount(self, namespace=self._namespace, role_arn=role.arn, scales_seats=settings.stop_idle_hours is not None)
        written = board(self, namespace=self._namespace, socket_path=self._socket_path)
        display, sockets = self._parameters()
        front = self._front()
        before = [*guards, *account.resources, *role.policies, licence, written, front.resource]
        daemon(self, self._daemon(display, sockets), namespace=self._namespace, depends_on=before)
        seats(
            self,
            namespace=self._namespace,
            count=settings.seats,
            selector=self._selector,
            tolerations=self._tolerations,
            depends_on=guards,
        )
        if settings.app_image:
            values = app_values(settings.app_image, host_path=settings.host_path, selector=self._selector, tolerations=self._tolerations)
            install(self, APP, values, namespace=self._namespace, depends_on=guards)
        self._outputs(role, display, sockets, front)

    @property
    def _socket_path(self) -> str:
        return f"{self._settings.host_path}/{refs.SOCKETS}"

    @property
    def _selector(self) -> dict[str, str]:
        return placement("desktop", None).labels

    @property
    def _tolerations(self) -> list[dict[str, str]]:
        """The pool's own taint, any GPU taint whatever its value (somebody else's cluster has other values), and the env's."""
        place = places(self.config).get(self._settings.pool or "")
        standing = [toleration(taint) for taint in (*placement("desktop", None).taints, *(place.taints if place else ()))]
        return [*standing, {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]

    def _policies(self, of_the_vpc: Sequence[str]) -> list[Any]:
        settings = self._settings
        made = Policies(self, "policy", namespace=self._namespace)
        made.deny_all()
        made.resolve_names()
        # The load balancer asks how its targets are from addresses of its own, in the VPC.
        come_from = [*settings.cidrs, *(of_the_vpc if settings.exposure == "nlb" else ())]
        made.allow(
            "desktop",
            refs.LABELS,
            ingress=[rule([outside(cidr) for cidr in come_from], _IN)],
            egress=[rule([outside()], ports(443)), rule([metadata()], ports(80))],
        )
        return made.resources

    def _role(self) -> IrsaRole:
        config, settings = self.config, self._settings
        account: str = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        document = policies.agent_policy(
            partition=config.partition,
            region=config.region,
            account=account,
            secret_arns=[self._data.secrets[name] for name in settings.credentials],
            key_arn=self._data.key.arn,
            parameter_prefix=self._prefix,
        )
        return self.irsa(
            "agent-aws-role", "dcv-agent", self._cluster, settings.namespace, refs.SERVICE_ACCOUNT, inline={"publish": document}
        )

    def _licence(self) -> Any:
        """What the desktop nodes' role lacks: the licence check reads a bucket of AWS's as the node, not as the pod."""
        cluster = self._stack_cluster
        on_karpenter = cluster.karpenter is not None and self._settings.pool in self.config.pools
        role = cluster.karpenter.node_role.name if on_karpenter and cluster.karpenter else cluster.node_role
        document = policies.licence_policy(partition=self.config.partition, region=self.config.region)
        return aws.iam_role_policy.IamRolePolicy(
            self, "licence", name=names.role_name(self.config.name, "dcv-licence"), role=role, policy=json.dumps(document)
        )

    def _parameters(self) -> tuple[str, str]:
        display = parameter(
            self,
            "display",
            name=f"{self._prefix}/{refs.DISPLAY_PARAMETER}",
            value=":0",
            description="DISPLAY of the desktop that came up last; one per node below it",
        )
        sockets = parameter(
            self,
            "socket-mount-path",
            name=f"{self._prefix}/{refs.SOCKET_PARAMETER}",
            value=self._socket_path,
            description="Folder of a desktop node with the X sockets, for /tmp/.X11-unix of application pods",
        )
        return display, sockets

    def _front(self) -> DesktopFront:
        settings, config = self._settings, self.config
        by_port = settings.exposure == "node-port"
        if by_port:
            open_port(
                self,
                "desktop",
                security_group_id=self._cluster.security_group_id,
                port=settings.node_port,
                cidrs=settings.cidrs,
                description=f"DCV desktops of {config.deployment}",
            )
        props = DesktopFrontProps(
            node_port=settings.node_port if by_port else None,
            scheme=settings.load_balancer,
            cidrs=settings.cidrs,
            tags=self.thing_tags if config.cluster.existing else {},
        )
        return DesktopFront(self, props, namespace=self._namespace)

    def _daemon(self, display: str, sockets: str) -> DaemonProps:
        settings, config = self._settings, self.config
        return DaemonProps(
            image=settings.image,
            host_path=settings.host_path,
            environment={
                "AWS_REGION": config.region,
                "DCV_CREDENTIALS": ",".join(f"{config.deployment}/{name}" for name in settings.credentials),
                "DCV_EKS_CONFIG_MAP_NAME": refs.CONFIG_MAP,
                "DCV_EKS_DISPLAY_PARAMETER_STORE": display,
                "DCV_EKS_SOCKET_PARAMETER_STORE": sockets,
                "DCV_SEATS": refs.SEATS if settings.stop_idle_hours else "",
                "DCV_SESSION": refs.SESSION,
                "DCV_SOCKET_MOUNT_PATH": self._socket_path,
                "DCV_STOP_IDLE_HOURS": str(settings.stop_idle_hours or ""),
            },
            cpu=settings.cpu,
            memory=quantity(settings.memory),
            gpus=settings.gpu,
            selector=self._selector,
            tolerations=self._tolerations,
        )

    def _outputs(self, role: IrsaRole, display: str, sockets: str, front: DesktopFront) -> None:
        """The seed's five, under its names, and where people go."""
        self.output("DcvEksRoleArn", role.arn, description="Role of the desktops' pods")
        self.output("DcvNamespace", self._namespace, description="Namespace of the desktops")
        self.output("DcvNodeport", str(self._settings.node_port), description="Port of the nodes, TCP and UDP")
        self.output("DcvDisplayParameterName", display, description="SSM parameter with the display")
        self.output("DcvSocketMountPathParameterName", sockets, description="SSM parameter with the folder of the X sockets")
        if front.address is not None:
            self.output(refs.URL_OUTPUT, f"https://{front.address}:{refs.PORT}/#{refs.SESSION}", description="Where desktops answer")
