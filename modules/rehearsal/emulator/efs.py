"""EFS: the backup policy, and taking a file system policy away."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused

_answers = Answers()


def install() -> None:
    """Complete moto's EFS."""
    from moto.efs.responses import EFSResponse

    _answers.install(EFSResponse)


@_answers("PutBackupPolicy")
def _put_backup_policy(call: Call) -> Document:
    file_system, policy = _file_system(call), call["BackupPolicy"]
    file_system.hubsmith_backup = policy["Status"]
    return {"BackupPolicy": policy}


@_answers("DescribeBackupPolicy")
def _describe_backup_policy(call: Call) -> Document:
    file_system = _file_system(call)
    default = "ENABLED" if file_system.backup_policy else "DISABLED"
    return {"BackupPolicy": {"Status": getattr(file_system, "hubsmith_backup", default)}}


@_answers("DeleteFileSystemPolicy")
def _delete_file_system_policy(call: Call) -> Document:
    _file_system(call).file_system_policy = None
    return {}


def _file_system(call: Call) -> Any:
    from moto.efs.models import efs_backends

    file_system = efs_backends[call.account][call.region].file_systems_by_id.get(call["FileSystemId"])
    if file_system is None:
        raise Refused("FileSystemNotFound", f"File system '{call['FileSystemId']}' does not exist.")
    return file_system
