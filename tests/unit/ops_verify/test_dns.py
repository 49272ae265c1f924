"""DNS: the name, the load balancer, the zone, and patience; the resolver is the test's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modules.config.models import HubConfig
from modules.ops.verify.check import Result
from modules.ops.verify.checks import dns
from modules.ops.verify.checks.dns import DNS
from modules.ops.verify.run import run_checks
from modules.ops.verify.scene import Options
from tests._support.evidence import Evidence
from tests.unit.ops_verify.aws import BALANCER, Service
from tests.unit.ops_verify.conftest import Stage

NAME, HERE, ELSEWHERE = "hub.lab.test", {"192.0.2.7", "192.0.2.8"}, {"198.51.100.1"}


@pytest.fixture
def look(stage: Stage, config: HubConfig, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The check, with what the resolver says of each name, look by look."""

    def run(*answers: dict[str, set[str]], wait: float = 0.0) -> Result:
        looks = list(answers)

        def addresses(name: str) -> set[str]:
            now = looks.pop(0) if len(looks) > 1 and name == NAME else looks[0]
            return now.get(name, set())

        monkeypatch.setattr(dns, "addresses", addresses)
        (found,) = run_checks(stage(config, options=Options(wait=wait)), [DNS], pause=0.01)
        return found

    return run


def test_the_name_leads_to_the_load_balancer(look: Callable[..., Result]) -> None:
    # A resolver gives one of the two addresses first, or only one.
    found = look({NAME: {"192.0.2.8"}, BALANCER: HERE})
    assert (found.state, found.said) == ("ok", f"{NAME} leads to the load balancer (192.0.2.8)")


@pytest.mark.parametrize(
    ("answer", "records", "words", "fix"),
    [
        ({BALANCER: HERE}, [NAME], "nobody resolves", "the zone has the record: wait for it"),
        ({BALANCER: HERE}, [], "nobody resolves", "the zone has no such record"),
        (
            {NAME: ELSEWHERE, BALANCER: HERE},
            [NAME],
            "leads to 198.51.100.1, and the load balancer is at 192.0.2.7, 192.0.2.8",
            "--wait 300",
        ),
        ({NAME: HERE}, [NAME], f"{BALANCER} has no address yet", "AWS is still making it"),
    ],
)
def test_each_fault(
    look: Callable[..., Result], service: Service, answer: dict[str, set[str]], records: list[str], words: str, fix: str, evidence: Evidence
) -> None:
    service.records = records
    found = look(answer)
    assert found.state == "failed"
    assert words in found.said
    assert fix in found.fix
    evidence.record("./hub verify: dns", "faulted", "a resolver and a zone that answer otherwise; no real DNS")


def test_a_record_that_spreads_is_waited_for(look: Callable[..., Result]) -> None:
    found = look({BALANCER: HERE}, {BALANCER: HERE}, {NAME: HERE, BALANCER: HERE}, wait=5.0)
    assert found.state == "ok"


def test_a_name_that_nobody_has() -> None:
    assert dns.addresses("no-such-name.invalid") == set()


@pytest.mark.parametrize("options", [Options(url="http://127.0.0.1:1"), None])
def test_where_there_is_no_name_to_ask_for(stage: Stage, config: HubConfig, options: Options | None) -> None:
    (found,) = run_checks(stage(config, rehearsal=options is None, options=options), [DNS])
    assert found.state == "skipped"
