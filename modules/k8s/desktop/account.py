"""Who the agent is in the cluster: its service account, and the few verbs on the few objects that are its own."""

from __future__ import annotations

from typing import Any

from modules.cdk import Stack, kubernetes
from modules.common import desktops as refs
from modules.k8s.service_account import ServiceAccount

_RBAC = "rbac.authorization.k8s.io"


class AgentAccount:
    """Service account, Role and RoleBinding. scales_seats: whether the agent may also send the pool to zero."""

    def __init__(self, stack: Stack, *, namespace: str, role_arn: str, scales_seats: bool) -> None:
        account = ServiceAccount(stack, "agent", name=refs.SERVICE_ACCOUNT, namespace=namespace, role_arn=role_arn, api_token=True).resource
        ns = kubernetes.role_v1
        rules = [_on(ns, "", "configmaps", refs.CONFIG_MAP)]
        if scales_seats:
            rules.append(_on(ns, "apps", "deployments/scale", refs.SEATS))
        role = ns.RoleV1(stack, "agent-role", metadata=ns.RoleV1Metadata(name=refs.ROLE, namespace=namespace), rule=rules)
        ns = kubernetes.role_binding_v1
        binding = ns.RoleBindingV1(
            stack,
            "agent-role-binding",
            metadata=ns.RoleBindingV1Metadata(name=refs.ROLE_BINDING, namespace=namespace),
            role_ref=ns.RoleBindingV1RoleRef(api_group=_RBAC, kind="Role", name=role.metadata.name),
            subject=[ns.RoleBindingV1Subject(kind="ServiceAccount", name=account.metadata.name, namespace=namespace)],
        )
        #: What must be there before a pod runs as this account.
        self.resources: list[Any] = [account, binding]


def _on(ns: Any, group: str, resource: str, name: str) -> Any:
    return ns.RoleV1Rule(api_groups=[group], resources=[resource], resource_names=[name], verbs=["get", "patch"])
