"""A bench of three stacks for the engine: data and network side by side, cluster on both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.ops.engine import Engine
from modules.ops.layout import Layout
from modules.ops.plugins import Plugins
from modules.ops.progress import Display
from modules.ops.synth import Stack
from modules.ops.target import Target
from modules.ops.tools import Terraform
from tests.unit.ops_engine.fake_terraform import FakeTerraform

STACKS: dict[str, tuple[str, ...]] = {"fx-data": (), "fx-network": (), "fx-cluster": ("fx-data", "fx-network")}


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    """A terraform that does as told."""
    return FakeTerraform(tmp_path / "fake")


@pytest.fixture
def stacks(tmp_path: Path) -> tuple[Stack, ...]:
    """Three synthesised stacks with one resource each."""
    made = []
    for name, depends_on in STACKS.items():
        path = tmp_path / "synth" / name / "cdk.tf.json"
        path.parent.mkdir(parents=True)
        required = {"aws": {"source": "aws", "version": "5.100.0"}}
        document = {"terraform": {"required_providers": required}, "resource": {"aws_ssm_parameter": {"one": {"name": name}}}}
        path.write_text(json.dumps(document))
        made.append(Stack(name, depends_on, path))
    return tuple(made)


@pytest.fixture
def make_engine(tmp_path: Path, fake: FakeTerraform) -> Callable[..., Engine]:
    """An engine over the fake, without pauses between retries."""
    config = tmp_path / "cli.tfrc"
    config.write_text("")
    layout = Layout(tmp_path / "checkout", "fx")
    target = Target({"AWS_REGION": "eu-west-1"}, {"provider": {"aws": [{"max_retries": 2}]}}, boto3.Session(), "1", True, "here")

    def make(**changes: Any) -> Engine:
        settings: dict[str, Any] = {
            "layout": layout,
            "target": target,
            "display": Display("fx"),
            "terraform": Terraform(fake.path, "1.11.4", "terraform"),
            "plugins": Plugins(config, (), ()),
            "run": layout.start_run(),
            "pause": 0.0,
        }
        return Engine(**{**settings, **changes})

    return make
