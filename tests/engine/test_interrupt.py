"""Ctrl-C in mid-apply, a change made behind Terraform's back, and canary secrets: one life of the demo."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Life, life
from tests.engine.points import BUILDING, REMOVING, Point, enough, locks, some_of, start, without_parts

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANARIES = {
    "AWS_SECRET_ACCESS_KEY": "canary-aws-7f3a9c1e",
    "TF_VAR_github_client_secret": "canary-tfvar-51be20d4",
    "GITHUB_TOKEN": "canary-github-8812ffac",
    "HUB_SECRET": "canary-hub-0d9e77b1",
    # Taken for the value of a secret, and so put where it belongs.
    "TF_VAR_oauth_client_secret": "canary-client-90ab12cd",
}
STORED = "canary-stored-c4d5e6f7"
_BUILDING = some_of(BUILDING, "network", "hub: its")
_REMOVING = some_of(REMOVING, "a removal: the JupyterHub")


def _states(hub: Life) -> dict[str, str]:
    """Every version of every object of the state bucket."""
    s3: Any = hub.session.client("s3")
    versions = s3.list_object_versions(Bucket=hub.config.state_bucket).get("Versions", [])
    return {
        f"{item['Key']}@{item['VersionId']}": s3.get_object(Bucket=hub.config.state_bucket, Key=item["Key"], VersionId=item["VersionId"])[
            "Body"
        ]
        .read()
        .decode(errors="replace")
        for item in versions
    }


def _interrupt(hub: Life, point: Point) -> bool:
    """Ctrl-C at `point`: what was made is in the states, no lock is held, and the end says how to go on. Whether it could be struck."""
    process = start(hub, point)
    if process is None:
        return False
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=900)
    assert process.returncode == 130, point.what + out + err
    assert "Traceback" not in out + err, out + err
    assert point.command[0] in out + err, "says how to go on"
    assert locks(hub) == [], point.what
    return True


def _saved(hub: Life) -> None:
    """The network's state knows the VPC that a struck run made."""
    saved = json.loads(next(text for key, text in _states(hub).items() if key.startswith("demo/demo-network.tfstate@")))
    assert any(resource["type"] == "aws_vpc" for resource in saved["resources"])


def _drift(hub: Life) -> None:
    logs: Any = hub.session.client("logs")
    group = f"/hubsmith/{hub.config.deployment}/vpc-flow-logs"
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    planned = hub.checkout.hub("install", "demo", "--plan")
    assert planned.code == 2, planned.said
    assert "aws_cloudwatch_log_group.flow-logs" in planned.out
    assert "retention_in_days" in planned.out
    as_json = hub.checkout.hub("install", "demo", "--plan", "--json")
    assert as_json.code == 2, as_json.said
    assert [as_json.json[key] for key in ("add", "change", "replace", "destroy")] == [0, 1, 0, 0]
    repaired = hub.checkout.hub("install", "demo", "--yes", "--json")
    assert repaired.code == 0, repaired.said
    assert repaired.json["change"] == 1
    groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert groups[0]["retentionInDays"] == hub.config.network.flow_logs.retention_days


def _leaks(hub: Life, said: str) -> list[str]:
    """Where a canary stands that should stand nowhere."""
    canaries = [*CANARIES.values(), STORED]
    found = [f"said: {canary}" for canary in canaries if canary in said]
    texts = {f"state {key}": text for key, text in _states(hub).items()}
    assert any("tfstate" in key for key in texts)
    files = [path for path in hub.checkout.root.rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_size < 50_000_000]
    assert any(path.name == "cdk.tf.json" for path in files)
    assert any(path.suffix == ".log" for path in files)
    dump = json.dumps(hub.cluster_dump())
    assert "hub-credentials" in dump
    texts["the stand-in cluster"] = dump
    texts |= {str(path.relative_to(hub.checkout.root)): path.read_bytes().decode(errors="replace") for path in files}
    skip = {"tests/engine/test_interrupt.py"}
    return found + [f"{where}: {canary}" for where, text in texts.items() if where not in skip for canary in canaries if canary in text]


def test_interrupt_drift_and_canaries(tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, "demo") as hub:
        without_parts(hub)
        hub.checkout.environment.update(CANARIES)
        struck = []
        for point in _BUILDING:
            struck += [point] if _interrupt(hub, point) else []
            if "VPC" in point.what:
                _saved(hub)
        done = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert done.code == 0, done.said
        _drift(hub)
        secret = f"{hub.config.deployment}/oauth-client-secret"
        hub.session.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=STORED)
        last = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert last.code == 0, last.said
        changed = {name: stack["change"] for name, stack in last.json["stacks"].items() if stack["change"]}
        assert changed == {"demo-hub": 4}, "a new value reaches the Secrets of hub and Dask gateway, and both restart to read it"
        assert [last.json[key] for key in ("add", "destroy")] == [0, 0]
        assert hub.faults() == []
        assert _leaks(hub, done.said + last.said) == []
        for point in _REMOVING:
            struck += [point] if _interrupt(hub, point) else []
        gone = hub.checkout.hub("cleanup", "demo", "--confirm", "demo", "--json")
        assert (gone.code, gone.json["orphans"]) == (0, []), gone.said
    assert len(struck) >= enough(*_BUILDING, *_REMOVING), [each.what for each in struck]
    for point in struck:
        evidence.record(f"Ctrl-C at {point.what}", "faulted", "state saved, no lock, the next run completes")
    evidence.record("a change behind Terraform is shown as exactly that change, and repaired", "applied")
    nowhere = "none in synth output, plans, states, logs, helm values, nor in the stand-in cluster beside its Secret"
    evidence.record(f"canary secrets in environment and Secrets Manager: {nowhere}", "exercised")
