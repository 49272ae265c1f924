"""Every taggable resource says whose it is and where in the state it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.cdk import Stack
from modules.common import tags
from modules.common.errors import HubError


class TagEverything:
    """Adds the deployment's tags, the operator's, and the resource's own address.

    The address is what an import block needs after a crash lost the state, and what the sweep prints.
    """

    def __init__(self, common: Mapping[str, str]) -> None:
        self._common = dict(common)

    def visit(self, stack: Stack, resource: Any) -> None:
        """Tag one resource; types without tags are left alone."""
        # A list-shaped `tag` (autoscaling) is not the tags of the resource itself, and has no `tags_input`.
        if not hasattr(type(resource), "tags_input"):
            return
        address = f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"
        value = tags.address_value(stack.name, address)
        if len(value) > tags.VALUE_MAX:
            raise HubError(
                f"the address {value!r} has {len(value)} characters; a tag value holds {tags.VALUE_MAX}",
                where=resource.node.path,
                fix="shorten the construct's id",
            )
        # An override merges with tags the construct set itself.
        resource.add_override("tags", {**self._common, tags.ADDRESS: value})
