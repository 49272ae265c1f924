"""A lint over our own source for what the engine gets wrong without a word (facts of DESIGN 8)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([ROOT / "main.py", *(ROOT / "modules").rglob("*.py")])


def dotted(node: ast.expr) -> str:
    """`aws.vpc.Vpc` of such an expression; "" of any other."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def engine_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of the provider's bindings, under their usual names in this project."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[0] in {"aws", "ns", "_NS", "sse"}:
            yield node


def dicts_in_lists(source: str) -> list[int]:
    """Lines where a dict stands in a list given to a binding: its snake_case keys would be lost in silence."""
    return [
        element.lineno
        for call in engine_calls(ast.parse(source))
        for keyword in call.keywords
        if keyword.arg not in {"tags", "labels", "policy", "provider"} and isinstance(keyword.value, ast.List | ast.ListComp)
        for element in (keyword.value.elts if isinstance(keyword.value, ast.List) else [keyword.value.elt])
        if isinstance(element, ast.Dict | ast.DictComp)
    ]


def app_wide_aspects(source: str) -> list[int]:
    """Lines with the engine's Aspects.of, which never runs on an app."""
    return [node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and dotted(node.func).endswith("Aspects.of")]


def engine_named(source: str) -> list[int]:
    """Lines that import the engine or its providers."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        if any(name.split(".")[0] in {"cdktf", "cdktn", "constructs", "jsii"} or name.startswith("cdktf_cdktf") for name in names):
            found.append(node.lineno)
    return found


LINTS = {"dict in a list": dicts_in_lists, "Aspects.of": app_wide_aspects, "engine named": engine_named}


@pytest.mark.parametrize("name", LINTS)
def test_our_source_is_clean(name: str) -> None:
    assert len(SOURCES) > 40
    found = [f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in LINTS[name](path.read_text())]
    assert not found


@pytest.mark.parametrize(
    ("name", "source", "lines"),
    [
        ("dict in a list", "aws.security_group.SecurityGroup(s, 'x', ingress=[{'from_port': 1}])", [1]),
        ("dict in a list", "ns.X(s, 'x', rule=[{'from_port': i} for i in y])", [1]),
        ("dict in a list", "ns.X(s, 'x', rule=[ns.Rule(from_port=1)], tags={'a': 'b'})", []),
        ("dict in a list", "other(rule=[{'from_port': 1}])", []),
        ("Aspects.of", "cdk.Aspects.of(app).add(x)", [1]),
        ("Aspects.of", "Stack.of(x)", []),
        ("engine named", "import cdktf", [1]),
        ("engine named", "from cdktf_cdktf_provider_aws.vpc import Vpc", [1]),
        ("engine named", "from modules.cdk import App", []),
    ],
)
def test_the_lint_sees(name: str, source: str, lines: list[int]) -> None:
    assert LINTS[name](source) == lines
