"""The rules of extends, as rows: base, what lies over it, and what comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modules.config.load import read_env
from modules.config.merge import leftover_appends, merge
from modules.config.problems import ConfigErrors
from modules.config.yaml_file import Document, parse


def _document(text: str, file: str = "a.yaml") -> Document:
    document, problems = parse(text, file)
    assert not problems
    return document


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("{a: 1}", "{b: 2}", {"a": 1, "b": 2}),
        ("{a: 1}", "{a: 2}", {"a": 2}),
        ("{a: {x: 1, y: 2}}", "{a: {y: 3}}", {"a": {"x": 1, "y": 3}}),
        ("{a: {x: {p: 1}}}", "{a: {x: {q: 2}}}", {"a": {"x": {"p": 1, "q": 2}}}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: [1, 2]}", "{+a: [3]}", {"a": [1, 2, 3]}),
        ("{a: []}", "{+a: [3]}", {"a": [3]}),
        ("{a: {l: [1]}}", "{a: {+l: [2]}}", {"a": {"l": [1, 2]}}),
        ("{a: {x: 1}}", "{a: null}", {"a": None}),
        ("{a: null}", "{a: {x: 1}}", {"a": {"x": 1}}),
        ("{a: {x: 1}}", "{a: [1]}", {"a": [1]}),
        ("{a: [{n: 1}]}", "{+a: [{n: 2}]}", {"a": [{"n": 1}, {"n": 2}]}),
        ("{a: 1}", "{+b: [2]}", {"a": 1, "+b": [2]}),
        ("{a: {x: 1}}", "{+a: {y: 2}}", {"a": {"x": 1}, "+a": {"y": 2}}),
    ],
)
def test_rules(base: str, over: str, result: Any) -> None:
    under, above = _document(base), _document(over)
    before = (repr(under), repr(above))
    assert merge(under, above).data == result
    assert (repr(under), repr(above)) == before, "merging changed its arguments"


def test_laying_nothing_over_changes_nothing_and_order_of_three_is_kept() -> None:
    one, two, three = (_document(text) for text in ("{a: 1, b: [1]}", "{a: 2, +b: [2]}", "{a: 3, +b: [3]}"))
    assert merge(one, Document()).data == one.data
    assert merge(merge(one, two), three).data == {"a": 3, "b": [1, 2, 3]}


def test_each_value_remembers_its_file_and_line() -> None:
    base = _document("a:\n  x: 1\n  l: [1, 2]\n", "base.yaml")
    over = _document("# more\na:\n  y: 2\n  +l: [3]\n", "over.yaml")
    sources = {path: (source.file, source.line) for path, source in merge(base, over).sources.items()}
    assert sources["a", "x"] == ("base.yaml", 2)
    assert sources["a", "y"] == ("over.yaml", 3)
    assert sources["a", "l", 0] == ("base.yaml", 3)
    assert sources["a", "l", 2] == ("over.yaml", 4)
    assert ("a", "l", 3) not in sources


def test_a_replaced_value_forgets_what_was_below_it() -> None:
    merged = merge(_document("{a: {x: {y: 1}}}"), _document("{a: null}", "b.yaml"))
    assert {path for path in merged.sources if path[0] == "a"} == {("a",)}


def test_appends_that_found_nothing_are_reported_wherever_they_are() -> None:
    merged = merge(_document("{a: 1}"), _document("{+b: [1], c: {+d: [1]}, e: [{+f: [1]}]}"))
    assert [problem.path for problem in leftover_appends(merged)] == ["+b", "c.+d", "e[0].+f"]


def _lay_out(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / "envs" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "envs" / name).write_text(text)
    return root


def test_a_chain_of_three_files(tmp_path: Path) -> None:
    root = _lay_out(
        tmp_path,
        {
            "lab/hub.yaml": "extends: ../shared/mid.yaml\nname: top\n",
            "shared/mid.yaml": "extends: base.yaml\nname: mid\nregion: mid\n",
            "shared/base.yaml": "name: base\nregion: base\ndomain: base\n",
        },
    )
    loaded = read_env(root, "lab")
    assert loaded.document.data == {"name": "top", "region": "mid", "domain": "base"}
    assert loaded.source(("region",)).file == "envs/shared/mid.yaml"


def test_a_circle_is_refused_with_its_way(tmp_path: Path) -> None:
    root = _lay_out(
        tmp_path,
        {
            "lab/hub.yaml": "extends: ../shared/a.yaml\n",
            "shared/a.yaml": "extends: b.yaml\n",
            "shared/b.yaml": "extends: a.yaml\n",
        },
    )
    with pytest.raises(ConfigErrors) as caught:
        read_env(root, "lab")
    problem = caught.value.problems[0]
    assert problem.file == "envs/shared/b.yaml"
    assert "envs/lab/hub.yaml -> envs/shared/a.yaml -> envs/shared/b.yaml -> envs/shared/a.yaml" in problem.message


def test_a_link_out_of_envs_is_refused(tmp_path: Path) -> None:
    root = _lay_out(tmp_path, {"lab/hub.yaml": "extends: link.yaml\n"})
    (tmp_path / "outside.yaml").write_text("name: x\n")
    (root / "envs" / "lab" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(ConfigErrors, match="lies outside"):
        read_env(root, "lab")


def test_a_mistake_in_a_shared_file_is_reported_there(tmp_path: Path) -> None:
    root = _lay_out(tmp_path, {"lab/hub.yaml": "extends: ../shared/a.yaml\nname: x\n", "shared/a.yaml": "name: a\nname: b\n"})
    assert [(each.file, each.path, each.line) for each in read_env(root, "lab").problems] == [("envs/shared/a.yaml", "name", 2)]
