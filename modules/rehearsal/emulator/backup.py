"""AWS Backup: selections, vault policies, changed plans, and tags read by ARN, which moto lacks. Its jobs: backup_jobs."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from modules.rehearsal.emulator import backup_jobs
from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused, Regional, now
from modules.rehearsal.emulator.backup_jobs import vault_of

_answers = Answers()
_CONDITIONS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike")


@dataclass
class _Held:
    """selections: plan id → selection id → selection. policies: vault → policy."""

    selections: dict[str, dict[str, Document]] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)


_state: Regional[_Held] = Regional(_Held)


def install() -> None:
    """Complete moto's Backup."""
    from moto.backup import urls
    from moto.backup.responses import BackupResponse

    _answers.install(BackupResponse)
    backup_jobs.answers.install(BackupResponse)
    vault = "/backup-vaults/(?P<name>[^/]+)"
    for path in (f"{vault}/recovery-points", f"{vault}/access-policy", *backup_jobs.PATHS):
        for end in ("$", "/$"):
            urls.url_paths[f"{{0}}{path}{end}"] = urls.response.dispatch


@_answers("CreateBackupSelection")
def _create_selection(call: Call) -> Document:
    plan, selection = _plan(call), call["BackupSelection"]
    id = str(uuid.uuid4())
    held = {**selection, "created": now()}
    _state.of(call.account, call.region).selections.setdefault(plan.backup_plan_id, {})[id] = held
    return {"SelectionId": id, "BackupPlanId": plan.backup_plan_id, "CreationDate": held["created"]}


@_answers("GetBackupSelection")
def _get_selection(call: Call) -> Document:
    selection = _selections(call).get(call["SelectionId"])
    if selection is None:
        # The provider knows a deleted selection by this code and these words alone.
        raise Refused("InvalidParameterValueException", f"Cannot find Backup plan or selection with ID {call['SelectionId']}")
    conditions = {name: [] for name in _CONDITIONS} | (selection.get("Conditions") or {})
    document = {"Resources": [], "NotResources": [], "ListOfTags": [], **selection, "Conditions": conditions}
    ids = {"SelectionId": call["SelectionId"], "BackupPlanId": call["BackupPlanId"]}
    return {"BackupSelection": document, "CreationDate": selection["created"], **ids}


@_answers("ListBackupSelections")
def _list_selections(call: Call) -> Document:
    rows = [
        {
            "SelectionId": id,
            "BackupPlanId": call["BackupPlanId"],
            "SelectionName": selection["SelectionName"],
            "IamRoleArn": selection["IamRoleArn"],
            "CreationDate": selection["created"],
        }
        for id, selection in _selections(call).items()
    ]
    return {"BackupSelectionsList": rows}


@_answers("DeleteBackupSelection")
def _delete_selection(call: Call) -> Document:
    if _selections(call).pop(call["SelectionId"], None) is None:
        raise Refused("ResourceNotFoundException", f"Cannot find Backup selection with ID {call['SelectionId']}")
    return {}


@_answers("UpdateBackupPlan")
def _update_plan(call: Call) -> Document:
    plan = _plan(call)
    changed = type(plan)(json.loads(json.dumps(call["BackupPlan"])), plan.creator_request_id, _backup(call))
    plan.backup_plan, plan.advanced_backup_settings = changed.backup_plan, changed.advanced_backup_settings
    plan.version_id = changed.version_id
    return dict(plan.to_dict())


@_answers("DeleteBackupPlan")
def _delete_plan(call: Call) -> Document:
    plan = _plan(call)
    if _selections(call):
        raise Refused("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan deletion")
    # moto would keep the plan, and its name with it.
    del _backup(call).plans[plan.backup_plan_id]
    return {**plan.to_dict(), "DeletionDate": now()}


@_answers("PutBackupVaultAccessPolicy")
def _put_vault_policy(call: Call) -> Document:
    _state.of(call.account, call.region).policies[vault_of(call).backup_vault_name] = call["Policy"]
    return {}


@_answers("GetBackupVaultAccessPolicy")
def _get_vault_policy(call: Call) -> Document:
    vault = vault_of(call)
    policy = _state.of(call.account, call.region).policies.get(vault.backup_vault_name)
    if policy is None:
        raise Refused("ResourceNotFoundException", f"Backup vault {vault.backup_vault_name} has no access policy")
    return {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn, "Policy": policy}


@_answers("DeleteBackupVaultAccessPolicy")
def _delete_vault_policy(call: Call) -> Document:
    _state.of(call.account, call.region).policies.pop(call["BackupVaultName"], None)
    return {}


@_answers("ListTags")
def _list_tags(call: Call) -> Document:
    # The SDK for Go leaves out the slash at the end that moto's own answer is looking for.
    return {"Tags": _backup(call).list_tags(call["ResourceArn"].rstrip("/"))}


def _backup(call: Call) -> Any:
    from moto.backup.models import backup_backends

    return backup_backends[call.account][call.region]


def _plan(call: Call) -> Any:
    plan = _backup(call).plans.get(call["BackupPlanId"])
    if plan is None:
        raise Refused("ResourceNotFoundException", f"Cannot find Backup plan with ID {call['BackupPlanId']}")
    return plan


def _selections(call: Call) -> dict[str, Document]:
    return _state.of(call.account, call.region).selections.setdefault(call["BackupPlanId"], {})
