"""The chart's values: raft members on nodes of their own, and the injector that brings credentials into pods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modules.common import vault as refs
from modules.common.scheduling import POOL_LABEL, placement, toleration
from modules.config.extras import Vault
from modules.config.models import HubConfig
from modules.config.place import places
from modules.k8s.charts.parts import resources
from modules.k8s.service_account import role_annotations
from modules.k8s.vault.doors import consumer_namespaces
from modules.k8s.vault.server import CA_FILE, server_config

#: As the images have it: user `vault`, group `vault`.
_USER, _GROUP = 100, 1000
#: https://developer.hashicorp.com/vault/api-docs/system/health
READY = "/v1/sys/health?standbyok=true&perfstandbyok=true&uninitcode=204"
#: Octal 0440: the group above reads the private key, nobody else.
_KEY_MODE = 0o440


@dataclass(frozen=True)
class VaultRefs:
    """role_arn: of the servers. key_arn: of the key that unseals. storage_class: of the members' volumes. ca: in base64, PEM.
    certificate_revision: changes with the certificate. Any of them may be an engine token."""

    role_arn: str
    key_arn: str
    storage_class: str
    ca: str
    certificate_revision: str


def vault_values(config: HubConfig, settings: Vault, at: VaultRefs) -> dict[str, Any]:
    """Values of release `vault`."""
    return {
        # Everything the chart writes then says https, the injector's own settings included.
        "global": {"tlsDisable": False},
        "server": _server(config, settings, at),
        "injector": _injector(config, settings, at),
        "csi": {"enabled": False},
        "ui": {"enabled": False},
    }


def _server(config: HubConfig, settings: Vault, at: VaultRefs) -> dict[str, Any]:
    volume = {"enabled": True, "size": settings.storage_size, "storageClass": at.storage_class}
    return {
        **_where(config, settings),
        "serviceAccount": {"create": True, "name": refs.SERVICE_ACCOUNT, "annotations": role_annotations(at.role_arn)},
        # Notebooks log in by tokens that Vault checks with the cluster's public keys, so it need not ask the API server who they are.
        "authDelegator": {"enabled": False},
        "ha": {
            "enabled": True,
            "replicas": settings.replicas,
            "raft": {
                "enabled": True,
                # A member is known by its pod's name, also when its volume comes back in another cluster.
                "setNodeId": True,
                "config": server_config(namespace=settings.namespace, replicas=settings.replicas, region=config.region, key_arn=at.key_arn),
            },
            # The certificate carries names and no pod's address. HOSTNAME is defined too late in the pod for this line to use it.
            "apiAddr": f"https://$(VAULT_K8S_POD_NAME).{refs.INTERNAL_SERVICE}.{settings.namespace}.svc:{refs.PORT}",
            # A single member may never go by the chart's count, and its node could not be replaced.
            "disruptionBudget": {"enabled": settings.replicas > 1},
        },
        "standalone": {"enabled": False},
        # One member after the other, each only when the one before is unsealed again, which needs nobody; for a changed setting,
        # and for a new certificate, which Vault reads when it starts.
        "updateStrategyType": "RollingUpdate",
        "includeConfigAnnotation": True,
        "annotations": {"hubsmith.io/certificate": at.certificate_revision},
        # The chart's own question counts a member that waits for `./hub vault init` as not ready, so that no install would end.
        # A sealed one is not ready here either: a rollout stops at the first that KMS does not unseal.
        "readinessProbe": {"enabled": True, "path": READY},
        # A sealed member is led no client; members find each other through the headless service, which lists all.
        "service": {"publishNotReadyAddresses": False},
        "dataStorage": {**volume, "mountPath": refs.DATA_FOLDER},
        # A Vault with an audit device that cannot write stops answering, so the device has a volume of its own and not the data's.
        "auditStorage": {**volume, "mountPath": refs.AUDIT_FOLDER},
        "extraVolumes": [{"type": "secret", "name": refs.TLS_SECRET, "defaultMode": _KEY_MODE}],
        # For `vault` typed in a member's shell.
        "extraEnvironmentVars": {"VAULT_CACERT": CA_FILE},
        "resources": resources("250m", "512Mi", "1Gi"),
        "statefulSet": {"securityContext": _security()},
        "networkPolicy": {"enabled": False},
    }


def _injector(config: HubConfig, settings: Vault, at: VaultRefs) -> dict[str, Any]:
    return {
        "enabled": True,
        "replicas": min(2, settings.replicas),
        # The seed wrote this beside `vault:`, where the chart never looked.
        "authPath": refs.AUTH_PATH,
        **_where(config, settings),
        "webhook": {
            # A hub whose people cannot log in because a webhook is away is worse than a pod without its credentials.
            "failurePolicy": "Ignore",
            "namespaceSelector": {
                "matchExpressions": [_in("kubernetes.io/metadata.name", consumer_namespaces(config))],
            },
        },
        # Every agent trusts Vault's certificate by this, so that pods need no Secret with the CA in their namespace.
        "extraEnvironmentVars": {"AGENT_INJECT_VAULT_CACERT_BYTES": at.ca},
        # Tokens of pods that are gone are good for nothing.
        "revokeOnShutdown": True,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "resources": resources("50m", "128Mi"),
        "securityContext": _security(),
    }


def _in(key: str, values: Sequence[str]) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


def _where(config: HubConfig, settings: Vault) -> dict[str, Any]:
    """nodeSelector and tolerations. Pods of a kind never share a node: that much is the chart's own affinity."""
    standing, place = placement("vault", None), places(config).get(settings.pool)
    extra = place.taints if place else ()
    # The label of the pool itself, as profiles use it: a second pool for Vault would otherwise be as good.
    return {
        "nodeSelector": {**standing.labels, POOL_LABEL: settings.pool},
        "tolerations": [toleration(taint) for taint in dict.fromkeys((*standing.taints, *extra))],
    }


def _security() -> dict[str, Any]:
    """What a namespace of level `restricted` asks for."""
    return {
        "pod": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _GROUP,
            "fsGroup": _GROUP,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "container": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
