"""Install, again, removal of everything for every env; for the demo also the hub alone, a cleanup that keeps the data,
and an install on it.

The judge of what an account holds is tests/_support/account.py, which knows nothing of our tags or states.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from modules.aspects.document import bodies
from modules.config.load import list_envs
from modules.rehearsal import session as rehearsal
from modules.rehearsal.verdicts.schemas import known_schemas
from tests._support.account import contents
from tests._support.evidence import IN_CLUSTER
from tests._support.long import LONG
from tests.engine.conftest import Life, life
from tests.engine.desktops import board, desktops, published, seats
from tests.synth.conftest import read_stacks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
#: The real envs that live in every run; all are synthesised, validated by Terraform and asked for by preflight in each. daft has
#: every part there is. The others live where somebody has the time.
LIVING = frozenset(list_envs(ROOT) if LONG else ["daft"]) - {"demo"}

SUMMARY = {"env", "command", "exit", "stacks", "add", "change", "replace", "destroy", "kept", "orphans", "seconds"}
NO_CHANGE = {"add": 0, "change": 0, "replace": 0, "destroy": 0}
#: Secrets as modules/stacks/data.py makes them; said again here, because with a renamed one everybody would be logged out.
MADE_ONCE = ("hub-cookie-secret", "hub-crypt-key", "dask-gateway-token", "hub-launcher-token")
#: What a cleanup keeps, by the kinds of tests/_support/account.py. The role is AWS Backup's.
KEPT = {"alias", "key", "file-system", "bucket", "table", "user-pool", "vault", "backup-plan", "secret", "role"}

#: Charts whose makers publish no schema that we could have (docs/rehearsal.md); their values go unchecked, and are named.
WITHOUT_SCHEMA = {"aws-load-balancer-controller", "external-dns", "metrics-server", "fluent-bit", "nvidia-device-plugin"}
#: Whether this machine has schemas of other projects' charts (../shared/schemas, HUB_SCHEMAS, or the cache of ./hub schemas fetch).
SCHEMAS = known_schemas().values("jupyterhub", "4.4.0") is not None


def counts(summary: dict[str, Any]) -> dict[str, int]:
    return {key: summary[key] for key in NO_CHANGE}


def _install(hub: Life) -> set[str]:
    """Install twice: the second changes nothing. Gives what the account then holds."""
    env = hub.config.env
    first = hub.checkout.hub("install", env, "--yes", "--json")
    assert first.code == 0, first.said
    assert set(first.json) == SUMMARY
    assert first.json["add"] > 80
    full = contents(hub.session)

    second = hub.checkout.hub("install", env, "--yes", "--json")
    assert second.code == 0, second.said
    assert counts(second.json) == NO_CHANGE, second.said
    assert contents(hub.session) == full
    return full


def _remove_everything(hub: Life) -> None:
    """Nothing at all is left. A rehearsal whose data is gone ends its emulator."""
    env = hub.config.env
    assert hub.faults() == []
    purge = () if hub.config.rehearsal else ("--purge-state",)
    everything = hub.checkout.hub("cleanup", env, "--delete-data", *purge, "--confirm", env, "--json")
    assert everything.code == 0, everything.said
    assert everything.json["orphans"] == []
    if hub.config.rehearsal:
        assert rehearsal.status(hub.checkout.root, env) is None
        return
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


def _made_once(hub: Life) -> dict[str, str]:
    """The version of each secret that is made once, so that a repeated run logs nobody out."""
    client = hub.session.client("secretsmanager")
    wanted = {f"{hub.config.deployment}/{name}" for name in MADE_ONCE}
    found = [item for item in client.list_secrets(MaxResults=100)["SecretList"] if item["Name"] in wanted]
    assert f"{hub.config.deployment}/hub-cookie-secret" in {item["Name"] for item in found}
    return {item["Name"]: item["SecretVersionsToStages"].popitem()[0] for item in found}


def _away_and_back(hub: Life) -> None:
    """A cleanup keeps the data and says so; an install finds the very same again, and the very same tokens."""
    env, tokens = hub.config.env, _made_once(hub)
    gone = hub.checkout.hub("cleanup", env, "--confirm", env, "--json")
    assert gone.code == 0, gone.said
    assert gone.json["orphans"] == []
    kept = contents(hub.session)
    assert {item.partition(":")[0] for item in kept} <= KEPT, kept
    assert {"file-system", "key", "bucket", "user-pool"} <= {item.partition(":")[0] for item in kept}
    for kind in ("aws_efs_file_system", "aws_s3_bucket", "aws_cognito_user_pool", "aws_kms_key"):
        assert any(f"-data/{kind}." in line for line in gone.json["kept"]), (kind, gone.json["kept"])
    back = hub.checkout.hub("install", env, "--yes", "--json")
    assert back.code == 0, back.said
    assert back.json["stacks"][f"{env}-data"]["add"] == 0
    assert kept <= contents(hub.session)
    assert _made_once(hub) == tokens


def _go(hub: Life, name: str) -> int:
    """One stack goes alone; how many resources it had."""
    env = hub.config.env
    gone = hub.checkout.hub("cleanup", env, name, "--confirm", env, "--json")
    assert gone.code == 0, gone.said
    assert gone.json["orphans"] == []
    assert gone.json["destroy"] == gone.json["stacks"][f"{env}-{name}"]["destroy"] > 5
    return int(gone.json["destroy"])


def _come_back(hub: Life, went: dict[str, int], full: set[str]) -> None:
    """An install brings the stacks that went, each with just what it had. full: what the account holds with them."""
    env = hub.config.env
    back = hub.checkout.hub("install", env, "--yes", "--json")
    assert back.code == 0, back.said
    added = {stack: told["add"] for stack, told in back.json["stacks"].items() if told["add"]}
    assert added == {f"{env}-{name}": number for name, number in went.items()}
    assert [back.json[key] for key in ("change", "replace", "destroy")] == [0, 0, 0]
    assert contents(hub.session) == full


@contextmanager
def _away(hub: Life, name: str, full: set[str]) -> Iterator[None]:
    """One stack goes alone, and comes back with just what it had. full: what the account holds with it."""
    went = {name: _go(hub, name)}
    yield
    _come_back(hub, went, full)


def _parts_alone(hub: Life, full: set[str]) -> None:
    """Ray, Vault and the launcher go one by one, and come back together."""
    went = {}
    for name in ("ray", "vault", "launcher"):
        assert name in _namespaces(hub)
        went[name] = _go(hub, name)
        assert name not in _namespaces(hub)
    _come_back(hub, went, full)


def _namespaces(hub: Life) -> set[str]:
    (world,) = hub.cluster_dump().values()
    return {each["metadata"]["name"] for each in world["objects"] if each["kind"] == "Namespace"}


@pytest.mark.parametrize("env", sorted(LIVING))
def test_up_and_away(env: str, tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, env) as hub:
        full = _install(hub)
        _checked(hub, evidence)
        _hidden(hub)
        if env == "daft":
            _parts_alone(hub, full)
            evidence.record("env daft: ray, vault and launcher each go alone, and come back with just what they had", "applied")
        if env == "helio":
            _away_and_back(hub)
            evidence.record(
                "env helio: a cleanup keeps file system, key, buckets, user pool and tokens; an install takes them up", "applied"
            )
        _remove_everything(hub)
        assert hub.cluster()["objects"] == 0, "a cluster that is gone holds nothing"
    _applied(hub, evidence)
    evidence.record(f"env {env}: install, no change, removal of everything; the account is empty", "applied")


def _asked(hub: Life) -> None:
    """What people ask of a hub that is up: does it work, whose homes, what would an upgrade do, may it be built."""
    verified = hub.checkout.hub("verify", "demo", "--json")
    assert verified.code == 0, verified.said
    planned = hub.checkout.hub("upgrade", "demo", "--to", "1.36", "--plan", "--json")
    assert planned.code == 2, "the version in hub.yaml comes first"
    for verb in (("homes", "list", "demo"), ("preflight", "demo"), ("desktop", "status", "demo")):
        done = hub.checkout.hub(*verb, "--json")
        assert done.code == 0, done.said


def _asleep(hub: Life, full: set[str]) -> None:
    """A night without nodes, gateways and load balancers; in the morning no plan wants anything."""
    releases = hub.cluster()["releases"]
    done = hub.checkout.hub("sleep", "demo", "--deep", "--yes", "--json")
    assert done.code == 0, done.said
    refused = hub.checkout.hub("install", "demo", "--yes")
    assert (refused.code, "./hub wake demo" in refused.said) == (1, True), refused.said
    groups: Any = hub.session.client("eks")
    for name in groups.list_nodegroups(clusterName=hub.config.cluster_name)["nodegroups"]:
        size = groups.describe_nodegroup(clusterName=hub.config.cluster_name, nodegroupName=name)["nodegroup"]["scalingConfig"]
        assert (size["minSize"], size["desiredSize"]) == (0, 0), name
    assert not [item for item in contents(hub.session) if item.startswith(("nat", "address"))]
    woken = hub.checkout.hub("wake", "demo", "--json")
    assert woken.code == 0, woken.said
    planned = hub.checkout.hub("install", "demo", "--plan", "--json")
    assert planned.code == 0, planned.said
    assert hub.cluster()["releases"] == releases
    # The gateways are new ones.
    assert Counter(_kinds(contents(hub.session))) == Counter(_kinds(full))


def _kinds(items: set[str]) -> list[str]:
    return [item.partition(":")[0] for item in items]


def _desktops(hub: Life, full: set[str]) -> None:
    """Agents write, people change seats, and no plan wants anything back; then the desktops go alone, and come back."""
    settings = hub.config.desktop
    assert settings is not None
    with desktops(hub, {"node-a": ":0", "node-b": ":3"}):
        assert {key: text for key, text in board(hub).items() if key.startswith("display.")} == {
            "display.node-a": ":0",
            "display.node-b": ":3",
        }
        assert {key: published(hub)[f"dcv-display/{key}"] for key in ("node-a", "node-b")} == {"node-a": ":0", "node-b": ":3"}
        refused = hub.checkout.hub("desktop", "stop", "demo")
        assert refused.code == 1, "somebody is connected"
        more = hub.checkout.hub("desktop", "start", "demo", "--seats", "3")
        assert more.code == 0, more.said
        assert seats(hub) == 3
        planned = hub.checkout.hub("install", "demo", "--plan", "--json")
        assert planned.code == 0, planned.said
        again = hub.checkout.hub("install", "demo", "--yes", "--json")
        assert counts(again.json) == NO_CHANGE, again.said
        assert (seats(hub), board(hub)["display.node-b"]) == (3, ":3"), "an install puts nothing back either"
        told = hub.checkout.hub("desktop", "status", "demo", "--json")
        assert {node["node"] for node in told.json["desktops"]} == {"node-a", "node-b"}
    assert not [key for key in board(hub) if "." in key], "an agent that is stopped takes its entries along"

    # A node that is lost takes nothing along.
    hub.session.client("ssm").put_parameter(
        Name=f"/{settings.project}/demo/{settings.module}/dcv-display/node-lost", Value=":0", Type="String"
    )
    with _away(hub, "desktop", full):
        assert published(hub) == {}


def _hub_alone(hub: Life, full: set[str]) -> None:
    """The hub goes and comes back; cluster, data and what people keep there stay as they are."""
    before = hub.cluster()
    with _away(hub, "hub", full):
        assert contents(hub.session) == full - {f"role:{hub.config.name}-{whose}" for whose in ("single-user", "dask-worker")}
        left = hub.cluster()
        went = {release.split()[1] for release in before["releases"] if release not in left["releases"]}
        assert went == {"jupyterhub", "dask-gateway"}
        assert set(left["releases"]) < set(before["releases"])


def _restored(hub: Life) -> Any:
    """A backup made, listed, and brought back by path: the jobs alone, for the emulator has no files. Gives what is listed."""
    made = hub.checkout.hub("restore", "demo", "--backup-now", "--json")
    assert made.code == 0, made.said
    listed = hub.checkout.hub("restore", "demo", "--list", "--json").json
    assert [each["status"] for each in listed["points"]] == ["COMPLETED"]
    back = hub.checkout.hub("restore", "demo", "--path", "/home/ada", "--yes", "--json")
    assert back.code == 0, back.said
    assert back.json["restored_into"] == listed["file_system"]
    return listed["points"]


def test_the_demo_comes_back_to_its_data(tmp_path: Path, evidence: Any) -> None:
    with life(tmp_path, "demo") as hub:
        full = _install(hub)
        _checked(hub, evidence)
        _asked(hub)
        _desktops(hub, full)
        refused = hub.checkout.hub("cleanup", "demo", "platform", "--confirm", "demo")
        assert refused.code == 1, refused.said
        assert "hub" in refused.err + refused.out
        _hub_alone(hub, full)
        _asleep(hub, full)

        points = _restored(hub)
        tokens = _made_once(hub)
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
        assert _made_once(hub) == tokens
        assert hub.checkout.hub("restore", "demo", "--list", "--json").json["points"] == points, "backups outlive a cleanup"
        _remove_everything(hub)
    _applied(hub, evidence)
    evidence.record("restore: a backup made now, listed, brought back by path, there after cleanup and install", "applied", "jobs only")
    evidence.record("desktops: two real agents write displays, seats change, no plan follows; ./cleanup.sh demo desktop", "applied")
    evidence.record("./cleanup.sh demo hub takes the hub alone; an install restores just that", "applied")
    evidence.record("sleep takes nodes, NAT gateways and load balancers; wake brings the very sizes back, and no plan follows", "applied")
    evidence.record("env demo: install, no change, cleanup that keeps data, install on it, removal of everything", "applied")
