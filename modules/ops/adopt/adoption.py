"""From the addresses of a plan to import ids: by tag, by name, through the parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import boto3

from modules.config.models import HubConfig
from modules.ops.adopt import dns, ec2, eks, iam, identity, messages, parameters, storage
from modules.ops.adopt.model import Adoption, Finder, Tagged
from modules.ops.adopt.world import StackWorld
from modules.ops.failures.aws import doing

FAMILIES = (ec2.FAMILY, iam.FAMILY, eks.FAMILY, storage.FAMILY, identity.FAMILY, messages.FAMILY, dns.FAMILY, parameters.FAMILY)
TAGGED: Mapping[str, Tagged] = {type: row for family in FAMILIES for type, row in family.tagged.items()}
BY_NAME: Mapping[str, Finder] = {type: row for family in FAMILIES for type, row in family.by_name.items()}
BY_PARENT: Mapping[str, Finder] = {type: row for family in FAMILIES for type, row in family.by_parent.items()}
PUT_AGAIN: Mapping[str, str] = {type: row for family in FAMILIES for type, row in family.put_again.items()}


def adoptions(
    session: boto3.Session, config: HubConfig, stack: str, document: Mapping[str, Any], in_state: frozenset[str]
) -> tuple[Adoption, ...]:
    """What Terraform should import before it applies `stack`, in the order of the document.

    document: the stack's parsed cdk.tf.json. in_state: the addresses its state holds.
    Asks AWS nothing when all of them are in the state. Only living things of this very deployment are adopted, and only
    what exists: Terraform refuses to import anything else. Types whose creation overwrites what is there are left to it.
    Raises HubError when two things carry one address, or AWS refuses.
    """
    missing = [
        (kind, name)
        for kind, bodies in (document.get("resource") or {}).items()
        if kind in TAGGED or kind in BY_PARENT
        for name in bodies
        if f"{kind}.{name}" not in in_state
    ]
    if not missing:
        return ()
    with doing(f"look for what already exists of {stack}"):
        return tuple(_adopt(StackWorld(session, config, stack, document, TAGGED), missing))


def _adopt(world: StackWorld, missing: list[tuple[str, str]]) -> Iterator[Adoption]:
    for kind, name in missing:
        import_id = world.import_id(kind, name, BY_PARENT.get(kind) or BY_NAME.get(kind))
        if import_id is not None:
            yield Adoption(f"{kind}.{name}", import_id)
