"""How problems are written: columns, paths, suggestions, and what is never repeated."""

from __future__ import annotations

import re
from typing import Any

import pytest

from modules.config.models import HubConfig
from modules.config.patterns import PATTERNS
from modules.config.problems import ConfigErrors, Problem, did_you_mean, path_text, problem, render
from modules.config.redact import HIDDEN, redact, secret_shape
from modules.config.renamed import RENAMED
from tests._support.config_cases import SECRETS


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("hub", "profiles", 2, "pool"), "hub.profiles[2].pool"),
        (("a", 0, 1), "a[0][1]"),
    ],
)
def test_paths(path: tuple[str | int, ...], text: str) -> None:
    assert path_text(path) == text


def test_columns_are_aligned_and_files_apart() -> None:
    rows = [
        Problem("envs/lab/hub.yaml", "pools.gpu.sizes[0]", "one."),
        Problem("envs/lab/hub.yaml", "hub", "two."),
        Problem("envs/shared/base.yaml", "", "three."),
    ]
    assert render(rows) == (
        "envs/lab/hub.yaml: 2 problems\n  pools.gpu.sizes[0]  one.\n  hub                 two.\nenvs/shared/base.yaml: 1 problem\n  three."
    )


def test_errors_come_in_the_order_of_the_file() -> None:
    errors = ConfigErrors([Problem("a", "y", "late.", 9), Problem("a", "x", "early.", 2)])
    assert [each.message for each in errors.problems] == ["early.", "late."]
    assert str(errors).startswith("a: 2 problems")
    assert errors.exit_code == 1


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("gpus", ("default", "gpu"), '; did you mean "gpu"?'),
        ("zebra", ("default", "gpu"), " (default, gpu)"),
        ("x", (), " (there is none)"),
    ],
)
def test_suggestions(word: str, known: tuple[str, ...], hint: str) -> None:
    assert did_you_mean(word, known) == hint


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_secrets_are_seen_and_hidden(name: str) -> None:
    text = f"before {SECRETS[name]} after"
    assert secret_shape(text)
    assert SECRETS[name] not in redact(text)
    assert HIDDEN in redact(text)
    assert SECRETS[name] not in problem("f", ("a", SECRETS[name]), text).message


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/JupyterhubProvisioningRole",
        "123456789012.dkr.ecr.us-west-2.amazonaws.com/daft/notebook",
        "quay.io/jupyter/scipy-notebook",
        "ami@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "https://github.com/dandi/example-notebooks",
        "ray://default-ray-head-svc.ray:10001",
        "subnet-0123456789abcdef0",
        "oauth-client-secret",
    ],
)
def test_ordinary_values_are_no_secrets(text: str) -> None:
    assert secret_shape(text) is None
    assert redact(text) == text


def _patterns(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own.union(*(_patterns(inner) for inner in schema.values()))
    return set().union(*(_patterns(inner) for inner in schema)) if isinstance(schema, list) else set()


def test_every_pattern_has_words() -> None:
    # Types with words of their own wrap their pattern in a group.
    wanted = {pattern for pattern in _patterns(HubConfig.model_json_schema()) if not pattern.startswith("^(?:")}
    assert wanted == set(PATTERNS)


def test_every_setting_says_what_it_is() -> None:
    definitions = HubConfig.model_json_schema()["$defs"]
    assert len(definitions) > 30
    silent = [
        f"{name}.{field}"
        for name, kind in definitions.items()
        for field, info in kind["properties"].items()
        if "description" not in info and "$ref" not in info
    ]
    assert silent == []


def test_old_names_are_not_current_names() -> None:
    top = set(HubConfig.model_fields)
    assert RENAMED
    for old, (new, release) in RENAMED.items():
        assert "." in old or old not in top
        assert new != old
        assert re.fullmatch(r"\d+\.\d+", release)
