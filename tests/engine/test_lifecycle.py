"""Install, again, plan, removal of everything for every env; for the demo also the hub alone, a cleanup that keeps the data,
and an install on it.

The judge of what an account holds is tests/_support/account.py, which knows nothing of our tags or states.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.config.load import list_envs
from modules.rehearsal import session as rehearsal
from modules.rehearsal.verdicts.schemas import known_schemas
from tests._support.account import contents
from tests._support.evidence import IN_CLUSTER
from tests.engine.conftest import Life, life
from tests.synth.conftest import read_stacks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SUMMARY = {"env", "command", "exit", "stacks", "add", "change", "replace", "destroy", "kept", "orphans", "seconds"}
NO_CHANGE = {"add": 0, "change": 0, "replace": 0, "destroy": 0}
#: What a cleanup keeps, by the kinds of tests/_support/account.py. The role is AWS Backup's.
KEPT = {"alias", "key", "file-system", "bucket", "table", "user-pool", "vault", "backup-plan", "secret", "role"}


ROOT = Path(__file__).resolve().parents[2]
#: Charts whose makers publish no schema that we could have (docs/rehearsal.md); their values go unchecked, and are named.
WITHOUT_SCHEMA = {"aws-load-balancer-controller", "external-dns", "metrics-server", "fluent-bit", "nvidia-device-plugin"}
#: Whether this machine has schemas of other projects' charts (../shared/schemas, HUB_SCHEMAS, or the cache of ./hub schemas fetch).
SCHEMAS = known_schemas().values("jupyterhub", "4.4.0") is not None


def counts(summary: dict[str, Any]) -> dict[str, int]:
    return {key: summary[key] for key in NO_CHANGE}


def _install(hub: Life) -> set[str]:
    """Install twice and plan once: the second changes nothing and is quick. Gives what the account then holds."""
    env = hub.config.env
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
    return full


def _remove_everything(hub: Life) -> None:
    """Nothing is left but the states; then nothing at all. A rehearsal whose data is gone ends its emulator."""
    env = hub.config.env
    assert hub.faults() == []
    everything = hub.checkout.hub("cleanup", env, "--delete-data", "--confirm", env, "--json")
    assert everything.code == 0, everything.said
    assert everything.json["orphans"] == []
    if hub.config.rehearsal:
        assert rehearsal.status(hub.checkout.root, env) is None
        return
    assert contents(hub.session) == {f"bucket:{hub.config.state_bucket}", f"table:{hub.config.lock_table}"}
    purged = hub.checkout.hub("cleanup", env, "--delete-data", "--purge-state", "--confirm", env, "--json")
    assert purged.code == 0, purged.said
    assert contents(hub.session) == set()


def _applied(hub: Life, evidence: Any) -> None:
    """Each resource type of the env was created, read back without a difference, and destroyed."""
    for stack in read_stacks(hub.checkout.root / ".hubsmith" / hub.config.env / "out").values():
        for body in bodies(stack):
            way = "stood in" if body.type.startswith(IN_CLUSTER) else "applied"
            evidence.record(body.type, way, f"in {hub.config.env}")


def _checked(hub: Life, evidence: Any) -> None:
    """The stand-in cluster judged what it was sent, and says what it could not judge."""
    found = hub.cluster()
    checked = found["checked"]
    unjudged = {text.partition(":")[0].partition(" ")[0] for text in found["unchecked"]}
    assert checked["manifests"] >= 15, found
    if SCHEMAS:
        assert checked["values"] >= 2, found
        assert checked["rules"] >= 20 * len(hub.config.pools), found
        assert unjudged <= WITHOUT_SCHEMA, found["unchecked"]
    else:
        assert "jupyterhub" in unjudged, "a machine without schemas says so, chart by chart"
    figures = ", ".join(f"{number} {what}" for what, number in checked.items())
    evidence.record(f"env {hub.config.env}: verdicts in the stand-in cluster", "stood in", f"{figures}; {len(found['releases'])} releases")


def _hidden(hub: Life, *said: str) -> None:
    """Values of secrets are in Secrets Manager and in the cluster's Secret, and nowhere else."""
    dump = json.dumps(hub.cluster_dump())
    assert "hub-credentials" in dump
    for canary in ("canary-client-secret-90ab12", "canary-dandi-token-77cc01"):
        assert canary not in dump
        assert not [text for text in said if canary in text]


@pytest.mark.parametrize("env", sorted(set(list_envs(ROOT)) - {"demo"}))
def test_up_and_away(env: str, tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, env) as hub:
        _install(hub)
        _checked(hub, evidence)
        _hidden(hub)
        _remove_everything(hub)
        assert hub.cluster()["objects"] == 0, "a cluster that is gone holds nothing"
    _applied(hub, evidence)
    evidence.record(f"env {env}: install, no change, removal of everything; the account is empty", "applied")


def _hub_alone(hub: Life, full: set[str]) -> None:
    """The hub goes and comes back; cluster, data and what people keep there stay as they are."""
    before = hub.cluster()
    gone = hub.checkout.hub("cleanup", "demo", "hub", "--confirm", "demo", "--json")
    assert gone.code == 0, gone.said
    assert gone.json["orphans"] == []
    assert gone.json["destroy"] == gone.json["stacks"]["demo-hub"]["destroy"] > 10
    assert contents(hub.session) == full - {f"role:{hub.config.name}-single-user"}
    left = hub.cluster()
    assert not [release for release in left["releases"] if "jupyterhub" in release]
    assert [release for release in before["releases"] if "jupyterhub" not in release] == left["releases"]

    back = hub.checkout.hub("install", "demo", "--yes", "--json")
    assert back.code == 0, back.said
    assert {name: stack["add"] for name, stack in back.json["stacks"].items() if stack["add"]} == {"demo-hub": gone.json["destroy"]}
    assert [back.json[key] for key in ("change", "replace", "destroy")] == [0, 0, 0]
    assert contents(hub.session) == full


def test_the_demo_comes_back_to_its_data(tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, "demo") as hub:
        full = _install(hub)
        _checked(hub, evidence)
        refused = hub.checkout.hub("cleanup", "demo", "platform", "--confirm", "demo")
        assert refused.code == 1, refused.said
        assert "hub" in refused.err + refused.out
        _hub_alone(hub, full)

        gone = hub.checkout.hub("cleanup", "demo", "--confirm", "demo", "--json")
        assert gone.code == 0, gone.said
        assert gone.json["orphans"] == []
        assert gone.json["kept"]
        left = contents(hub.session)
        assert {item.partition(":")[0] for item in left} <= KEPT, left
        assert {item for item in left if item.startswith("role:")} <= {f"role:{hub.config.name}-backup"}

        again = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert again.code == 0, again.said
        assert again.json["stacks"]["demo-data"]["add"] == 0, "the kept data is used again"
        assert left <= contents(hub.session)
        _remove_everything(hub)
    _applied(hub, evidence)
    evidence.record("./cleanup.sh demo hub takes the hub alone; an install restores just that", "applied")
    evidence.record("env demo: install, no change, cleanup that keeps data, install on it, removal of everything", "applied")
