"""./hub users groups: who is in which, putting people in and taking them out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.users.groups import chosen, join, leave, list_groups
from tests.unit.ops_users.conftest import People, cognito_config

ROOT = Path("/nowhere")


@pytest.fixture
def ada(people: People) -> People:
    """One person, in group gpu."""
    people.add("ada@lab.test")
    people.client.admin_add_user_to_group(UserPoolId=people.pool, Username="ada@lab.test", GroupName="gpu")
    return people


def test_groups_and_who_is_in_them(ada: People, config: HubConfig, capsys: pytest.CaptureFixture[str]) -> None:
    ada.client.create_group(UserPoolId=ada.pool, GroupName="by-hand")
    assert list_groups(ROOT, cognito_config(groups=["gpu", "later"]), as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "by-hand   not in hub.yaml, made by hand",
        "  nobody",
        "gpu",
        "  ada@lab.test",
        "later   not made yet: ./install.sh lab",
        "  nobody",
        "staff   not in hub.yaml, made by hand",
        "  nobody",
    ]


def test_groups_for_machines(ada: People, config: HubConfig, said: Callable[[], dict[str, Any]]) -> None:
    profiles = (config.hub.profiles[0], config.hub.profiles[0].model_copy(update={"name": "Big", "groups": ("gpu",)}))
    with_profile = config.model_copy(update={"hub": config.hub.model_copy(update={"profiles": profiles})})
    assert list_groups(ROOT, with_profile, as_json=True) == 0
    assert said()["groups"] == [
        {"name": "gpu", "installed": True, "in_config": True, "users": ["ada@lab.test"], "profiles": ["Big"]},
        {"name": "staff", "installed": True, "in_config": True, "users": [], "profiles": []},
    ]


def test_an_env_without_groups(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    for group in ("gpu", "staff"):
        people.client.delete_group(UserPoolId=people.pool, GroupName=group)
    assert list_groups(ROOT, cognito_config(groups=[]), as_json=False) == 0
    assert "auth.groups in envs/lab/hub.yaml names them" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("action", "group", "groups", "changed", "words"),
    [
        (join, "staff", ["gpu", "staff"], True, "in staff now; it counts from their next login"),
        (join, "gpu", ["gpu"], False, "in gpu already; nothing was changed"),
        (leave, "gpu", [], True, "not in gpu now; it counts"),
        (leave, "staff", ["gpu"], False, "not in staff already; nothing was changed"),
    ],
)
def test_in_and_out(
    ada: People,
    config: HubConfig,
    capsys: pytest.CaptureFixture[str],
    action: Callable[..., int],
    group: str,
    groups: list[str],
    changed: bool,
    words: str,
) -> None:
    assert action(ROOT, config, "Ada@Lab.test", group, as_json=False) == 0
    assert words in capsys.readouterr().out
    assert ada.groups("ada@lab.test") == groups


@pytest.mark.parametrize(("group", "changed"), [("staff", True), ("gpu", False)])
def test_in_for_machines(ada: People, config: HubConfig, said: Callable[[], dict[str, Any]], group: str, changed: bool) -> None:
    assert join(ROOT, config, "ada@lab.test", group, as_json=True) == 0
    found = said()
    assert (found["action"], found["user"], found["group"], found["changed"]) == ("groups add", "ada@lab.test", group, changed)


@pytest.mark.parametrize("action", [join, leave])
@pytest.mark.parametrize(
    ("who", "group", "words"),
    [
        ("ada@lab.test", "stuff", 'lab has no group "stuff"; did you mean "staff"? Groups: gpu, staff. Nothing was changed'),
        ("ada@lab.test", "zebra", 'lab has no group "zebra". Groups: gpu, staff. Nothing was changed'),
        ("eda@lab.test", "gpu", 'lab has no user "eda@lab.test"; did you mean ada@lab.test?'),
    ],
    ids=["group spelled alike", "unknown group", "unknown user"],
)
def test_refusals(ada: People, config: HubConfig, action: Callable[..., int], who: str, group: str, words: str) -> None:
    with pytest.raises(HubError) as caught:
        action(ROOT, config, who, group, as_json=False)
    assert caught.value.what == words
    assert ada.groups("ada@lab.test") == ["gpu"]


def test_an_unknown_group_says_where_groups_come_from(ada: People, config: HubConfig) -> None:
    with pytest.raises(HubError) as caught:
        join(ROOT, config, "ada@lab.test", "zebra", as_json=False)
    assert (caught.value.where, caught.value.fix[:35]) == ("envs/lab/hub.yaml: auth.groups", "add it there and run ./install.sh l")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ("list", "", "")),
        (["list"], ("list", "", "")),
        (["add", "ada@lab.test", "gpu"], ("add", "ada@lab.test", "gpu")),
        (["remove", "ada@lab.test", "gpu"], ("remove", "ada@lab.test", "gpu")),
    ],
)
def test_what_follows_groups(words: list[str], expected: tuple[str, str, str]) -> None:
    assert chosen(words) == expected


@pytest.mark.parametrize("words", [["ada@lab.test"], ["add", "ada@lab.test"], ["drop", "a", "b"], ["list", "gpu"]])
def test_what_cannot_be_read(words: list[str]) -> None:
    with pytest.raises(HubError, match=f'cannot read "groups {words[0]}'):
        chosen(words)
