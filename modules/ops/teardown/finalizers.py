"""Who takes a finalizer off, and what that needs. A finalizer that is taken off by hand leaves behind what its owner would have removed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """who: the program. needs: what it waits for, or has to be there."""

    who: str
    needs: str


_KARPENTER = Owner("karpenter", "its controller, in kube-system, has to run until the node is drained and its instance ended")
_BALANCER = Owner("aws-load-balancer-controller", "its controller, in kube-system, has to run until AWS has removed the load balancer")
_EBS = Owner("the EBS CSI driver", "its controller has to run until the volume is detached or deleted")
_IN_USE = Owner("kube-controller-manager", "a pod still uses the claim; it goes when that pod does")
_KUBERAY = Owner("kuberay-operator", "the operator has to run, and the cluster's Redis to answer")
#: By name, or by what the name begins with. Sources, in order: karpenter.sh/docs/concepts/disruption (termination), the controller's guide
#: (kubernetes-sigs.github.io/aws-load-balancer-controller), kubernetes.io/docs/concepts/overview/working-with-objects/finalizers,
#: kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection, github.com/kubernetes-sigs/external-dns,
#: docs.ray.io/en/latest/cluster/kubernetes (GCS fault tolerance).
OWNERS = {
    "karpenter.sh/": _KARPENTER,
    "karpenter.k8s.aws/": _KARPENTER,
    "service.k8s.aws/resources": _BALANCER,
    "ingress.k8s.aws/resources": _BALANCER,
    "elbv2.k8s.aws/resources": _BALANCER,
    "group.ingress.k8s.aws/": _BALANCER,
    "service.kubernetes.io/load-balancer-cleanup": Owner("the cloud's service controller", "AWS has to remove the load balancer first"),
    "kubernetes.io/pvc-protection": _IN_USE,
    "kubernetes.io/pv-protection": Owner("kube-controller-manager", "a claim is bound to the volume; it goes when that claim does"),
    "external-attacher/ebs-csi-aws-com": _EBS,
    "external-provisioner.volume.kubernetes.io/finalizer": _EBS,
    "dnsendpoint.externaldns.k8s.io/": Owner("external-dns", "its controller has to run until the record is removed"),
    "ray.io/": _KUBERAY,
    "foregroundDeletion": Owner("the garbage collector", "what the object owns has to go first"),
    "orphan": Owner("the garbage collector", "it lets go of what the object owns; nothing to do but wait"),
    "kubernetes": Owner("the namespace controller", "everything in the namespace has to go first"),
}
_UNKNOWN = Owner("an unknown program", "whoever installed it knows what it would still remove")


def owner_of(finalizer: str) -> Owner:
    """Whose a finalizer is."""
    exact = OWNERS.get(finalizer)
    return exact or next((owner for name, owner in OWNERS.items() if name.endswith("/") and finalizer.startswith(name)), _UNKNOWN)
