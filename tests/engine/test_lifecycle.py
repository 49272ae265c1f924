"""install, again, plan, cleanup, install on the kept data, cleanup of everything: for three envs.

The judge of what an account holds is tests/_support/account.py, which knows nothing of our tags or states.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.rehearsal import session as rehearsal
from tests._support.account import contents
from tests.engine.conftest import life
from tests.synth.conftest import read_stacks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SUMMARY = {"env", "command", "exit", "stacks", "add", "change", "replace", "destroy", "kept", "orphans", "seconds"}
NO_CHANGE = {"add": 0, "change": 0, "replace": 0, "destroy": 0}
#: What a cleanup keeps, by the kinds of tests/_support/account.py. The role is AWS Backup's.
KEPT = {"alias", "key", "file-system", "bucket", "table", "user-pool", "vault", "backup-plan", "secret", "role"}


def counts(summary: dict[str, Any]) -> dict[str, int]:
    return {key: summary[key] for key in NO_CHANGE}


@pytest.mark.parametrize("env", ["demo", "dandi", "helio"])
def test_a_whole_life(env: str, tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, env) as hub:
        first = hub.checkout.hub("install", env, "--yes", "--json")
        assert first.code == 0, first.said
        assert set(first.json) == SUMMARY
        assert first.json["add"] > 80
        full = contents(hub.session)

        second = hub.checkout.hub("install", env, "--yes", "--json")
        assert second.code == 0, second.said
        assert counts(second.json) == NO_CHANGE, second.said
        assert second.seconds * 3 < first.seconds, (first.seconds, second.seconds)
        assert contents(hub.session) == full

        planned = hub.checkout.hub("install", env, "--plan", "--json")
        assert planned.code == 0, planned.said

        gone = hub.checkout.hub("cleanup", env, "--confirm", env, "--json")
        assert gone.code == 0, gone.said
        assert gone.json["orphans"] == []
        assert gone.json["kept"]
        left = contents(hub.session)
        assert {item.partition(":")[0] for item in left} <= KEPT, left
        assert {item for item in left if item.startswith("role:")} <= {f"role:{hub.config.name}-backup"}

        again = hub.checkout.hub("install", env, "--yes", "--json")
        assert again.code == 0, again.said
        assert again.json["stacks"][f"{env}-data"]["add"] == 0, "the kept data is used again"
        assert left <= contents(hub.session)

        assert hub.faults() == []
        everything = hub.checkout.hub("cleanup", env, "--delete-data", "--confirm", env, "--json")
        assert everything.code == 0, everything.said
        if hub.config.rehearsal:
            assert rehearsal.status(hub.checkout.root, env) is None, "a rehearsal whose data is gone ends its emulator"
        else:
            assert contents(hub.session) == {f"bucket:{hub.config.state_bucket}", f"table:{hub.config.lock_table}"}
            purged = hub.checkout.hub("cleanup", env, "--delete-data", "--purge-state", "--confirm", env, "--json")
            assert purged.code == 0, purged.said
            assert contents(hub.session) == set()
    for stack in read_stacks(hub.checkout.root / ".hubsmith" / env / "out").values():
        for body in bodies(stack):
            evidence.record(body.type, "applied", f"in {env}")
    evidence.record(f"env {env}: install, no change, cleanup, install on kept data, removal of everything", "applied")
