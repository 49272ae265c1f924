"""Adopting parameters: Systems Manager Parameter Store."""

from __future__ import annotations

from modules.ops.adopt.model import Body, Family, Tagged, World
from modules.ops.failures.aws import missing_is_fine
from modules.ops.inventory import Found, plain_tags


def _name(world: World, found: Found) -> str:
    """A parameter's name; its ARN leaves the first slash out."""
    return f"/{found.id}"


def _parameter(world: World, body: Body) -> str | None:
    name, ssm = body.text("name"), world.clients.get("ssm")
    with missing_is_fine():
        ssm.get_parameter(Name=name)
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name).get("TagList", [])
        return name if world.is_ours(plain_tags(tags)) else None
    return None


FAMILY = Family(tagged={"aws_ssm_parameter": Tagged("ssm:parameter", _name)}, by_name={"aws_ssm_parameter": _parameter})
