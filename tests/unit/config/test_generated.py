"""What is generated from the models: the editors' schema, the reference, and where each value came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from modules.config.explain import DEFAULT, explain
from modules.config.load import list_envs
from modules.config.reference import REFERENCE_FILE, reference
from modules.config.schema import SCHEMA_FILE, json_schema, schema_text
from tests._support.config_cases import document, rows

ROOT = Path(__file__).parents[3]
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize(
    ("file", "text", "module"),
    [(SCHEMA_FILE, schema_text, "schema"), (REFERENCE_FILE, reference, "reference")],
    ids=["schema", "reference"],
)
def test_is_fresh(file: str, text: Any, module: str) -> None:
    renew = f"from pathlib import Path; from modules.config import {module} as m; Path({file!r}).write_text(m.{text.__name__}())"
    assert (ROOT / file).read_text() == text(), f'{file} is old. Renew it: python -c "{renew}"'


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("file", sorted(str(found.relative_to(ROOT)) for found in (ROOT / "envs").glob("*/hub.yaml")))
def test_editors_accept_what_loads(file: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load((ROOT / file).read_text()))] == []


@pytest.mark.parametrize(
    "case",
    ["unknown-key", "unknown-nested-key", "choice-misspelt", "number-too-large", "region-misspelt", "word-for-a-list", "region-missing"],
)
def test_editors_mark_what_is_wrong(case: str) -> None:
    row = next(row for row in rows("values") if row["case"] == case)
    assert list(VALIDATOR.iter_errors(document(row)))


def test_the_schema_knows_extends_and_appends_but_not_env() -> None:
    properties = json_schema()["properties"]
    assert "extends" in properties
    assert "env" not in properties
    assert not list(VALIDATOR.iter_errors({"extends": "../shared/base.yaml", "cluster": {"+admins": ["arn:aws:iam::1:role/x"]}}))
    assert list(VALIDATOR.iter_errors({"name": "lab"}))


def test_the_reference_names_every_section() -> None:
    text = reference()
    for section in ("network", "cluster", "storage", "pools", "vault", "launcher"):
        assert f"## `{section}`" in text


def test_explain_names_file_and_line() -> None:
    found = {each.path: each for each in explain(ROOT, "dandi")}
    region = found["region"]
    lines = (ROOT / region.file).read_text().splitlines()
    assert (region.value, region.file) == ("us-east-2", "envs/dandi/hub.yaml")
    assert lines[region.line - 1] == "region: us-east-2"
    assert found["network.cidr"].file == "envs/shared/dandihub.yaml"
    assert (found["auth.admins[0]"].value, found["auth.admins[0]"].file) == ("satra", "envs/shared/dandi.yaml")
    assert (found["auth.admins[1]"].value, found["auth.admins[1]"].file) == ("dandibot", "envs/dandi/hub.yaml")
    assert found["roles.archive-reader.buckets[0].name"].file == "envs/shared/dandi.yaml"
    assert (found["rehearsal"].file, found["rehearsal"].line) == (DEFAULT, 0)


@pytest.mark.parametrize("env", list_envs(ROOT))
def test_explain_points_at_lines_that_hold_the_key(env: str) -> None:
    found = [each for each in explain(ROOT, env) if each.file != DEFAULT]
    assert len(found) > 20
    for each in found:
        key = each.path.rsplit(".", 1)[-1].split("[")[0]
        assert key in (ROOT / each.file).read_text().splitlines()[each.line - 1]
