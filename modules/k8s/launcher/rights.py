"""What the launcher, and the people who run it outside the cluster, may do in Kubernetes: a Role in each namespace of processes, and
one look at the nodes. Nothing in the launcher's own namespace, nothing in any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.cdk import Stack, kubernetes
from modules.common import launcher as refs

_GROUP = "rbac.authorization.k8s.io"


class Rights:
    """Roles and bindings. processes: each namespace's name → a reference to it. account: the service account's name, and its namespace's.
    cluster_role: a name that no other launcher of the cluster has. with_operators: whether to let their group in too."""

    def __init__(
        self, stack: Stack, *, processes: Mapping[str, str], account: tuple[str, str], cluster_role: str, with_operators: bool
    ) -> None:
        self._stack, self._account, self._with_operators = stack, account, with_operators
        #: What must be there before the server starts: it tries its rights first.
        self.resources: list[Any] = [self._in_cluster(cluster_role)]
        for name, reference in processes.items():
            self.resources.append(self._in_namespace(name, reference))

    def _in_namespace(self, name: str, reference: str) -> Any:
        ns = kubernetes.role_v1
        role = ns.RoleV1(
            self._stack,
            f"role-{name}",
            metadata=ns.RoleV1Metadata(name=refs.NAME, namespace=reference),
            rule=[_rule(ns.RoleV1Rule, each) for each in refs.NAMESPACE_RULES],
        )
        ns = kubernetes.role_binding_v1
        return ns.RoleBindingV1(
            self._stack,
            f"role-binding-{name}",
            metadata=ns.RoleBindingV1Metadata(name=refs.NAME, namespace=reference),
            role_ref=ns.RoleBindingV1RoleRef(api_group=_GROUP, kind="Role", name=role.metadata.name),
            subject=self._subjects(ns.RoleBindingV1Subject),
        )

    def _in_cluster(self, name: str) -> Any:
        ns = kubernetes.cluster_role_v1
        role = ns.ClusterRoleV1(
            self._stack,
            "cluster-role",
            metadata=ns.ClusterRoleV1Metadata(name=name),
            rule=[_rule(ns.ClusterRoleV1Rule, each) for each in refs.CLUSTER_RULES],
        )
        ns = kubernetes.cluster_role_binding_v1
        return ns.ClusterRoleBindingV1(
            self._stack,
            "cluster-role-binding",
            metadata=ns.ClusterRoleBindingV1Metadata(name=name),
            role_ref=ns.ClusterRoleBindingV1RoleRef(api_group=_GROUP, kind="ClusterRole", name=role.metadata.name),
            subject=self._subjects(ns.ClusterRoleBindingV1Subject),
        )

    def _subjects(self, kind: Any) -> list[Any]:
        name, namespace = self._account
        found = [kind(kind="ServiceAccount", name=name, namespace=namespace)]
        operators = [kind(kind="Group", name=refs.OPERATORS, api_group=_GROUP)]
        return found + operators if self._with_operators else found


def _rule(kind: Any, rule: tuple[str, str, tuple[str, ...]]) -> Any:
    group, resource, verbs = rule
    return kind(api_groups=[group], resources=[resource], verbs=list(verbs))
