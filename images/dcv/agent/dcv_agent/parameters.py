"""SSM String parameters."""

from __future__ import annotations

from dcv_agent.aws import Aws
from dcv_agent.errors import Trouble

_ABSENT = "ParameterNotFound"


class Parameters:
    """Get, put and delete by name; every failure is a Trouble that names the call and the code."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def get(self, name: str) -> str | None:
        """Its value; None when there is no such parameter."""
        try:
            with self._aws.calls(name) as ssm:
                return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        except Trouble as trouble:
            if trouble.code == _ABSENT:
                return None
            raise

    def put(self, name: str, value: str) -> None:
        """Writes it, also over another value."""
        with self._aws.calls(name) as ssm:
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def delete(self, name: str) -> None:
        """Removes it; nothing happens when it is gone already."""
        try:
            with self._aws.calls(name) as ssm:
                ssm.delete_parameter(Name=name)
        except Trouble as trouble:
            if trouble.code != _ABSENT:
                raise
