"""What desktops leave behind: the parameters their agents made, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.ops.cleanup import CleanupOptions, _Cleanup
from modules.ops.progress import Display
from modules.ops.sweep import Swept, sweep, sweep_stack
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config
from tests.unit.ops_desktop.conftest import desktop_config

PREFIX = "/hubsmith/lab/dcv"
OURS = [f"{PREFIX}/dcv-display/ip-{number}.ec2.internal" for number in range(12)]
OTHERS = [
    f"{PREFIX}/dcv-display",
    f"{PREFIX}/dcv-socket-mount-path",
    f"{PREFIX}/dcv-display-of-mine/x",
    "/hubsmith/other/dcv/dcv-display/ip-1.ec2.internal",
]


@pytest.fixture
def ssm(session: boto3.Session) -> Any:
    """An account with parameters of this env's agents, of its Terraform and of others."""
    made = session.client("ssm", region_name="us-east-2")
    for name in (*OURS, *OTHERS):
        made.put_parameter(Name=name, Value=":0", Type="String")
    return made


def held(ssm: Any) -> set[str]:
    """The names there are, page by page."""
    pages = ssm.get_paginator("describe_parameters").paginate()
    return {each["Name"] for page in pages for each in page["Parameters"]}


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("dry_run", [True, False])
def test_the_agents_parameters_go(session: boto3.Session, ssm: Any, alone: bool, dry_run: bool) -> None:
    config = desktop_config()
    if alone:
        swept = sweep_stack(session, config, "desktop", dry_run=dry_run)
    else:
        swept = sweep(session, config, (), dry_run=dry_run, pause=0.0)
    if dry_run:
        assert {(item.kind, item.id) for item in swept.remaining} == {("parameter", name) for name in OURS}
        assert held(ssm) >= {*OURS, *OTHERS}
    else:
        assert set(swept.removed) == {f"parameter {name}" for name in OURS}
        assert swept.remaining == ()
        assert held(ssm) == set(OTHERS)


@pytest.mark.parametrize(("desktops", "stack"), [(True, "hub"), (False, "desktop")])
def test_nothing_else_looks_for_them(session: boto3.Session, ssm: Any, desktops: bool, stack: str) -> None:
    config = desktop_config() if desktops else make_config()
    assert sweep_stack(session, config, stack, dry_run=False) == Swept((), ())
    assert held(ssm) == {*OURS, *OTHERS}


@pytest.mark.parametrize(("stack", "removed"), [("desktop", len(OURS)), ("lab-desktop", len(OURS)), ("hub", 0), ("", len(OURS))])
def test_a_cleanup_sweeps_them(session: boto3.Session, ssm: Any, tmp_path: Path, stack: str, removed: int) -> None:
    from modules.ops.prospect import Prospect

    target = Target({}, {}, session, ACCOUNT, False, "account in moto")
    run = _Cleanup(tmp_path, desktop_config(), CleanupOptions(stack=stack), Display("lab"))
    swept = run._sweep(target, Prospect((), (), (), frozenset()))
    assert len(swept.removed) == removed
    assert len(held(ssm)) == len(OURS) + len(OTHERS) - removed
