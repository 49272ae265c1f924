"""One Ray everywhere: what the chart says, what hub.yaml takes for granted, and what the tests start."""

from __future__ import annotations

import yaml

from modules.config.extras import RayCluster
from tests._support.helm import CHARTS
from tests.hub.support import installs


def test_the_tests_start_the_version_that_the_charts_and_hub_yaml_name() -> None:
    charts = {yaml.safe_load((CHARTS / name / "values.yaml").read_text())["rayVersion"] for name in ("ray-static-cluster", "raycluster")}
    assert charts == {RayCluster.model_fields["version"].default} == {installs.RAY}
