"""The account of the AWS side's tests."""

from __future__ import annotations

from tests.unit.ops_aws.conftest import session

__all__ = ["session"]
