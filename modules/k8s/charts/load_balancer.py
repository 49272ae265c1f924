"""AWS Load Balancer Controller, chart 3.5.0: network load balancers for Services, and nothing else it could do."""

from __future__ import annotations

import re
from typing import Any

from modules.common.tags import deployment_tags
from modules.config.models import HubConfig
from modules.k8s.charts.parts import on_core, replicas, resources, service_account, unprivileged_container

RELEASE = "aws-load-balancer-controller"
SERVICE_ACCOUNT = "aws-load-balancer-controller"
#: What a Service says to be this controller's, because the webhook that would say it for every Service is off.
LOAD_BALANCER_CLASS = "service.k8s.aws/nlb"
#: The chart joins tags with commas into one argument and quotes nothing.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+-]+")


def values(config: HubConfig, *, role_arn: str, vpc_id: str) -> dict[str, Any]:
    """Values of release `aws-load-balancer-controller`. vpc_id may be an engine token."""
    return {
        "clusterName": config.cluster_name,
        # Both would be asked of instance metadata, which pods cannot reach (hop limit 1).
        "region": config.region,
        "vpcId": vpc_id,
        "serviceAccount": service_account(SERVICE_ACCOUNT, role_arn),
        "replicaCount": replicas(config),
        "podDisruptionBudget": {"maxUnavailable": 1},
        # With it, no Service of any kind can be made while this controller is down: CoreDNS's own among them.
        "enableServiceMutatorWebhook": False,
        # The webhooks' certificate is made once: with a new one at every upgrade, the API distrusts the pods that still run.
        "keepTLSSecret": True,
        # An Ingress would be another way in, past the hub's own load balancer.
        "createIngressClassResource": False,
        "ingressClassParams": {"create": False},
        # It refuses everybody's Ingress while this controller is down, and ours are none.
        "webhookConfig": {"disableIngressValidation": True},
        "controllerConfig": {
            # The two gateways are on by default since 3.0, and the controller crashes where only some of their CRDs exist.
            "featureGates": {"ALBGatewayAPI": False, "NLBGatewayAPI": False, "ServiceTypeLoadBalancerOnly": True},
        },
        # Services of AWS that its role may not use.
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "defaultTargetType": "ip",
        "defaultTags": default_tags(config),
        **on_core(config),
        "resources": resources("100m", "128Mi", "256Mi"),
        "podSecurityContext": {"fsGroup": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
        "securityContext": {"runAsNonRoot": True, **unprivileged_container()},
    }


def default_tags(config: HubConfig) -> dict[str, str]:
    """Tags of every load balancer, target group and security group it makes: the sweep finds them by the deployment's.

    Tags of the env that hold a comma, a space or the like are left off: they would cut the argument in two.
    """
    plain = {key: value for key, value in config.tags.items() if _PLAIN.fullmatch(key) and _PLAIN.fullmatch(value)}
    return {**plain, **deployment_tags(config.deployment, config.env)}
