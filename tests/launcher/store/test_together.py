"""Several processes at one store, and processes that are killed while they write."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from modules.launcher.store import LocalStore, sealing
from tests.conftest import ROOT

PASSWORD = "pw"

# Stops before the write step that its argument counts, and says so; killed there, it has no chance to tidy up.
_KILLED = """
import os, sys, time
from pathlib import Path
from modules.launcher.store import LocalStore
step, steps = int(sys.argv[2]), [0]
def stopped(call):
    def wrapper(*args, **rest):
        steps[0] += 1
        if steps[0] == step:
            print("here", flush=True)
            time.sleep(600)
        return call(*args, **rest)
    return wrapper
store = LocalStore(Path(sys.argv[1]), "pw")
os.open, os.fsync, Path.replace = stopped(os.open), stopped(os.fsync), stopped(Path.replace)
store.add("kept", "new" * 100_000, overwrite=True)
print("done", flush=True)
"""

_ADDS = """
import sys
from pathlib import Path
from modules.launcher.store import LocalStore, SecretExists
store = LocalStore(Path(sys.argv[1]), "pw")
won = 0
for number in range(20):
    try:
        store.add(f"shared-{number}", sys.argv[2])
        won += 1
    except SecretExists:
        pass
    store.add(f"own-{sys.argv[2]}-{number}", "x")
print(won)
"""

_INIT = """
import sys
from pathlib import Path
from modules.launcher.store import LocalStore
LocalStore.create(Path(sys.argv[1]), sys.argv[2])
"""


def run(program: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_writer_killed_at_any_step_loses_nothing(tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path / "store", PASSWORD)
    store.add("kept", "old")
    step, seen = 0, []
    while True:
        step += 1
        process = run(_KILLED, str(store.location), str(step))
        assert process.stdout is not None
        word = process.stdout.readline().strip()
        if word == "here":
            process.send_signal(signal.SIGKILL)
        process.communicate()
        seen.append(store.get("kept"))
        if word == "done":
            break
    assert step > 4, "it was killed at every step"
    assert set(seen) == {"old", "new" * 100_000}
    names = {path.name for path in store.location.iterdir()}
    assert names == {".salt", ".sentinel", ".lock", sealing.file_name("kept")}, "what the killed left is gone"


@pytest.mark.slow
def test_of_many_who_add_one_name_at_once_one_wins(tmp_path: Path) -> None:
    store = LocalStore.create(tmp_path / "store", PASSWORD)
    writers = {name: run(_ADDS, str(store.location), name) for name in ("a", "b", "c", "d")}
    won = {name: int(writer.communicate()[0]) for name, writer in writers.items()}
    assert sum(won.values()) == 20
    owners = [store.get(f"shared-{number}") for number in range(20)]
    assert {name: owners.count(name) for name in writers} == won
    assert all(store.get(f"own-{name}-{number}") == "x" for name in writers for number in range(20))


@pytest.mark.slow
def test_of_many_who_init_at_once_one_wins(tmp_path: Path) -> None:
    place = tmp_path / "store"
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context((tmp_path / "errors").open("w"))
        makers = {
            word: subprocess.Popen([sys.executable, "-c", _INIT, str(place), word], cwd=ROOT, stderr=errors) for word in ("a", "b", "c")
        }
        winners = [word for word, maker in makers.items() if maker.wait(120) == 0]
    assert len(winners) == 1
    LocalStore(place, winners[0]).add("name", "value")
    assert {path.name for path in tmp_path.iterdir()} == {"store", "errors"}
