"""The form a user fills in, by widget or by keyword: dask-gateway-server's own fields, with our sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dask_gateway_server.options import Field, Float, Integer, Mapping, Options, Select, String

from . import checks
from .handler import cluster_config
from .settings import Settings
from .sizes import GIB


def cluster_options(settings: Settings) -> Options:
    """What users may choose. A wrong choice is refused with one sentence, by the API and by the widget alike."""
    fields = [
        _saying(checks.image, String("image", default=settings.image, label="Image")),
        _saying(
            lambda asked: checks.cores(asked, *settings.worker_cores),
            Integer("worker_cores", settings.worker_cores[0], *settings.worker_cores, label="Cores of a worker"),
        ),
        _saying(
            lambda asked: checks.memory(asked, *settings.worker_memory),
            Float("worker_memory", _gib(settings, 0), _gib(settings, 0), _gib(settings, 1), label="Memory of a worker (GiB)"),
        ),
        _saying(checks.environment, Mapping("environment", label="Environment variables")),
    ]
    if len(settings.kinds) > 1:
        select = Select("profile", list(settings.kinds), label="Kind of worker")
        fields.append(_saying(lambda asked: checks.kind(asked, settings.kinds), select))
    return Options(*fields, handler=lambda options, user: cluster_config(settings, options, user.name))


def _gib(settings: Settings, end: int) -> float:
    return settings.worker_memory[end] / GIB


def _saying(check: Callable[[Any], Any], field: Field) -> Field:
    """The field, which now says what is wrong in our words; everything else about it stays."""
    field.validate = check
    return field
