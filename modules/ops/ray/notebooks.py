"""The servers of the hub's users that run now: what they run on Ray comes from them."""

from __future__ import annotations

from dataclasses import dataclass

from modules.common import servers
from modules.ops.ray.pods import pods_of
from modules.ops.ray.scene import Scene

_CONTAINER = "notebook"


@dataclass(frozen=True)
class Notebook:
    """One server. image: as its pod names it."""

    pod: str
    image: str


def running_notebooks(scene: Scene) -> tuple[Notebook, ...]:
    """The servers that run, sorted by pod. Raises HubError when the cluster does not let us look."""
    pods = pods_of(scene.api, scene.config.hub.namespace, servers.LABELS)
    return tuple(sorted((Notebook(str(pod["metadata"]["name"]), _image(pod)) for pod in pods), key=lambda each: each.pod))


def _image(pod: dict[str, object]) -> str:
    spec = pod["spec"]
    assert isinstance(spec, dict)
    return next((str(each["image"]) for each in spec["containers"] if each.get("name") == _CONTAINER), "")
