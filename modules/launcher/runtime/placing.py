"""What the server decides of a process: whether it may be at all, where it runs, and when it ends."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from modules.launcher.errors import Forbidden, Invalid
from modules.launcher.models import ContainerSpec, ProcessSecret, ProcessSpec
from modules.launcher.protocols import Pool, Rules
from modules.launcher.runtime.manifests import Launch


def place(spec: ProcessSpec, owner: str, rules: Rules, now: datetime) -> Launch:
    """The launch, as the rules have it. Raises Forbidden for what is not allowed here, Invalid for what cannot be."""
    if spec.has_public_ip and not rules.public_allowed:
        raise Forbidden("public processes are not allowed here; leave out has_public_ip, or ask the operator")
    ident = secrets.token_hex(4)
    return Launch(
        spec=spec,
        id=ident,
        owner=owner,
        namespace=_allowed("namespace", spec.namespace, rules.namespaces),
        service_account=_allowed("service_account", spec.service_account, rules.service_accounts),
        pool=_pool(spec, rules),
        expires=_expires(spec, rules, now),
        run_as_non_root=rules.run_as_non_root,
        # Named apart at each start: a Secret of the process that had this name before may still be on its way out.
        env_secret=f"{spec.process_name}-{ident}-env" if _has_secrets(spec.container) else "",
        pull_secret=f"{spec.process_name}-{ident}-pull" if spec.container.password else "",
    )


def _allowed(field: str, asked: str | None, allowed: tuple[str, ...]) -> str:
    if asked is None:
        return allowed[0]
    if asked not in allowed:
        raise Forbidden(f'{field} "{asked}" is not allowed here (allowed: {", ".join(allowed)})')
    return asked


def _pool(spec: ProcessSpec, rules: Rules) -> Pool:
    pool = rules.public_pool if spec.has_public_ip and rules.public_pool is not None else rules.pool
    asked = spec.container.node_selector or {}
    for key, value in pool.node_selector.items():
        if asked.get(key, value) != value:
            raise Forbidden(f'container.node_selector: "{key}" is the server\'s to choose: processes run where it is "{value}"')
    return pool


def _expires(spec: ProcessSpec, rules: Rules, now: datetime) -> datetime | None:
    asked = timedelta(minutes=spec.ttl_minutes) if spec.ttl_minutes is not None else None
    if rules.max_age is None:
        return now + asked if asked is not None else None
    if asked is not None and asked > rules.max_age:
        raise Invalid(f"ttl_minutes: {spec.ttl_minutes} is more than the {rules.max_age // timedelta(minutes=1)} a process may live here")
    return now + (asked or rules.max_age)


def _has_secrets(container: ContainerSpec) -> bool:
    return any(isinstance(each.value, ProcessSecret) for each in container.env)
