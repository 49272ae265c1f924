"""What the tests of the AWS side share: a config, refusals of AWS, and calls that fail on command."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
from botocore.exceptions import ClientError

from modules.config.models import HubConfig

ACCOUNT = "123456789012"


def make_config(**changes: Any) -> HubConfig:
    """A small valid env; keyword arguments replace top-level fields."""
    fields: dict[str, Any] = {
        "env": "lab",
        "name": "lab",
        "region": "us-east-2",
        "aws": {"account": ACCOUNT},
        "domain": "hub.lab.test",
        "dns": {"zone": "lab.test"},
        "auth": {"kind": "github", "admins": ["ada"], "allowed": ["ada"]},
        "hub": {
            "images": {"base": {"repo": "quay.io/jupyter/base-notebook", "tag": "2026-01-01"}},
            "profiles": [{"name": "Base", "default": True, "cpu": [1, 2], "memory": ["1G", "2G"], "pool": "default", "images": ["base"]}],
        },
        "pools": {"default": {"families": ["m5"], "sizes": ["xlarge"]}},
    }
    return HubConfig.model_validate(fields | changes)


#: Shared, because reading the service descriptions is most of the price of a client.
_LOADER = botocore.session.get_session().get_component("data_loader")


def new_session(region: str = "us-east-2") -> boto3.Session:
    """A session of its own, as another run of the program would have."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _LOADER)
    core.set_credentials("testing", "testing")
    return boto3.Session(botocore_session=core, region_name=region)


def refusal(code: str, operation: str = "DoIt", status: int = 400, message: str = "no") -> ClientError:
    """What boto3 raises when AWS answers `code`."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


class Killed(Exception):
    """The end of a run in the middle: neither an AWS error nor a HubError, so nothing may catch it."""


class Killer:
    """Ends the run at the n-th AWS call of a session, before the call takes effect or right after."""

    def __init__(self, session: boto3.Session, *, at: int, moment: str) -> None:
        self.calls: list[str] = []
        self._at = at
        self._moment = moment
        # moto answers in a `before-send` handler, so that these two surround it.
        session.events.register_first("before-call", self._before)
        session.events.register_last("after-call", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        if self._moment == "before" and len(self.calls) == self._at:
            raise Killed(model.name)

    def _after(self, model: Any, **_: Any) -> None:
        if self._moment == "after" and len(self.calls) == self._at:
            raise Killed(model.name)
