"""An env of a checkout of its own whose verbs run in this process, against an emulator that is a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.ops.cli import parts
from modules.rehearsal import session


@contextmanager
def rehearsed(config: HubConfig, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubConfig]:
    """`config` as a rehearsal below `root`. A verb takes over this process's AWS_ variables, so they are put back."""
    fields = config.model_dump(mode="json", exclude={"env"}, exclude_defaults=True) | {"rehearsal": True}
    fields.pop("aws")
    folder = root / "envs" / config.env
    folder.mkdir(parents=True)
    (folder / "hub.yaml").write_text(yaml.safe_dump(fields))
    monkeypatch.setattr(parts, "ROOT", root)
    before = dict(os.environ)
    try:
        yield load_env(root, config.env, judged=False)
    finally:
        os.environ.clear()
        os.environ.update(before)


def account(config: HubConfig, root: Path) -> Callable[[str], Any]:
    """Starts the rehearsal; gives what makes clients of its account, with the state bucket in it. `session.stop` ends it."""
    found = session.environment(session.start(root, config), config)
    keys = {"aws_access_key_id": found["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": found["AWS_SECRET_ACCESS_KEY"]}
    made: Any = boto3.Session(region_name=config.region, **keys)

    def client(service: str) -> Any:
        return made.client(service, endpoint_url=found["AWS_ENDPOINT_URL"])

    client("s3").create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": config.region})
    return client
