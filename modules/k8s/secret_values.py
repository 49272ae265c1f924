"""Values out of Secrets Manager, read when Terraform runs and written to Kubernetes Secrets; kept in no state and no plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.cdk import Stack, aws, kubernetes, local, number


class SecretValues:
    """The values of some secrets. `revision` changes with any of them, also when a person set it by hand."""

    def __init__(self, stack: Stack, secrets: Mapping[str, str], *, revision: str) -> None:
        """secrets: key → full name in Secrets Manager; ids, and so addresses, are the keys. revision: id of that local."""
        versions = []
        self._stack, self._values = stack, dict[str, str]()
        for key, name in sorted(secrets.items()):
            read = stack.ephemeral("aws_secretsmanager_secret_version", key, secret_id=name)
            self._values[key] = f"${{{read}.secret_string}}"
            known = aws.data_aws_secretsmanager_secret_versions.DataAwsSecretsmanagerSecretVersions(stack, key, secret_id=name)
            versions.append(f"sort({known.fqn}.versions[*].version_id)")
        # A write-only value leaves nothing to compare, so the provider goes by this number. Seven hex digits stay exact in it.
        expression = f'${{parseint(substr(sha256(join(",", concat({", ".join(versions)}))), 0, 7), 16)}}'
        self.revision = local(stack, revision, expression)

    def write(self, id: str, *, name: str, namespace: str, keys: Mapping[str, str]) -> Any:
        """Secret `name` in `namespace` with some of the values; gives the resource. keys: key in the Secret → key of the value."""
        ns = kubernetes.secret_v1
        return ns.SecretV1(
            self._stack,
            id,
            metadata=ns.SecretV1Metadata(name=name, namespace=namespace),
            data_wo={there: self._values[here] for there, here in keys.items()},
            data_wo_revision=number(self.revision),
        )
