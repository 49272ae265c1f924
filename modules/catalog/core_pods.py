"""What stands on the core nodes: pods and their requests. For charts a test holds the rows to the values we give; for add-ons they are
the drivers' own defaults, read on 2026-11-21."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CorePod:
    """One Deployment. cpu_milli, memory_mib: what one pod of it requests. most: pods where the core has two nodes or more.

    least: pods where it has one.
    """

    name: str
    cpu_milli: int
    memory_mib: int
    most: int = 1
    least: int = 1


#: 100m and 70Mi, https://github.com/coredns/deployment/blob/master/kubernetes/coredns.yaml.sed, and so in EKS's add-on.
COREDNS = CorePod("coredns", 100, 70, most=2)
#: Six containers of 10m and 40Mi,
#: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/charts/aws-ebs-csi-driver/values.schema.json
EBS_CSI = CorePod("ebs-csi-controller", 60, 240, most=2)
#: Asks for nothing. Two even on one node: whether the add-on takes another count is not known (modules/aws/addons.py).
EFS_CSI = CorePod("efs-csi-controller", 0, 0, most=2, least=2)
KARPENTER = CorePod("karpenter", 250, 512, most=2)
LOAD_BALANCER = CorePod("aws-load-balancer-controller", 100, 128, most=2)
EXTERNAL_DNS = CorePod("external-dns", 50, 64)
METRICS_SERVER = CorePod("metrics-server", 100, 200, most=2)
CLUSTER_AUTOSCALER = CorePod("cluster-autoscaler", 100, 300)
HUB = CorePod("hub", 200, 512)
PROXY = CorePod("proxy", 50, 64)
USER_SCHEDULER = CorePod("user-scheduler", 50, 64, most=2)
DASK = (CorePod("dask-gateway", 100, 256), CorePod("dask-gateway-controller", 50, 128), CorePod("dask-gateway-traefik", 50, 128))
KUBERAY = CorePod("kuberay-operator", 100, 512)
LAUNCHER = CorePod("launcher", 100, 192)
#: A Deployment that is updated starts its new pod before it ends the old one, and a Dask scheduler has to find a place too: the larger
#: of what either needs (modules/k8s/dask/values.py).
SPARE = CorePod("room for one more", 200, 512)
#: Network plugin, kube-proxy, pod identity agent, EBS: on every node. EFS and log shipping come besides where an env has them. What they
#: request: modules.catalog.instances.DAEMONS_CPU_MILLI.
DAEMONS = 4
