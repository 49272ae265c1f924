"""Network policies: everything is denied in a namespace of ours, then named allowances follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modules.cdk import Stack, kubernetes
from modules.k8s.network import DNS_PORT, pods, ports, rule

#: What CoreDNS's pods carry on EKS.
DNS_LABELS = {"k8s-app": "kube-dns"}
DNS_PORTS = [*ports(DNS_PORT), *ports(DNS_PORT, protocol="UDP")]
_DIRECTIONS = {"ingress": "Ingress", "egress": "Egress"}


class Policies:
    """The policies of one namespace. Ids, and so addresses, begin with `prefix`."""

    def __init__(self, stack: Stack, prefix: str, *, namespace: str, depends_on: Sequence[Any] = ()) -> None:
        self._stack, self._prefix, self._namespace, self._depends_on = stack, prefix, namespace, list(depends_on)
        #: Every policy made here, for what must come after them: a pod without one may talk to nobody.
        self.resources: list[Any] = []

    def deny_all(self) -> None:
        """Nothing in, nothing out, for every pod of the namespace that no other policy speaks for."""
        self._make("deny-all", None, {"ingress": (), "egress": ()})

    def resolve_names(self) -> None:
        """Every pod may ask CoreDNS."""
        self.allow("resolve-names", None, egress=[rule([pods(DNS_LABELS, namespace="kube-system")], DNS_PORTS)])

    def allow(
        self,
        name: str,
        labels: Mapping[str, str] | None,
        *,
        ingress: Sequence[Mapping[str, Any]] = (),
        egress: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Let pods with `labels` (None: all) be reached, and reach, what the rules of modules.k8s.network say."""
        given = {"ingress": tuple(ingress), "egress": tuple(egress)}
        self._make(name, labels, {direction: rules for direction, rules in given.items() if rules})

    def _make(self, name: str, labels: Mapping[str, str] | None, rules: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        ns = kubernetes.network_policy_v1
        made = ns.NetworkPolicyV1(
            self._stack,
            f"{self._prefix}-{name}",
            metadata=ns.NetworkPolicyV1Metadata(name=name, namespace=self._namespace),
            spec=ns.NetworkPolicyV1Spec(
                pod_selector=ns.NetworkPolicyV1SpecPodSelector(match_labels=dict(labels) if labels else None),
                policy_types=[_DIRECTIONS[direction] for direction in rules],
                ingress=[_allowance("Ingress", "From", each) for each in rules.get("ingress", ())] or None,
                egress=[_allowance("Egress", "To", each) for each in rules.get("egress", ())] or None,
            ),
            depends_on=self._depends_on or None,
        )
        self.resources.append(made)


def _allowance(direction: str, side: str, allowed: Mapping[str, Any]) -> Any:
    """One rule as the binding's typed structs: plain dicts in a list would lose their keys."""
    kind = f"NetworkPolicyV1Spec{direction}"
    peers = [_peer(f"{kind}{side}", peer) for peer in allowed["peers"]]
    on = [_struct(f"{kind}Ports", port=str(each["port"]), protocol=each["protocol"]) for each in allowed["ports"]]
    argument = {"From": "from_", "To": "to"}[side]
    return _struct(kind, **{argument: peers}, ports=on or None)


def _peer(kind: str, peer: Mapping[str, Any]) -> Any:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        return _struct(kind, ip_block=_struct(f"{kind}IpBlock", cidr=block["cidr"], except_=block.get("except")))
    selectors = {}
    for key, argument, suffix in (
        ("podSelector", "pod_selector", "PodSelector"),
        ("namespaceSelector", "namespace_selector", "NamespaceSelector"),
    ):
        if key in peer:
            selectors[argument] = _struct(f"{kind}{suffix}", match_labels=peer[key].get("matchLabels"))
    return _struct(kind, **selectors)


def _struct(name: str, **values: Any) -> Any:
    return getattr(kubernetes.network_policy_v1, name)(**values)
