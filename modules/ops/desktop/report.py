"""What the end of an install says of desktops: how they are reached, and the login that nobody has given yet."""

from __future__ import annotations

import boto3

from modules.common import desktops as refs
from modules.config.models import HubConfig
from modules.ops.desktop.login import hint
from modules.ops.desktop.words import way_in
from modules.ops.secret_store import SecretStore
from modules.ops.state import stack_state


def report_rows(config: HubConfig, session: boto3.Session) -> dict[str, str]:
    """Rows by their heading; {} for an env without desktops. Raises HubError when AWS does not let us look."""
    if config.desktop is None:
        return {}
    state = stack_state(session, config, f"{config.env}-{refs.STACK}")
    rows = {"desktops": way_in(config, state.outputs if state else {})}
    store = SecretStore(session, config)
    missing = [name for name in config.desktop.credentials if store.changed(f"{config.deployment}/{name}") is None]
    if missing:
        commands = "; ".join(f"./hub secrets set {config.env} {name}" for name in missing)
        rows["no login"] = f"the desktops start once they have one: {commands}{hint(config)}"
    return rows
