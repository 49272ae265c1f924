"""What users ask of the gateway: every refusal's sentence, and what becomes of what is granted."""

from __future__ import annotations

from typing import Any

import pytest

from modules.hub.gateway import budget, checks
from modules.hub.gateway.budget import Share
from modules.hub.gateway.checks import Refusal
from modules.hub.gateway.handler import cluster_config
from modules.hub.gateway.labels import USERNAME, label
from modules.hub.gateway.settings import Kind, Settings, SettingsError

GIB = 2**30
GIVEN: dict[str, Any] = {
    "image": "quay.io/jupyter/base-notebook:2026-10-05",
    "worker_cores": [1, 4],
    "worker_memory": [GIB, 8 * GIB],
    "max_cores": 16,
    "max_memory": 24 * GIB,
    "max_clusters": 2,
    "idle_timeout": 1800,
    "kinds": {"cpu": {"pod": {"nodeSelector": {"pool": "burst"}}}, "gpu": {"container": {"resources": {"limits": {"card": "1"}}}}},
    "environment": {"SCRATCH_BUCKET": "s3://scratch"},
}
SETTINGS = Settings.read(GIVEN)
ASKED = {"image": "a/b:1", "worker_cores": 2, "worker_memory": 4, "environment": {}}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"image": ""},
            "image '' is not the name of an image. Write it as registry/name:tag, such as quay.io/jupyter/base-notebook:2026-10-05.",
        ),
        ({"image": "a b:1"}, "image 'a b:1' is not the name of an image."),
        ({"image": "a/b"}, "image 'a/b' has no tag. Add one, as in a/b:2026-10-05, so that all workers run the same."),
        ({"image": "localhost:5000/a"}, "image 'localhost:5000/a' has no tag. Add one, as in localhost:5000/a:2026-10-05"),
        ({"image": "a/b:"}, "image 'a/b:' has no tag. Add one, as in a/b:2026-10-05"),
        ({"image": "a/b:latest"}, "image 'a/b:latest' may be another one tomorrow. Name a fixed tag instead of latest"),
        (
            {"image": "a/b@sha256:12"},
            "image 'a/b@sha256:12' has a digest that is not one. Write @sha256: and 64 hexadecimal digits, or a tag.",
        ),
        ({"worker_cores": 5}, "worker_cores is 5; a worker has 1 to 4 cores. Ask for more workers instead of larger ones."),
        ({"worker_cores": 0}, "worker_cores is 0; a worker has 1 to 4 cores."),
        ({"worker_cores": 1.5}, "worker_cores is 1.5; a worker has 1 to 4 cores."),
        ({"worker_cores": True}, "worker_cores is True; a worker has 1 to 4 cores."),
        ({"worker_cores": "4"}, "worker_cores is '4'; a worker has 1 to 4 cores."),
        ({"worker_memory": 9}, "worker_memory is 9; a worker has 1 to 8 GiB. Ask for more workers instead of larger ones."),
        ({"worker_memory": 0.5}, "worker_memory is 0.5; a worker has 1 to 8 GiB."),
        ({"worker_memory": "4G"}, "worker_memory is '4G'; a worker has 1 to 8 GiB."),
        ({"worker_memory": float("nan")}, "worker_memory is nan; a worker has 1 to 8 GiB."),
        ({"profile": "tpu"}, "profile is 'tpu'; there is cpu and gpu. Choose one of them."),
        ({"profile": ["cpu"]}, "profile is ['cpu']; there is cpu and gpu. Choose one of them."),
        ({"environment": "A=1"}, 'environment is not a mapping. Write it as {"NAME": "value"}.'),
        ({"environment": {"A B": "1"}}, "environment has 'A B', which is no name of a variable. Use letters, digits and underscores."),
        ({"environment": {"TOKEN": 12345}}, "environment has a value for TOKEN that is not text. Put it in quotes."),
    ],
)
def test_a_refusal_is_a_sentence(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        cluster_config(SETTINGS, {**ASKED, **changed}, "ada")
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_value_that_may_be_a_password_is_not_repeated() -> None:
    with pytest.raises(Refusal) as refused:
        checks.environment({"PASSWORD": ["hunter2"]})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["a:1", "localhost:5000/a:v1.2_3", "quay.io/a/b@sha256:" + "0a" * 32, "quay.io/a/b:1@sha256:" + "0a" * 32])
def test_images_that_say_exactly_which(name: str) -> None:
    assert checks.image(name) == name


@pytest.mark.parametrize(
    ("asked", "workers"),
    [
        # 16 cores and 24 GiB for all: by cores, by memory, by both alike.
        ({"worker_cores": 4, "worker_memory": 1}, 4),
        ({"worker_cores": 1, "worker_memory": 8}, 3),
        ({"worker_cores": 2, "worker_memory": 3}, 8),
        ({"worker_cores": 1, "worker_memory": 2.5}, 9),
    ],
)
def test_the_most_workers_of_one_cluster(asked: dict[str, Any], workers: int) -> None:
    assert cluster_config(SETTINGS, {**ASKED, **asked}, "ada")["cluster_max_workers"] == workers


