"""The settings file as a whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from modules.launcher.protocols import Rules
from modules.launcher.settings.auth import Auth
from modules.launcher.settings.base import Model, SecretRef
from modules.launcher.settings.runtime import EksRuntime
from modules.launcher.settings.store import StoreSettings


class Culling(Model):
    """Stops processes that are too old."""

    max_age_minutes: int = Field(ge=1)
    culling_interval_minutes: int = Field(default=1, ge=1)


class Quota(Model):
    """What one owner may have at a time."""

    processes: int = Field(ge=1)


class Settings(Model):
    """One launcher. secret_store, runtime and process_culling are Hydroplane's; auth and quota are ours."""

    secret_store: Annotated[StoreSettings, Field(discriminator="secret_store_type")]
    runtime: EksRuntime
    process_culling: Culling | None = None
    auth: Auth | None = None
    quota: Quota | None = None

    @property
    def own_secrets(self) -> frozenset[str]:
        """Names of the secrets that the launcher itself lives on, which no process may be given."""
        named: list[SecretRef | None] = []
        access_key, role = self.runtime.credentials.access_key, self.runtime.credentials.assume_role
        if access_key:
            named += [access_key.access_key_id, access_key.secret_access_key]
        named += [role.external_id] if role else []
        named += [token.secret for token in self.auth.tokens] if self.auth else []
        return frozenset(each.secret_name for each in named if each)

    @property
    def rules(self) -> Rules:
        """What the server allows, as the runtime and the API read it."""
        runtime, culling = self.runtime, self.process_culling
        return Rules(
            namespaces=runtime.all_namespaces,
            service_accounts=runtime.service_accounts,
            public_allowed=runtime.public_allowed,
            quota=self.quota.processes if self.quota else None,
            max_age=timedelta(minutes=culling.max_age_minutes) if culling else None,
            culling_interval=timedelta(minutes=culling.culling_interval_minutes if culling else 1),
            pool=runtime.pool.placed(),
            public_pool=runtime.public_pool.placed() if runtime.public_pool else None,
            run_as_non_root=runtime.run_as_non_root,
            calls_at_once=runtime.calls_at_once,
        )
