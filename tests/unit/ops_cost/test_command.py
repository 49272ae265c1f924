"""./hub cost as people and machines read it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.cli import main
from modules.ops.cost.command import cost
from tests._support.pools import ROOT, config_of


def run(capsys: pytest.CaptureFixture[str], env: str = "dandi", **options: Any) -> str:
    assert cost(ROOT, config_of(env), **options) == 0
    return capsys.readouterr().out


def test_one_screen_says_what_stays_and_what_the_figures_rest_on(capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys).splitlines()
    assert lines[0] == "dandi: about $213 a month while nobody works, and $75 for kept data"
    assert any(line.split() == ["together", "212.74", "138.39"] for line in lines)
    assert "  asleep: about $138 a month and the data (./hub sleep dandi); $106 without NAT (--remove-nat); $78 without" in "\n".join(lines)
    assert any("prices of 2026-01-19 or later" in line and "by a factor" in line for line in lines)
    assert any(line.startswith("  assumed: users 10, home gb 10") for line in lines)
    assert any(line.startswith("  not counted: ") for line in lines)


def test_machines_get_one_object_whose_lines_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, as_json=True))
    assert (found["env"], found["command"], found["exit"]) == ("dandi", "cost", 0)
    standing = sum(each["month"] for each in found["lines"] if not each["storage"])
    assert found["month"]["idle"] == pytest.approx(standing, abs=0.01)
    assert [each["name"] for each in found["profiles"]] == [each.name for each in config_of("dandi").hub.profiles]


def test_one_profile_alone_by_any_spelling(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, profile="bAse", as_json=True))
    assert [(each["name"], each["node"], each["fits"], each["on_demand"]) for each in found["profiles"]] == [
        ("Base", "m5.2xlarge", 1, 0.384)
    ]


def test_more_users_more_data(capsys: pytest.CaptureFixture[str]) -> None:
    storage = [json.loads(run(capsys, users=users, home_gb=10, as_json=True))["month"]["storage"] for users in (0, 40)]
    assert storage[1] - storage[0] == pytest.approx(400 * (0.30 + 0.05))


def test_in_a_region_without_prices_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    config = config_of("dandi").model_copy(update={"region": "ap-south-1"})
    assert cost(ROOT, config) == 0
    said = capsys.readouterr().out
    assert said.startswith("dandi: at least $")
    assert "not known, and not in the sums: core nodes: 2 t3a.medium, " in said
    servers = said.partition("server, USD an hour")[2].splitlines()[1 : 1 + len(config.hub.profiles)]
    assert {line.split()[-2:] == ["not", "known"] for line in servers} == {True}


@pytest.mark.parametrize(
    ("env", "options", "said"),
    [("dandi", {"profile": "bsae"}, 'did you mean "Base"?'), ("demo", {"refresh": True}, "its emulator has no price list")],
)
def test_mistakes_are_sentences(env: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(HubError) as caught:
        cost(ROOT, config_of(env), **options)
    assert said in str(caught.value)


def test_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "demo", "--per", "GPU", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["profiles"][0]["on_demand"] == pytest.approx(0.526)
