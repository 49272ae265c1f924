"""An AWS account inside this process: moto's, reset for every test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.config.models import HubConfig
from tests._support.emulator import emulator, emulator_process
from tests.unit.ops_aws.support import make_config, new_session

__all__ = ["emulator", "emulator_process"]


@pytest.fixture
def config() -> HubConfig:
    """An env of the tests' own."""
    return make_config()


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    """A session whose calls end in moto."""
    with mock_aws():
        yield new_session()


@pytest.fixture
def s3(session: boto3.Session) -> Any:
    """A plain S3 client in the env's region."""
    return session.client("s3", region_name="us-east-2")
