"""Secrets a process is given by name: read from the launcher's store, handed over in Kubernetes Secrets of its own."""

from __future__ import annotations

import base64
import json
from typing import Any

from modules.launcher.errors import Invalid
from modules.launcher.models import ContainerSpec, ProcessSecret
from modules.launcher.protocols import Store
from modules.launcher.runtime.manifests import Launch, metadata

#: Docker's own name for its registry, under which every tool looks for its password.
_DOCKER_HUB = "https://index.docker.io/v1/"


def env_values(container: ContainerSpec, store: Store) -> dict[str, str]:
    """Variable to value, for the variables whose value is a secret. Raises Invalid for one the store has not."""
    return {each.name: _value(store, each.value) for each in container.env if isinstance(each.value, ProcessSecret)}


def registry_login(container: ContainerSpec, store: Store) -> str | None:
    """The content of a `.dockerconfigjson` for the image's registry; None for an image that anyone may pull."""
    if container.username is None or container.password is None:
        return None
    user = container.username if isinstance(container.username, str) else _value(store, container.username)
    password = _value(store, container.password)
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return json.dumps({"auths": {registry(container.image_uri): {"username": user, "password": password, "auth": token}}})


def registry(image: str) -> str:
    """The registry of an image's name: the first part, when it looks like a host; else Docker's."""
    host, slash, _ = image.partition("/")
    is_host = bool(slash) and ("." in host or ":" in host or host == "localhost")
    return host if is_host and host not in ("docker.io", "index.docker.io") else _DOCKER_HUB


def env_secret(launch: Launch, values: dict[str, str]) -> dict[str, Any]:
    """The Secret that the process' variables refer to."""
    return _secret(launch, launch.env_secret, "Opaque", values)


def pull_secret(launch: Launch, login: str) -> dict[str, Any]:
    """The Secret with which the node pulls the image."""
    return _secret(launch, launch.pull_secret, "kubernetes.io/dockerconfigjson", {".dockerconfigjson": login})


def _secret(launch: Launch, name: str, kind: str, values: dict[str, str]) -> dict[str, Any]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata(launch, name), "type": kind, "immutable": True, "data": data}


def _value(store: Store, secret: ProcessSecret) -> str:
    try:
        return store.get(secret.secret_name, secret.key)
    except KeyError:
        # `from None` here and below: a store's own error might say what it found.
        raise Invalid(f'there is no secret "{secret.secret_name}" in the launcher\'s store') from None
    except ValueError:
        raise Invalid(f'the secret "{secret.secret_name}" has no key "{secret.key}"') from None
