"""AWS Backup of the file system: a vault, a plan, and what goes into it."""

from __future__ import annotations

from modules.cdk import Stack, aws, keep


class Backups:
    """Backs `resource_arn` up on `schedule` and keeps each recovery point `keep_days` days."""

    def __init__(
        self,
        stack: Stack,
        id: str,
        *,
        name: str,
        kms_key_arn: str,
        schedule: str,
        keep_days: int,
        resource_arn: str,
        role_arn: str,
        protect: bool,
    ) -> None:
        vault = aws.backup_vault.BackupVault(stack, id, name=name, kms_key_arn=kms_key_arn, lifecycle=keep(protect))
        plan = aws.backup_plan.BackupPlan(
            stack,
            f"{id}-plan",
            name=name,
            rule=[
                aws.backup_plan.BackupPlanRule(
                    rule_name="homes",
                    target_vault_name=vault.name,
                    schedule=schedule,
                    lifecycle=aws.backup_plan.BackupPlanRuleLifecycle(delete_after=keep_days),
                )
            ],
        )
        aws.backup_selection.BackupSelection(
            stack, f"{id}-selection", name=name, plan_id=plan.id, iam_role_arn=role_arn, resources=[resource_arn]
        )
