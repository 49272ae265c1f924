"""SSM parameters that programs of the hub write at run time; Terraform makes them and looks away afterwards."""

from __future__ import annotations

from modules.cdk import Lifecycle, Stack, aws


def parameter(stack: Stack, id: str, *, name: str, value: str, description: str) -> str:
    """A String parameter with its first `value`; gives its name."""
    made = aws.ssm_parameter.SsmParameter(
        stack,
        id,
        name=name,
        type="String",
        value=value,
        description=description,
        # What an agent puts there is no drift: the seed's deployment would have put it back each time.
        lifecycle=Lifecycle(ignore_changes=["value"]),
    )
    return str(made.name)
