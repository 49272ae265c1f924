"""Settings of the credentials with which the launcher calls AWS and the cluster."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field, field_validator, model_validator

from modules.common import arn
from modules.launcher.settings.base import Model, OneOf, SecretRef

# The limits of AssumeRole, https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_LEAST_SECONDS, _MOST_SECONDS = 900, 43_200
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


class AccessKey(Model):
    """An IAM user's key, both halves in the secret store."""

    access_key_id: SecretRef
    secret_access_key: SecretRef


class AssumeRole(Model):
    """A role that the launcher takes before it calls the cluster."""

    role_arn: str
    external_id: SecretRef | None = None
    session_name: str | None = None
    """How the session is called in CloudTrail. Default: hydroplane-launch- and a random id."""
    session_duration_seconds: int = Field(default=_LEAST_SECONDS, ge=_LEAST_SECONDS, le=_MOST_SECONDS)

    @field_validator("role_arn")
    @classmethod
    def _is_a_role(cls, value: str) -> str:
        try:
            is_role = arn.parse(value).resource_type == "role"
        except ValueError:
            is_role = False
        if not is_role:
            raise ValueError("is not the ARN of a role, such as arn:aws:iam::123456789012:role/EKSAdmin")
        return value

    @field_validator("session_name")
    @classmethod
    def _is_a_session_name(cls, value: str | None) -> str | None:
        if value is not None and not _SESSION_NAME.fullmatch(value):
            raise ValueError("is no session name: 2 to 64 letters, digits and +=,.@-_")
        return value


class Credentials(OneOf):
    """Who the launcher is."""

    ways: ClassVar = ("access_key", "ambient", "profile", "in_cluster")

    access_key: AccessKey | None = None
    ambient: bool = False
    """What AWS finds by itself: IRSA, pod identity, the environment, an instance's role."""
    profile: str | None = None
    """A profile of ~/.aws/config."""
    in_cluster: bool = False
    """The launcher's own service account: no AWS at all."""
    assume_role: AssumeRole | None = None

    @model_validator(mode="after")
    def _a_role_needs_aws(self) -> Credentials:
        if self.in_cluster and self.assume_role:
            raise ValueError("in_cluster does not call AWS, so there is no role to assume. Remove assume_role")
        return self
