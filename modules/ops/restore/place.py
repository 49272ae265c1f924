"""What a restore works with, as the state of stack data has it: file system, key, vault and AWS Backup's role."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.restore.patience import Watch
from modules.ops.state import StackState, stack_state
from modules.ops.sweep import DATA
from modules.ops.target import resolve_target, running_rehearsal


@dataclass(frozen=True)
class Place:
    """vault: its name. role: the ARN that AWS Backup acts with. system: the file system's id. key: the ARN it is encrypted with."""

    config: HubConfig
    vault: str
    role: str
    system: str
    key: str
    is_rehearsal: bool
    clients: Clients = field(repr=False)
    watch: Watch = field(default_factory=Watch, repr=False)

    @property
    def backup(self) -> Any:
        """boto3's client of AWS Backup."""
        return self.clients.get("backup")

    @property
    def efs(self) -> Any:
        """boto3's client of EFS."""
        return self.clients.get("efs")

    @property
    def system_arn(self) -> str:
        """As AWS Backup names what it backs up."""
        return f"arn:{self.config.partition}:elasticfilesystem:{self.config.region}:{self.clients.account}:file-system/{self.system}"


def open_place(root: Path, config: HubConfig) -> Place:
    """The place of `config`. Raises HubError when it has no file system, no vault, or is not installed; looking starts no rehearsal."""
    install = f"./install.sh {config.env}"
    if not config.storage.efs.enabled:
        raise HubError(f"{config.env} has no file system, and AWS Backup keeps nothing else of it", where="storage.efs", fix=_OTHERS)
    if config.rehearsal and not running_rehearsal(root, config):
        raise HubError(f"the rehearsal of {config.env} does not run, so it has no backups", fix=install)
    target = resolve_target(root, config)
    state = stack_state(target.session, config, f"{config.env}-{DATA}")
    system = _attributes(state, "aws_efs_file_system")
    if not system:
        raise HubError(f"{config.env} has no file system yet: its stack {DATA} is not installed", fix=install)
    vault, selection = _attributes(state, "aws_backup_vault"), _attributes(state, "aws_backup_selection")
    if not vault or not selection:
        switched = "" if config.storage.backup.enabled else "; storage.backup is off in hub.yaml"
        first = "" if config.storage.backup.enabled else "set storage.backup.enabled: true, then "
        raise HubError(f"{config.env} has no backup vault yet{switched}", where="storage.backup", fix=f"{first}{install}")
    return Place(
        config=config,
        vault=str(vault["name"]),
        role=str(selection["iam_role_arn"]),
        system=str(system["id"]),
        key=str(system.get("kms_key_id") or ""),
        is_rehearsal=target.is_rehearsal,
        clients=Clients(target.session, config.region),
        watch=Watch(pause=_REHEARSED) if target.is_rehearsal else Watch(),
    )


#: A rehearsal's jobs go on when somebody looks.
_REHEARSED = 0.2
_OTHERS = "volumes of homes on EBS outlive the cluster: ./hub homes list shows them; snapshots of them are yours to make"


def _attributes(state: StackState | None, kind: str) -> dict[str, Any]:
    """Of the first resource of a type; the data stack has one of each. {} for none."""
    return next((each.attributes for each in (state.resources if state else ()) if each.type == kind), {})
