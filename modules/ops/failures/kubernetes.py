"""What a cluster's API says instead of an answer, in words: who was refused and what to add, or why it cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.config.models import HubConfig

_MISSING, _UNKNOWN, _DENIED = 404, 401, 403


@dataclass(frozen=True)
class Door:
    """What is known of the way to a cluster. endpoint: "" for a rehearsal's or a kubeconfig's. is_public: whether EKS answers
    outside the VPC. who: gives the principal that the cluster sees."""

    config: HubConfig
    endpoint: str = ""
    is_public: bool = True
    who: Callable[[], str] = lambda: ""


@contextmanager
def asking(door: Door, what: str) -> Iterator[None]:
    """Ends the block quietly when the thing asked for is not there; other refusals become the HubError for `what`."""
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        if error.status != _MISSING:
            raise _refused(door, what, int(error.status or 0), _message(error.body) or str(error.reason)) from error
    except HTTPError as error:
        raise _unreachable(door, what, error) from error


def _refused(door: Door, what: str, status: int, said: str) -> HubError:
    name = door.config.cluster_name
    if status == _UNKNOWN:
        return HubError(f"could not {what}: the cluster {name} does not know {door.who() or 'this caller'}", fix=_let_in(door))
    if status == _DENIED:
        return HubError(f"could not {what}: the cluster {name} forbids it ({said})", fix=_let_in(door))
    again = f"run the same command again; ./hub status {door.config.env} tells what is applied"
    return HubError(f"could not {what}: the cluster {name} answered {status} ({said})", fix=again)


def _let_in(door: Door) -> str:
    env = door.config.env
    if door.config.cluster.existing:
        return "set cluster.existing.admin_role_arn to a role that may, or have the cluster's owner add an access entry"
    return f"add its role to cluster.admins in envs/{env}/hub.yaml, then ./install.sh {env}"


def _unreachable(door: Door, what: str, error: Exception) -> HubError:
    config = door.config
    said = f"could not {what}: the API of {config.cluster_name} does not answer"
    if not door.endpoint:
        look = f"./hub rehearsal status {config.env}" if config.rehearsal else "look at the kubeconfig"
        return HubError(f"{said} ({_short(error)})", fix=look)
    if not door.is_public:
        inside = "run this inside the VPC (a VPN, or the admin box by SSM), or set cluster.endpoint.public_cidrs"
        return HubError(f"{said}: its endpoint is private", fix=inside)
    fix = "look whether it lets this machine's address in (cluster.endpoint.public_cidrs), and whether a proxy stands between"
    return HubError(f"{said} ({_short(error)})", fix=fix)


def _short(error: Exception) -> str:
    """The cause below urllib3's wrapper, which repeats host and path."""
    cause = getattr(error, "reason", None) or error
    return type(cause).__name__.removesuffix("Error")


def _message(body: object) -> str:
    """The sentence in a Kubernetes Status; "" where there is none."""
    try:
        found = json.loads(body if isinstance(body, str | bytes) else "")
    except ValueError:
        return ""
    return str(found.get("message", "")) if isinstance(found, dict) else ""
