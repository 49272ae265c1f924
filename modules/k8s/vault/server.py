"""Configuration of the Vault servers, as HCL: TLS on every listener, raft on each member's own volume, unsealed by KMS."""

from __future__ import annotations

from modules.common import vault as refs

#: Where the chart mounts an extra volume of kind Secret: below its own folder, under the Secret's name.
TLS_FOLDER = f"/vault/userconfig/{refs.TLS_SECRET}"
CA_FILE = f"{TLS_FOLDER}/ca.crt"


def server_config(*, namespace: str, replicas: int, region: str, key_arn: str) -> str:
    """The text. namespace: of the members. replicas: how many. key_arn: of the key that unseals; may be an engine token."""
    return (
        "\n\n".join((_BASICS, _listener(), _storage(namespace, replicas), _seal(region, key_arn), 'service_registration "kubernetes" {}'))
        + "\n"
    )


# Raft keeps its data in a file that is mapped into memory, so locking memory would lock all of it, and HashiCorp advises against it:
# https://developer.hashicorp.com/vault/docs/configuration#disable_mlock. The nodes have no swap.
_BASICS = "ui = false\ndisable_mlock = true"


def _listener() -> str:
    return _block(
        'listener "tcp"',
        f'address = "[::]:{refs.PORT}"',
        f'cluster_address = "[::]:{refs.CLUSTER_PORT}"',
        f'tls_cert_file = "{TLS_FOLDER}/tls.crt"',
        f'tls_key_file = "{TLS_FOLDER}/tls.key"',
        'tls_min_version = "tls12"',
    )


def _storage(namespace: str, replicas: int) -> str:
    """Each member looks for all others, so that it does not matter which of them was initialised."""
    domain = f"{refs.INTERNAL_SERVICE}.{namespace}.svc"
    members = [f"https://{refs.STATEFUL_SET}-{number}.{domain}:{refs.PORT}" for number in range(replicas)]
    joins = [_block("retry_join", f'leader_api_addr = "{member}"', f'leader_ca_cert_file = "{CA_FILE}"') for member in members]
    return _block('storage "raft"', f'path = "{refs.DATA_FOLDER}"', *joins)


def _seal(region: str, key_arn: str) -> str:
    return _block('seal "awskms"', f'region = "{region}"', f'kms_key_id = "{key_arn}"')


def _block(head: str, *lines: str) -> str:
    inside = "\n".join(lines).replace("\n", "\n  ")
    return f"{head} {{\n  {inside}\n}}"
