"""An AWS account inside this process (moto's, with the offerings EC2 had when moto was made), and how checks are run on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.ops.aws_clients import Clients
from modules.ops.preflight.check import Context
from tests.unit.ops_aws.support import make_config, new_session


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto."""
    with mock_aws():
        yield new_session()


def make_context(session: boto3.Session, *, is_rehearsal: bool = False, **changes: Any) -> Context:
    """What a check is given for an env of the tests' own; keyword arguments replace its top-level fields."""
    config = make_config(**changes)
    return Context(config, Clients(session, config.region), is_rehearsal=is_rehearsal)
