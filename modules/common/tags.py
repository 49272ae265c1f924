"""The tags by which a deployment's resources are found again: by the sweep, by adoption after a crash, by cost reports."""

from __future__ import annotations

#: Which deployment a resource belongs to (see names.deployment_id).
DEPLOYMENT = "hubsmith:deployment"
#: `<stack>/<terraform address>`; what an import block needs after a crash lost the state.
ADDRESS = "hubsmith:address"
#: The env's name, for people and for AWS cost allocation.
ENV = "hubsmith:env"
#: What a volume that nobody's state knows is for (see modules/common/homes.py).
PURPOSE = "hubsmith:purpose"
#: AWS's limits, https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
KEY_MAX, VALUE_MAX, COUNT_MAX = 128, 256, 50


def address_value(stack: str, address: str) -> str:
    """The value of the ADDRESS tag for one resource of one stack."""
    return f"{stack}/{address}"


def split_address(value: str) -> tuple[str, str]:
    """(stack, address) of an ADDRESS tag value; ("", value) when it names no stack."""
    stack, slash, address = value.partition("/")
    return (stack, address) if slash else ("", value)


def deployment_tags(deployment: str, env: str) -> dict[str, str]:
    """The tags that do not depend on the resource."""
    return {DEPLOYMENT: deployment, ENV: env}
