"""The DynamoDB table that holds the state locks: what it must look like, and making it so."""

from __future__ import annotations

import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modules.common.errors import HubError
from modules.common.tags import DEPLOYMENT, deployment_tags
from modules.config.models import HubConfig
from modules.ops.aws_clients import client, pages
from modules.ops.failures.aws import Kind, doing, is_missing, kind_of

#: Creating a table takes about 10 s; a table that needs longer than this has a problem to report.
_DEADLINE_SECONDS = 180
_PAUSE_SECONDS = 1.0
_KEY = [{"AttributeName": "LockID", "KeyType": "HASH"}]


class LockTable:
    """The lock table of one env, seen through its own calls."""

    def __init__(self, session: boto3.Session, config: HubConfig) -> None:
        self.name = config.lock_table
        self._config = config
        self._dynamodb = client(session, "dynamodb", config.region)
        self._tags = deployment_tags(config.deployment, config.env)

    def ensure(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(created, repaired) as sentences; raises HubError when the table has another key or AWS refuses."""
        with doing(f"prepare the lock table {self.name}"):
            created = self._create() if self._settled() is None else ()
            table = self._settled()
            if table is None:
                raise HubError(f"the lock table {self.name} vanished while it was being made", fix="run the same command again")
            self._check_key(table)
            repaired = [f"table {self.name}: {name}" for name in self._repair(table)]
        return created, () if created else tuple(repaired)

    def deployment(self) -> str:
        """The deployment id the table is tagged with, "" for none."""
        table = self._describe()
        return self._read_tags(table["TableArn"]).get(DEPLOYMENT, "") if table else ""

    def _create(self) -> tuple[str, ...]:
        try:
            self._dynamodb.create_table(
                TableName=self.name,
                KeySchema=_KEY,
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                SSESpecification={"Enabled": True},
                Tags=_pairs(self._tags),
            )
        except ClientError as error:
            if kind_of(error) is not Kind.BUSY:  # BUSY: another run made it a moment ago
                raise
        return (f"table {self.name}",)

    def _repair(self, table: dict[str, Any]) -> list[str]:
        """Write what differs. DynamoDB takes one kind of update at a time, hence the waits."""
        done = []
        found = self._read_tags(table["TableArn"])
        if found.get(DEPLOYMENT) in (None, self._config.deployment) and not self._tags.items() <= found.items():
            self._dynamodb.tag_resource(ResourceArn=table["TableArn"], Tags=_pairs(self._tags))
            done.append("tags")
        if table.get("BillingModeSummary", {}).get("BillingMode") != "PAY_PER_REQUEST":
            self._dynamodb.update_table(TableName=self.name, BillingMode="PAY_PER_REQUEST")
            self._settled()
            done.append("billing mode")
        if table.get("SSEDescription", {}).get("Status") not in {"ENABLED", "ENABLING", "UPDATING"}:
            self._dynamodb.update_table(TableName=self.name, SSESpecification={"Enabled": True})
            self._settled()
            done.append("encryption")
        if not self._has_recovery():
            self._dynamodb.update_continuous_backups(
                TableName=self.name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
            done.append("point-in-time recovery")
        return done

    def _has_recovery(self) -> bool:
        answer = self._dynamodb.describe_continuous_backups(TableName=self.name)["ContinuousBackupsDescription"]
        return bool(answer.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED")

    def _read_tags(self, arn: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in pages(self._dynamodb, "list_tags_of_resource", "Tags", ResourceArn=arn)}

    def _describe(self) -> dict[str, Any] | None:
        try:
            table: dict[str, Any] = self._dynamodb.describe_table(TableName=self.name)["Table"]
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return table

    def _settled(self) -> dict[str, Any] | None:
        """The table once it is neither being made, changed nor deleted; None when there is none."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while True:
            table = self._describe()
            if table is None or table["TableStatus"] == "ACTIVE":
                return table
            if time.monotonic() > deadline:
                raise HubError(
                    f"the lock table {self.name} is still {table['TableStatus']} after {_DEADLINE_SECONDS} s",
                    fix="look at it in the DynamoDB console, then run the same command again",
                )
            time.sleep(_PAUSE_SECONDS)

    def _check_key(self, table: dict[str, Any]) -> None:
        if table["KeySchema"] != _KEY:
            raise HubError(
                f"the table {self.name} is no lock table: its key is not LockID",
                where="state.lock_table",
                fix="name another table under state.lock_table in hub.yaml",
            )


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