def test_what_is_granted() -> None:
    asked = {**ASKED, "profile": "gpu", "environment": {"MINE": "1", "SCRATCH_BUCKET": "s3://elsewhere"}}
    assert cluster_config(SETTINGS, asked, "ada@example.org") == {
        "image": "a/b:1",
        "worker_cores": 2,
        "worker_memory": 4 * GIB,
        "environment": {"MINE": "1", "SCRATCH_BUCKET": "s3://scratch"},
        "idle_timeout": 1800,
        "cluster_max_workers": 6,
        "worker_extra_pod_config": {},
        "worker_extra_container_config": {"resources": {"limits": {"card": "1"}}},
        "worker_extra_pod_labels": {USERNAME: "ada-example-org---cfe00dde"},
        "worker_extra_pod_annotations": {USERNAME: "ada@example.org"},
        "scheduler_extra_pod_labels": {USERNAME: "ada-example-org---cfe00dde"},
        "scheduler_extra_pod_annotations": {USERNAME: "ada@example.org", "karpenter.sh/do-not-disrupt": "true"},
    }


def test_without_a_choice_the_first_kind_is_meant() -> None:
    assert cluster_config(SETTINGS, ASKED, "ada")["worker_extra_pod_config"] == {"nodeSelector": {"pool": "burst"}}


@pytest.mark.parametrize(
    ("running", "others", "size", "sentence"),
    [
        (
            2,
            [],
            (1, GIB),
            "You have 2 Dask clusters, and 2 at once is the most. Use one of them (gateway.list_clusters() names them) or shut one down.",
        ),
        (
            1,
            [Share(7, 2, GIB)],
            (4, GIB),
            "One more worker of 4 cores and 1 GiB does not fit: you may have 16 cores and 24 GiB at once, "
            "and your other clusters use 14 and 7. "
            "Scale a cluster down or shut one down first.",
        ),
        (1, [Share(2, 1, 8 * GIB), Share(1, 1, 4 * GIB)], (1, 5 * GIB), "One more worker of 1 core and 5 GiB does not fit:"),
    ],
)
def test_a_cluster_too_many(running: int, others: list[Share], size: tuple[float, int], sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        budget.admit(SETTINGS, running, others, *size)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("others", "size", "fitting"),
    [
        ([], (1, GIB), 16),
        ([], (1, 8 * GIB), 3),
        ([Share(2, 4, GIB)], (4, GIB), 2),
        ([Share(2, 4, 8 * GIB)], (1, 2 * GIB), 4),
        ([Share(16, 1, GIB)], (1, GIB), 0),
        # More than is allowed, as after the limits were lowered.
        ([Share(30, 1, GIB)], (1, GIB), 0),
    ],
)
def test_scaling_up_to_what_fits(others: list[Share], size: tuple[float, int], fitting: int) -> None:
    assert budget.room(SETTINGS, others, *size) == fitting
    budget.scale(SETTINGS, fitting, others, *size)
    with pytest.raises(Refusal, match=rf"^{fitting + 1} workers? of .* too many: .*, so {fitting} fit here\. Ask for fewer"):
        budget.scale(SETTINGS, fitting + 1, others, *size)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # As kubespawner 7.0.0's safe_slug(name, is_valid=is_valid_label) gives them.
        ("ada", "ada"),
        ("Ada.L_1", "Ada.L_1"),
        ("ada@x.org", "ada-x-org---210e59f6"),
        ("a--b", "a-b---90827a2e"),
        ("-ada", "ada---f32a7c99"),
        ("1@2", "x-1-2---a7cc881e"),
        ("数", "x---a8df4050"),
        ("service:culler", "service-culler---07db83f1"),
        ("a" * 63, "a" * 63),
        ("a" * 64, "a" * 21 + "---ffe054fe"),
    ],
)
def test_a_users_name_on_pods(name: str, expected: str) -> None:
    assert label(name) == expected


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"max_cores": ...}, "max_cores is missing or not known"),
        ({"max_core": 1}, "max_core is missing or not known"),
        ({"kinds": {}}, "kinds is empty"),
    ],
)
def test_settings_that_are_not_ours(changed: dict[str, Any], says: str) -> None:
    given = {key: value for key, value in {**GIVEN, **changed}.items() if value is not ...}
    with pytest.raises(SettingsError, match=says):
        Settings.read(given)


def test_settings_as_they_are_read() -> None:
    assert SETTINGS.kinds["cpu"] == Kind(pod={"nodeSelector": {"pool": "burst"}})
    assert Settings.read({key: value for key, value in GIVEN.items() if key != "environment"}).environment == {}
