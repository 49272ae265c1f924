"""The hub's credentials: read from Secrets Manager when Terraform runs, written to one Secret, kept in no state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.cdk import Stack, aws, kubernetes, local, number
from modules.k8s.jupyterhub import refs


class Credentials:
    """Secret `hub-credentials`. `revision` changes with any value in Secrets Manager, also when a person set it by hand."""

    def __init__(self, stack: Stack, *, namespace: str, secrets: Mapping[str, str]) -> None:
        """secrets: key in the Secret → full name in Secrets Manager."""
        values, versions = {}, []
        for key, name in sorted(secrets.items()):
            read = stack.ephemeral("aws_secretsmanager_secret_version", key, secret_id=name)
            values[key] = f"${{{read}.secret_string}}"
            known = aws.data_aws_secretsmanager_secret_versions.DataAwsSecretsmanagerSecretVersions(stack, key, secret_id=name)
            versions.append(f"sort({known.fqn}.versions[*].version_id)")
        # A write-only value leaves nothing to compare, so the provider goes by this number. Seven hex digits stay exact in it.
        expression = f'${{parseint(substr(sha256(join(",", concat({", ".join(versions)}))), 0, 7), 16)}}'
        self.revision = local(stack, "secret-revision", expression)
        ns = kubernetes.secret_v1
        self.resource: Any = ns.SecretV1(
            stack,
            "credentials",
            metadata=ns.SecretV1Metadata(name=refs.SECRET, namespace=namespace),
            data_wo=values,
            data_wo_revision=number(self.revision),
        )
