"""The env file that the README shows is one that loads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from modules.config.load import load_env
from tests._support.config_cases import TODAY

ROOT = Path(__file__).resolve().parents[3]


def test_the_readmes_env_loads(tmp_path: Path) -> None:
    shown = re.search(r"```yaml\n(# envs/mylab/hub\.yaml\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    shutil.copytree(ROOT / "envs/shared", tmp_path / "envs/shared")
    (tmp_path / "envs/mylab").mkdir()
    (tmp_path / "envs/mylab/hub.yaml").write_text(shown[1])
    config = load_env(tmp_path, "mylab", today=TODAY)
    assert (config.cluster_name, config.callback_url) == ("mylab", "https://hub.mylab.org/hub/oauth_callback")
