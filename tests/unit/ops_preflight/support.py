"""What checks of an account are tested with: quotas as AWS would list them, and an env whose stacks are written out here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3

from modules.catalog.quotas import VCPUS
from modules.ops.aws_clients import Clients
from modules.ops.preflight.check import Context
from modules.ops.synth import Stack
from tests.unit.ops_aws.support import make_config, refusal

#: What an account that has run things for a while was granted.
GRANTED = {quota.code: 64 for quota in VCPUS.values()}


def grant(session: boto3.Session, **codes: int) -> None:
    """Make Service Quotas list these codes (`L_1216C47A=5`) over GRANTED; moto has none."""
    values = GRANTED | {code.replace("_", "-"): value for code, value in codes.items()}
    listed = [{"QuotaCode": code, "Value": float(value)} for code, value in values.items()]

    def answer(**_: Any) -> tuple[Any, dict[str, Any]]:
        return SimpleNamespace(status_code=200, headers={}), {"Quotas": listed, "ResponseMetadata": {"HTTPStatusCode": 200}}

    session.events.register("before-call.service-quotas.ListServiceQuotas", answer)


def refuse(session: boto3.Session, call: str, code: str = "AccessDeniedException") -> None:
    """Make AWS refuse one call, named `<service>.<Operation>`."""

    def answer(**_: Any) -> None:
        raise refusal(code, call.rpartition(".")[2], 403)

    session.events.register(f"before-call.{call}", answer)


def with_stacks(
    session: boto3.Session, folder: Path, resources: Mapping[str, Any], *, ephemeral: Mapping[str, Any] | None = None, **given: Any
) -> Context:
    """A context whose env has one stack with these resources, by type and key."""
    more = {name: given.pop(name) for name in ("may_ask", "is_rehearsal") if name in given}
    path = folder / "cdk.tf.json"
    path.write_text(json.dumps({"resource": resources, "ephemeral": ephemeral or {}}))
    config = make_config(**given)
    return Context(config, Clients(session, config.region), stacks=lambda: (Stack("lab-data", (), path),), **more)
