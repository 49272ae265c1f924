"""Every shipped env in a fresh account that was prepared as docs say: its zone, its secrets, vCPUs. Nothing is red."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from modules.config.load import list_envs, load_env
from modules.ops.aws_clients import Clients
from modules.ops.preflight import callback, zone
from modules.ops.preflight.callback import CALLBACK
from modules.ops.preflight.certificate import CERTIFICATE
from modules.ops.preflight.check import Check, Context, Result
from modules.ops.preflight.names import NAMES
from modules.ops.preflight.quotas import QUOTA_ROOM
from modules.ops.preflight.run import run_checks
from modules.ops.preflight.secrets import SECRETS
from modules.ops.preflight.zone import ZONE
from modules.ops.secrets import needs
from modules.ops.synth import Stack, read_stacks
from tests._support.evidence import Evidence
from tests.unit.ops_aws.support import new_session
from tests.unit.ops_preflight.support import GRANTED, grant

ROOT = Path(__file__).resolve().parents[2]
ENVS = list_envs(ROOT)
CHECKS: tuple[Check, ...] = (QUOTA_ROOM, ZONE, CERTIFICATE, SECRETS, NAMES, CALLBACK)
#: One check's calls follow each other, about a tenth of a second each; 15 seconds are what a whole run may take.
CALLS_MAX = 60


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield new_session()


def offline(*_: object) -> None:
    raise OSError("offline")


def stacks_of(env: str, outdir: Path) -> tuple[Stack, ...]:
    """`dandi-data` is dandi's, `dandi-staging-data` is not."""
    longer = tuple(f"{each}-" for each in ENVS if each.startswith(f"{env}-"))
    return tuple(each for each in read_stacks(outdir) if each.name.startswith(f"{env}-") and not each.name.startswith(longer))


def prepared(session: boto3.Session, env: str, outdir: Path, monkeypatch: pytest.MonkeyPatch, *, secrets: bool = True) -> Context:
    """The env's account, with what a person makes before the first install."""
    config = load_env(ROOT, env, judged=False)
    stacks = stacks_of(env, outdir)
    assert stacks
    assert config.dns is not None
    made = session.client("route53", region_name=config.region).create_hosted_zone(Name=config.dns.zone, CallerReference=env)
    servers = frozenset(made["DelegationSet"]["NameServers"])
    monkeypatch.setattr(zone, "name_servers", lambda name: servers)
    monkeypatch.setattr(callback, "fetch", offline)
    context = Context(config, Clients(session, config.region), is_rehearsal=config.rehearsal, stacks=lambda: stacks)
    if secrets:
        store = context.secret_store()
        for need in store.without_value(needs(stacks)):
            store.put(need, "x" if need.name != "dandi-api-credentials" else '{"a": "b"}')
    return context


def run(context: Context) -> dict[str, Result]:
    return {each.name: each for each in run_checks(context, CHECKS)}


@pytest.mark.parametrize("env", ENVS)
def test_a_prepared_account_is_good_for_it(
    session: boto3.Session, outdir: Path, monkeypatch: pytest.MonkeyPatch, env: str, evidence: Evidence
) -> None:
    seen: Counter[str] = Counter()
    context = prepared(session, env, outdir, monkeypatch)
    grant(session, **{code.replace("-", "_"): 1152 for code in GRANTED})
    session.events.register("before-call", lambda model, **_: seen.update([model.name]))
    results = run(context)
    assert [str(finding) for result in results.values() for finding in result.findings] == []
    # Only a provider that says of itself where it is can be asked, and here nobody can.
    assert {name for name, result in results.items() if result.unchecked} <= {"callback"}
    assert sum(seen.values()) <= CALLS_MAX, seen
    said = f"moto; {len(results)} checks, {sum(seen.values())} calls; no resolver or login provider was asked"
    evidence.record(f"preflight: env {env} is green in a prepared account, red in a new one", "exercised", said)


@pytest.mark.parametrize("env", ENVS)
def test_a_new_account_is_good_for_none(session: boto3.Session, outdir: Path, monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    """AWS's own defaults: five vCPUs, and none with a GPU."""
    grant(session, **{code.replace("-", "_"): 5 if code in {"L-1216C47A", "L-34B43A08"} else 0 for code in GRANTED})
    context = prepared(session, env, outdir, monkeypatch, secrets=False)
    results = run(context)
    assert results["quotas"].state == "error"
    gpu = {f"pools.{key}" for key, pool in context.config.pools.items() if pool.gpu}
    gpu |= {f"node_groups.{key}" for key, group in context.config.node_groups.items() if group.gpu}
    assert gpu <= {place for finding in results["quotas"].findings for place in finding.where.split(", ")}
    wants = [need for need in needs(context.stacks()) if need.readers and not need.made]
    assert results["secrets"].state == ("error" if wants and not context.config.rehearsal else "ok")
