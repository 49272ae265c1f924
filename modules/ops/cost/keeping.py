"""What keeps things: file system, buckets, volumes, backups, keys, secrets, logs."""

from __future__ import annotations

from modules.common import ray as ray_refs
from modules.common import vault as vault_refs
from modules.config.models import HubConfig
from modules.ops.cost.model import Assumptions
from modules.ops.cost.tally import Tally

_DAYS_A_MONTH = 30
#: Cookie secret, crypt key: every hub has them.
_OF_EVERY_HUB = 2


def add_storage(config: HubConfig, assumed: Assumptions, tally: Tally) -> None:
    """Data: the same idle, asleep, and after a cleanup that keeps them."""
    storage = config.storage
    on_efs = _efs_gb(config, assumed)
    tally.add("efs", f"EFS: {on_efs} GB, none of it infrequently read", "efs", on_efs, storage=True, note="assumed")
    if storage.backup.enabled:
        tally.add("backup", f"backups: {on_efs} GB, changes aside", "efs-backup", on_efs, storage=True, note="assumed")
    if storage.homes.kind == "ebs":
        size = _gib(storage.homes.size)
        label = f"homes on EBS: {assumed.users} users, {storage.homes.size} each"
        tally.add("homes", label, "gp3", assumed.users * size, storage=True, note="assumed")
    buckets = [name for name, wanted in (("shared", storage.buckets.shared), ("scratch", storage.buckets.scratch)) if wanted]
    label = f"S3: {' and '.join(buckets)}, {assumed.bucket_gb} GB each"
    tally.add("s3", label, "s3", len(buckets) * assumed.bucket_gb, storage=True, note="assumed")
    size = _gib(config.hub.database_size)
    tally.add("database", f"the hub's database: {config.hub.database_size}", "gp3", size, storage=True)
    if config.vault is not None:
        # Each member has one for its data and one of the same size for its audit log.
        total = 2 * config.vault.replicas * _gib(config.vault.storage_size)
        tally.add("vault-volumes", f"Vault's volumes: {total}Gi", "gp3", total, storage=True)


def add_keys(config: HubConfig, tally: Tally) -> None:
    """KMS keys and secrets."""
    own = config.cluster.existing is None
    keys = 1 + own + (config.vault is not None)
    tally.add("keys", f"KMS keys: {keys}", "kms-key", keys, note="in their first year")
    count = secret_count(config)
    tally.add("secrets", f"Secrets Manager: {count} secrets", "secret", count)


def secret_count(config: HubConfig) -> int:
    """How many secrets the env has in Secrets Manager. A test holds this to what stack `data` makes."""
    auth = config.auth
    names = {ray_refs.token_secret(key) for key in config.ray}
    if auth.kind != "dummy":
        names.add(auth.client_secret)
    if auth.kind == "github" and auth.allow.dandi_registered:
        names.add(auth.dandi_token)
    if config.desktop:
        names.update(config.desktop.credentials)
    if config.vault:
        names.update(vault_refs.SECRETS)
    # The launcher's own, which lets the hub's people in, and those that processes may be given.
    of_launcher = 1 + len(config.launcher.secrets) if config.launcher else 0
    return _OF_EVERY_HUB + of_launcher + len(names) + (config.dask is not None)


def add_logs(config: HubConfig, assumed: Assumptions, tally: Tally) -> None:
    """Written, and kept as long as the env says."""
    cluster, network = config.cluster, config.network
    if cluster.existing is None and cluster.log_types:
        _logs(
            "control-logs",
            "logs of the control plane",
            assumed.control_logs_gb,
            cluster.log_retention_days,
            tally,
            asleep=assumed.asleep_logs_gb,
        )
    if cluster.existing is None and cluster.pod_logs.enabled:
        _logs("pod-logs", "logs of pods", assumed.pod_logs_gb, cluster.pod_logs.retention_days, tally, asleep=0)
    if network.existing is None and network.flow_logs.enabled:
        _logs("flow-logs", "flow logs", assumed.flow_logs_gb, network.flow_logs.retention_days, tally, asleep=0)


def _logs(key: str, label: str, gb: int, days: int, tally: Tally, *, asleep: int) -> None:
    tally.add(key, f"{label}: {gb} GB", "logs-in", gb, asleep=asleep, note="assumed")
    tally.add(f"{key}-kept", f"{label}: kept {days} days", "logs-kept", gb * days / _DAYS_A_MONTH, note="assumed")


def _efs_gb(config: HubConfig, assumed: Assumptions) -> int:
    efs, homes = config.storage.efs, config.storage.homes
    if not efs.enabled:
        return 0
    return len(efs.trees) * assumed.tree_gb + (assumed.users * assumed.home_gb if homes.kind == "efs" else 0)


def _gib(size: str) -> int:
    """Of a volume's size such as `10Gi` or `1Ti`."""
    return int(size[:-2]) * (1024 if size.endswith("Ti") else 1)
