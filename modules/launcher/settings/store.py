"""Settings of the secret store."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from modules.launcher.settings.base import Model


class NoStore(Model):
    """The settings need no secret."""

    secret_store_type: Literal["none"]


class LocalStore(Model):
    """Hydroplane's encrypted folder."""

    secret_store_type: Literal["local"]
    store_location: Path
    """The store's folder; ~ is the home of whoever starts the launcher."""
    password_file: Path | None = None
    """A file with the password, for a launcher that nobody starts by hand."""


class AwsStore(Model):
    """AWS Secrets Manager, with the launcher's ambient credentials."""

    secret_store_type: Literal["aws"]
    prefix: str = Field(min_length=1)
    """What every secret's name begins with, such as hubsmith/dandi/launcher/."""
    region: str | None = None
    """Default: the region of the environment (AWS_REGION)."""


StoreSettings = NoStore | LocalStore | AwsStore
