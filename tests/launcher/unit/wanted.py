"""Processes that tests start, and people who start them."""

from __future__ import annotations

from typing import Any

from modules.launcher.models import ProcessSpec
from modules.launcher.protocols import Principal

ANN, BOB, ADMIN = Principal("ann"), Principal("bob"), Principal("operator", admin=True)


def process(name: str = "web", *, ports: tuple[int, ...] = (80,), **more: Any) -> ProcessSpec:
    """A process; `more` goes beside the container, what is named `container` into it."""
    container = {"image_uri": "nginx", "ports": [{"container_port": each} for each in ports], **more.pop("container", {})}
    return ProcessSpec.model_validate({"process_name": name, "container": container, **more})


#: With every object that a process can have.
FULL = {
    "container": {
        "env": [{"name": "A", "value": {"secret_name": "api"}}],
        "username": {"secret_name": "registry", "key": "user"},
        "password": {"secret_name": "registry", "key": "password"},
    }
}
