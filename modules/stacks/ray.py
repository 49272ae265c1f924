"""`ray`: the Ray clusters of an env, with KubeRay's operator where one wants it. Can go and come back by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.aws.cluster import ClusterRef
from modules.cdk import App
from modules.common import ray as refs
from modules.config import HubConfig
from modules.k8s.namespace import Namespace
from modules.k8s.providers import use_cluster
from modules.k8s.ray.policies import operator_policies, ray_policies
from modules.k8s.ray.values import RayRefs, kuberay_values, operator_values, static_values
from modules.k8s.release import install
from modules.k8s.releases import releases
from modules.k8s.secret_values import SecretValues
from modules.stacks.base import HubStack


class RayStack(HubStack):
    """Namespaces with their policies, each cluster's token and release, the operator."""

    def __init__(self, app: App, config: HubConfig, *, cluster: ClusterRef, roles: Mapping[str, str]) -> None:
        """roles: `namespace:name` of service accounts → ARN of their application role (ClusterStack.app_role_arns)."""
        super().__init__(app, config, refs.STACK)
        self._roles = roles
        use_cluster(self, env=config.env, endpoint=cluster.endpoint, certificate_authority=cluster.certificate_authority)
        operator = self._operator() if any(each.kind == "kuberay" for each in config.ray.values()) else None
        for namespace in dict.fromkeys(each.namespace for each in config.ray.values()):
            self._in_namespace(namespace, operator)

    def _operator(self) -> Any:
        name = releases()[refs.OPERATOR].namespace
        assert name is not None  # helm/releases.yaml names it
        namespace = Namespace(self, name, level="restricted", id="operator-namespace").name
        guards = operator_policies(self, namespace=namespace)
        return install(self, refs.OPERATOR, operator_values(self.config), namespace=namespace, depends_on=guards)

    def _in_namespace(self, name: str, operator: Any) -> None:
        config = self.config
        here = [key for key, cluster in config.ray.items() if cluster.namespace == name]
        namespace = Namespace(self, name, level="restricted", id=f"namespace-{name}").name
        guards = ray_policies(self, config, f"policy-{name}", clusters=here, namespace=namespace)
        for key in here:
            self._cluster(key, namespace, guards, operator)

    def _cluster(self, key: str, namespace: str, guards: list[Any], operator: Any) -> None:
        cluster = self.config.ray[key]
        token = SecretValues(self, {key: f"{self.config.deployment}/{refs.token_secret(key)}"}, revision=f"revision-{key}")
        secret = token.write(f"token-{key}", name=refs.pod_secret(key), namespace=namespace, keys={refs.TOKEN_KEY: key})
        at = RayRefs(token.revision, self._roles.get(f"{cluster.namespace}:{refs.account(key)}", ""))
        before = [*guards, secret]
        if cluster.kind == "kuberay":
            # Without its operator a RayCluster would neither start nor go away.
            before.append(operator)
            chart, values = refs.KUBERAY_CHART, kuberay_values(self.config, key, at)
        else:
            chart, values = refs.STATIC_CHART, static_values(self.config, key, at)
        install(self, chart, values, namespace=namespace, release=refs.release(key), depends_on=before)
        address = refs.address(key, cluster.namespace)
        self.output(refs.output(key), address, description=f"Ray cluster {key}, for ray.init")
