"""`vault`: HashiCorp Vault and what is its alone. Can go and come back: its key is in stack `data`, and its volumes are kept."""

from __future__ import annotations

from typing import Any

from modules.aws.irsa import IrsaRole
from modules.cdk import App, Stack, aws, kubernetes, local, number
from modules.common import vault as refs
from modules.common.homes import Purpose
from modules.config import HubConfig
from modules.config.extras import Vault
from modules.iam.vault import server_policy
from modules.k8s.kept import kept_class, make_kept_class
from modules.k8s.namespace import Namespace
from modules.k8s.providers import use_cluster
from modules.k8s.release import install
from modules.k8s.vault.doors import consumer_namespaces
from modules.k8s.vault.policies import vault_policies
from modules.k8s.vault.values import VaultRefs, vault_values
from modules.stacks.base import HubStack
from modules.stacks.cluster import ClusterStack
from modules.stacks.data import DataStack
from modules.stacks.network import NetworkStack


class VaultStack(HubStack):
    """Namespace, policies, role, certificate, storage class, release."""

    def __init__(
        self, app: App, config: HubConfig, settings: Vault, *, data: DataStack, network: NetworkStack, cluster: ClusterStack
    ) -> None:
        super().__init__(app, config, "vault")
        assert data.vault_key is not None  # made for every env with a vault section
        self._settings, self._key, self._cluster = settings, data.vault_key, cluster.ref
        use_cluster(self, env=config.env, endpoint=self._cluster.endpoint, certificate_authority=self._cluster.certificate_authority)
        namespace = Namespace(self, settings.namespace, level="restricted").name
        guards = vault_policies(self, namespace=namespace, consumers=consumer_namespaces(config), ranges=network.ranges)
        role = self._role()
        certificate = Certificate(self, deployment=config.deployment, namespace=namespace)
        # On somebody else's cluster the driver's role may not use our key.
        own = config.cluster.existing is None
        kept = make_kept_class(self, config, Purpose.VAULT, tags=self.thing_tags, kms_key_arn=data.key.arn if own else None)
        at = VaultRefs(
            role_arn=role.arn,
            key_arn=self._key.arn,
            storage_class=kept_class(config, Purpose.VAULT),
            ca=certificate.ca_in_base64,
            certificate_revision=certificate.revision,
        )
        before = [*guards, *role.policies, certificate.resource, kept]
        install(self, refs.RELEASE, vault_values(config, settings, at), namespace=namespace, depends_on=before)
        self.output(refs.ROLE_OUTPUT, role.arn, description="Role of Vault, which a user's role has to trust")
        self.output(refs.KEY_OUTPUT, self._key.arn, description="Key that unseals Vault")

    def _role(self) -> IrsaRole:
        config = self.config
        linked = self._settings.user_roles or refs.default_user_roles(config.partition)
        document = server_policy(key_arn=self._key.arn, user_roles=linked)
        return self.irsa("role", "vault", self._cluster, self._settings.namespace, refs.SERVICE_ACCOUNT, inline={"server": document})


class Certificate:
    """Secret `vault-tls` with the servers' certificate and key, out of Secrets Manager and kept in no state; `ca_in_base64` is the CA's
    certificate alone, which anybody may know. `revision` changes with the certificate."""

    def __init__(self, stack: Stack, *, deployment: str, namespace: str) -> None:
        name = f"{deployment}/{refs.TLS_SECRET}"
        read = stack.ephemeral("aws_secretsmanager_secret_version", refs.TLS_SECRET, secret_id=name)
        known = aws.data_aws_secretsmanager_secret_versions.DataAwsSecretsmanagerSecretVersions(stack, refs.TLS_SECRET, secret_id=name)
        # A write-only value leaves nothing to compare, so the provider goes by this number. Seven hex digits stay exact in it.
        expression = f'${{parseint(substr(sha256(join(",", sort({known.fqn}.versions[*].version_id))), 0, 7), 16)}}'
        self.revision = local(stack, "certificate-revision", expression)
        fields = {"ca.crt": refs.CA_KEY, "tls.crt": refs.CERTIFICATE_KEY, "tls.key": refs.PRIVATE_KEY}
        ns = kubernetes.secret_v1
        self.resource: Any = ns.SecretV1(
            stack,
            "certificate",
            metadata=ns.SecretV1Metadata(name=refs.TLS_SECRET, namespace=namespace),
            data_wo={file: f"${{jsondecode({read}.secret_string).{field}}}" for file, field in fields.items()},
            data_wo_revision=number(self.revision),
        )
        ca = aws.data_aws_secretsmanager_secret_version.DataAwsSecretsmanagerSecretVersion(
            stack, refs.CA_SECRET, secret_id=f"{deployment}/{refs.CA_SECRET}"
        )
        # The provider calls every value sensitive, and would hide the whole release's plan for this one.
        self.ca_in_base64 = f"${{base64encode(nonsensitive({ca.fqn}.secret_string))}}"
