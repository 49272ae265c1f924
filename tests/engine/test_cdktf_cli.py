"""Plain CDKTF works: `cdktf synth`, `cdktf diff` and `cdktf destroy` of a stack of the demo, with cdktf-cli from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.config.load import load_env
from modules.ops.bootstrap import ensure_state_backend
from modules.rehearsal import session as rehearsal
from tests._support import terraform
from tests._support.checkout import Checkout
from tests._support.emulator import Emulator
from tests._support.long import LONG
from tests._support.once import once
from tests.engine.conftest import life
from tests.synth.conftest import read_stacks

pytestmark = [pytest.mark.engine, pytest.mark.npm, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "cdktf-cli@0.21.0"
#: Kept between runs: the package and what it pulls in are 420 MB.
CACHE = ROOT / "tests" / ".npm" / "cdktf"


def _npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["npm", *arguments], capture_output=True, text=True, timeout=600, cwd=CACHE)


@pytest.fixture(scope="module")
def cdktf() -> str:
    """The `cdktf` program. Skips, counted, only where npm or its registry is out of reach."""

    def install() -> None:
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir()
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed")
        if _npm("view", PACKAGE, "version").returncode:
            pytest.skip("the npm registry cannot be reached")
        installed = _npm("install", "--no-audit", "--no-fund", "--prefix", str(CACHE), PACKAGE)
        assert installed.returncode == 0, installed.stderr[-2000:]

    once(CACHE, (PACKAGE,), install)
    return str(CACHE / "node_modules" / ".bin" / "cdktf")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, dict[str, str]]]:
    """A checkout whose demo has its state bucket, and the environment a person would export."""
    folder = tmp_path_factory.mktemp("cdktf")
    config = load_env(ROOT, "demo")
    with Emulator(config.region) as emulator:
        ensure_state_backend(emulator.session(), config)
        yield Checkout.make(folder / "repo"), _exported(emulator.environment)


def _exported(account: dict[str, str]) -> dict[str, str]:
    """What a person would export before calling cdktf. account: what leads to the AWS account."""
    # cdktf.json starts `python`; a person has the virtual environment active.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **account, "PATH": path, "HUB_ENV": "demo", "CI": "1", "CHECKPOINT_DISABLE": "1"}


def test_synth_and_diff(cdktf: str, checkout: tuple[Checkout, dict[str, str]], tmp_path: Path, evidence: Any) -> None:
    copy, environment = checkout
    synth = terraform.run([cdktf, "synth"], copy.root, environment)
    assert synth.returncode == 0, synth.stdout + synth.stderr
    made = copy.root / "cdktf.out"
    assert set(read_stacks(made)) == {f"demo-{stack}" for stack in ("data", "network", "cluster", "platform", "hub", "desktop", "launcher")}

    _, settings = terraform.settings(tmp_path, made / "stacks/demo-data/cdk.tf.json")
    environment |= {key: settings[key] for key in ("TF_CLI_CONFIG_FILE", "TF_INPUT")}
    diff = terraform.run([cdktf, "diff", "demo-data", "--skip-provider-lock"], copy.root, environment)
    said = diff.stdout + diff.stderr
    assert diff.returncode == 0, said
    assert "aws_efs_file_system.homes" in said
    assert "to add, 0 to change, 0 to destroy" in said
    evidence.record("cdktf synth and cdktf diff (cdktf-cli 0.21.0)", "exercised")


@pytest.mark.skipif(not LONG, reason="two installs of the demo: HUB_LONG=1")
def test_destroy_takes_the_hub_alone(cdktf: str, tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path / "repo", "demo") as hub:
        installed = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert installed.code == 0, installed.said
        number = installed.json["stacks"]["demo-hub"]["add"]

        root = hub.checkout.root
        running = rehearsal.status(root, "demo")
        assert running is not None
        environment = _exported(rehearsal.without_aws(os.environ) | rehearsal.environment(running, hub.config))
        document = root / ".hubsmith/demo/out/stacks/demo-hub/cdk.tf.json"
        _, settings = terraform.settings(tmp_path, document, rehearsal.mirror(root, "demo"))
        environment |= {key: settings[key] for key in ("TF_CLI_CONFIG_FILE", "TF_INPUT")}
        options = ("--auto-approve", "--ignore-missing-stack-dependencies", "--skip-provider-lock")
        gone = terraform.run([cdktf, "destroy", "demo-hub", *options], root, environment)
        said = gone.stdout + gone.stderr
        assert gone.returncode == 0, said
        assert f"{number} destroyed" in said, said
        releases = hub.cluster()["releases"]
        assert releases
        assert not [release for release in releases if "jupyterhub" in release]

        back = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert back.code == 0, back.said
        assert {name: stack["add"] for name, stack in back.json["stacks"].items() if stack["add"]} == {"demo-hub": number}
    evidence.record("cdktf destroy <env>-hub takes the hub alone; an install restores just that", "stood in")
