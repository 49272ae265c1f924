"""Every stack of every shipped env is Terraform that the real provider's schema accepts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.config.load import list_envs, load_env
from tests._support import terraform
from tests._support.emulator import Emulator
from tests.synth.conftest import read_stacks, synthesise

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
ENVS = list_envs(ROOT)
STACKS = ("data", "network", "cluster", "platform", "hub")


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("validate")
    synthesise(ROOT, folder)
    return folder


def test_the_eight_envs_are_there() -> None:
    assert set(ENVS) >= {"demo", "dandi", "dandi-staging", "bican", "linc", "helio", "daft", "addf"}


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A mirror with the stand-in providers, and the environment their scripts need."""
    with Emulator() as emulator:
        yield emulator.mirror(tmp_path_factory.mktemp("mirror")), emulator.environment


@pytest.mark.parametrize(
    ("env", "stack"), [(env, stack) for env in ENVS for stack in (*STACKS, *(["desktop"] if load_env(ROOT, env).desktop else []))]
)
def test_terraform_validates(
    outdir: Path, standins: tuple[Path, dict[str, str]], tmp_path: Path, env: str, stack: str, evidence: Any
) -> None:
    folder = outdir / "stacks" / f"{env}-{stack}"
    document = folder / "cdk.tf.json"
    mirror, extra = standins
    program, environment = terraform.settings(tmp_path, document, mirror)
    environment |= extra
    environment["TF_DATA_DIR"] = str(tmp_path / "data")
    ready = terraform.run([program, "init", "-backend=false", "-no-color"], folder, environment)
    assert ready.returncode == 0, ready.stderr
    done = terraform.run([program, "validate", "-json"], folder, environment)
    answer = json.loads(done.stdout)
    assert answer["valid"], answer["diagnostics"]
    for type_ in sorted({body.type for body in bodies(read_stacks(outdir)[f"{env}-{stack}"])}):
        evidence.record(type_, "validated")
