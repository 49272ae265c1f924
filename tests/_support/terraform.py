"""Terraform as the runner would start it, for tests that talk to it directly."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from modules.ops import plugins, tools


def settings(folder: Path, document: Path, standins: Path | None = None) -> tuple[str, dict[str, str]]:
    """The Terraform program and the environment that gives it the providers of `document`, found as the product finds them.

    standins: a mirror with the stand-ins for the providers of the cluster's API.
    """
    terraform = tools.find_terraform(folder / "tools", os.environ)
    wanted = plugins.requirements([json.loads(document.read_text())], terraform.flavour)
    config = plugins.prepare(folder / "plugins", wanted, terraform, os.environ, standins=standins).cli_config
    return str(terraform.path), {**os.environ, "TF_CLI_CONFIG_FILE": str(config), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}


def run(command: list[str], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run to the end, keeping what was said."""
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
