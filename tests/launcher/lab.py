"""A launcher over the stand-in cluster, as far as a test needs it: the runtime alone, or the whole service on a port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kubernetes.client import ApiClient, Configuration

from modules.launcher.models import ProcessSpec
from modules.launcher.protocols import Principal, Rules
from modules.launcher.runtime.eks import EksRuntime
from tests.launcher.fake_kubernetes import Cluster, serve

ADA, BOB, ADMIN = Principal("ada"), Principal("bob"), Principal("root", admin=True)
OPEN = Rules(public_allowed=True)


@dataclass
class MemoryStore:
    """Secrets by name; a mapping is a secret with keys."""

    secrets: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)

    def get(self, name: str, key: str | None = None) -> str:
        found = self.secrets[name]
        if key is None:
            return str(found)
        if not isinstance(found, Mapping) or key not in found:
            raise ValueError(name)
        return found[key]


STORE = MemoryStore({"password": "hunter2", "login": {"user": "ada", "pass": "s3cret"}})


def runtime_at(url: str, rules: Rules = OPEN) -> EksRuntime:
    """A runtime that does not sleep between its tries, and whose client asks each thing once: a fault is to be seen."""
    settings = Configuration(host=url, retries=0)
    settings.connection_pool_maxsize = 64
    return EksRuntime(ApiClient(settings), STORE, rules, sleep=lambda _seconds: None)


@contextmanager
def lab(cluster: Cluster | None = None, rules: Rules = OPEN) -> Iterator[tuple[Cluster, EksRuntime]]:
    """A cluster on a port, and a runtime for it."""
    made = cluster or Cluster()
    with serve(made) as url:
        yield made, runtime_at(url, rules)


def spec(name: str = "nginx", *ports: int | dict[str, Any], public: bool = False, **more: Any) -> dict[str, Any]:
    """A process' specification. ports: numbers, or whole mappings. more: of the process; `container` is added to."""
    mappings = [each if isinstance(each, dict) else {"container_port": each} for each in ports]
    container = {"image_uri": "nginxdemos/hello", "ports": mappings, **more.pop("container", {})}
    return {"process_name": name, "container": container, "has_public_ip": public, **more}


def process(name: str = "nginx", *ports: int | dict[str, Any], **more: Any) -> ProcessSpec:
    """The same, read."""
    return ProcessSpec.model_validate(spec(name, *ports, **more))
