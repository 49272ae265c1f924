"""An env that can sleep: its account in the emulator, its cluster the rehearsal's own in this process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests._support.emulator import Emulator, emulator, emulator_process
from tests.unit.cluster.api_support import Served, served, served_process
from tests.unit.ops_sleep.lab import Lab, build

__all__ = ["emulator", "emulator_process", "served", "served_process"]


@pytest.fixture
def lab(emulator: Emulator, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Awake, nobody at work; everything that the commands open is this."""
    made = build(tmp_path, emulator, served)
    monkeypatch.delenv("HUB_KUBECONFIG", raising=False)
    monkeypatch.setattr("modules.ops.sleep.scene.resolve_target", lambda root, config: made.target)
    monkeypatch.setattr("modules.ops.sleep.scene.open_cluster", lambda root, config, target: made.api)
    monkeypatch.setattr("modules.ops.sleep.scene.running_rehearsal", lambda root, config: True)
    # One client a service instead of a dozen a run: making them is most of the time.
    for room in ("sleep.groups", "sleep.memory", "sleep.asleep", "locks", "state"):
        monkeypatch.setattr(f"modules.ops.{room}.client", lambda session, service, region: made.session.client(service))
    return made
