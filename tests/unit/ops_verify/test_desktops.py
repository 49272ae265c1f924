"""The desktops: published, silent, too few, not there; and what a rehearsal cannot say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from kubernetes import client

from modules.ops.verify.checks.desktops import DESKTOPS
from modules.ops.verify.run import run_checks
from tests._support.evidence import Evidence
from tests.unit.cluster.api_support import Served, config_map, deployment
from tests.unit.ops_desktop.conftest import desktop_config
from tests.unit.ops_verify.conftest import Stage

#: In the rows: a board on which nobody has written; None is no board, a number the minutes since its desktop was heard.
EMPTY = -1


def published(node: str, minutes: float) -> dict[str, str]:
    """A desktop whose agent was heard so many minutes ago."""
    seen = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
    return {f"display.{node}": ":0", f"status.{node}": json.dumps({"seen": seen})}


@pytest.mark.parametrize(
    ("seats", "heard", "rehearsal", "state", "words"),
    [
        (1, 1, False, "ok", "1 published, 1 asked for"),
        (0, EMPTY, False, "ok", "0 published, 0 asked for"),
        (2, 1, False, "failed", "1 of 2 desktops have published"),
        (1, 30, False, "failed", "0 of 1 desktops have published"),
        (1, 30, True, "failed", "0 of 1 desktops have published"),
        (1, EMPTY, False, "failed", "0 of 1 desktops have published"),
        (1, EMPTY, True, "skipped", "cannot be seen in a rehearsal"),
        (None, EMPTY, False, "failed", "there is no Deployment dcv-seats"),
        (1, None, False, "failed", "there is no ConfigMap dcv-agent-config-map"),
    ],
)
def test_desktops(
    stage: Stage, served: Served, seats: int | None, heard: int | None, rehearsal: bool, state: str, words: str, evidence: Evidence
) -> None:
    if seats is not None:
        client.AppsV1Api(served.client).create_namespaced_deployment("dcv", deployment("dcv-seats", replicas=seats))
    # Made here, not in the row: a row is read long before a long run comes to it, and its desktop would be silent by then.
    if heard is not None:
        board = published("n1", heard) if heard != EMPTY else {}
        client.CoreV1Api(served.client).create_namespaced_config_map("dcv", config_map("dcv-agent-config-map", **board))
    (found,) = run_checks(stage(desktop_config(), rehearsal=rehearsal), [DESKTOPS])
    assert found.state == state
    assert words in found.said
    evidence.record("./hub verify: desktops", "faulted", "the board in the stand-in cluster's API")
