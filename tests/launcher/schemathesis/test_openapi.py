"""Requests made from the service's own OpenAPI document: whatever is sent, no 500, and every answer is one that the document knows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests._support.evidence import Evidence
from tests.launcher.fake_kubernetes import Cluster, Fault
from tests.launcher.service import Service, served

pytestmark = pytest.mark.slow
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(Cluster(schemas=False)) as made:
        yield made


@pytest.fixture(scope="module")
def api(service: Service) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{service.url}/openapi.json")


OPERATIONS = [
    ("POST", "/process"),
    ("GET", "/process"),
    ("DELETE", "/process/{process_name}"),
    ("GET", "/process/{process_name}/logs"),
    ("GET", "/group/{group}"),
    ("DELETE", "/group/{group}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as documented", "otherwise"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_one_of_those_promised(
    api: schemathesis.BaseSchema, service: Service, method: str, path: str, mode: GenerationMode
) -> None:
    operation = api[path][method]
    # Now and then the cluster fails too; a list meets no conflict.
    codes = (500, 429, 0, 403, 503) if method == "GET" else (500, 429, 0, 403, 409)
    service.cluster.faults = [Fault("*", code, after=7 * index) for index, code in enumerate(codes, 3)]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        # 503 is the document's own answer for a cluster that fails, as this one does; 500 is nobody's.
        assert case.call_and_validate(headers={"Authorization": "Bearer ada"}, checks=CHECKS).status_code != 500

    with contextlib.suppress(Unsatisfiable):
        # A path that takes nothing cannot be asked wrongly.
        ask()


def test_the_document_has_every_path(api: schemathesis.BaseSchema, evidence: Evidence) -> None:
    found = {(operation.ok().method.upper(), operation.ok().path) for operation in api.get_all_operations()}
    assert found == set(OPERATIONS)
    evidence.record("launcher: OpenAPI", "exercised", "requests by schemathesis for every path: no 500, every answer as documented")
