"""What a caller sends and gets: Hydroplane's JSON, name for name, and what we add to it.

Everything that Kubernetes would refuse is refused here, before the first of the two objects is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, field_validator, model_validator

from modules.launcher import names

#: Kubernetes counts CPU in thousandths; a million CPUs and a pebibyte are past every node, and far from its 64-bit limits.
_CPU_MIN, _CPU_MAX, _MIB_MAX = Decimal("0.001"), Decimal(1_000_000), 2**30
#: https://kubernetes.io/docs/reference/using-api/api-concepts: an object may have about 1.5 MB in all.
_TEXT_MAX, _LIST_MAX = 65_536, 1_000


def _without_nul(text: str) -> str:
    # A program's arguments and variables end at the first NUL byte, so the container would not start.
    if "\0" in text:
        raise ValueError("a NUL character cannot be in a program's arguments or variables")
    return text


def _with_a_letter(text: str) -> str:
    if text.replace("-", "").isdecimal():
        raise ValueError("a port's name has a letter in it, or nobody could tell it from a number")
    return text


Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, StringConstraints(pattern=names.NAME, max_length=names.NAME_MAX)]
Group = Annotated[str, StringConstraints(pattern=names.LABEL_VALUE, max_length=names.LABEL_VALUE_MAX)]
PortName = Annotated[str, StringConstraints(pattern=names.PORT_NAME, max_length=names.PORT_NAME_MAX), AfterValidator(_with_a_letter)]
VariableName = Annotated[str, StringConstraints(pattern=names.VARIABLE_NAME, min_length=1, max_length=253)]
Text = Annotated[str, StringConstraints(max_length=_TEXT_MAX), AfterValidator(_without_nul)]
Image = Annotated[str, StringConstraints(pattern=names.IMAGE, max_length=1024)]


class _Model(BaseModel):
    """A field that we do not know is refused: silently ignored, it would be found missing only in the running process."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProcessSecret(_Model):
    """A secret by its name in the launcher's store, or one key of a secret that is a JSON object."""

    secret_name: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    key: Annotated[str, StringConstraints(min_length=1, max_length=512)] | None = None


class EnvironmentVariable(_Model):
    """A variable of the process: its value as text, or a secret."""

    name: VariableName
    value: Text | ProcessSecret


class PortMapping(_Model):
    """A port on which the container listens. host_port is Hydroplane's Docker runtime's; a cluster chooses its own."""

    container_port: Port
    host_port: Port = Field(default_factory=lambda given: given.get("container_port", 0), validate_default=False)
    protocol: Literal["tcp", "udp"] = "tcp"
    name: PortName | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_no_host_port(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("host_port", 0) is None:
            return {key: value for key, value in data.items() if key != "host_port"}
        return data

    @property
    def label(self) -> str:
        """The name given, or the one it gets: `p80-tcp`."""
        return self.name or names.port_name(self.container_port, self.protocol)


class ResourceSpec(_Model):
    """CPUs and mebibytes of memory; either may be left out."""

    cpu_vcpu: Annotated[Decimal, Field(ge=_CPU_MIN, le=_CPU_MAX, max_digits=20)] | None = None
    memory_mib: Annotated[int, Field(ge=0, le=_MIB_MAX)] | None = None


class ContainerSpec(_Model):
    """The one container of a process."""

    image_uri: Image
    username: Text | ProcessSecret | None = None
    password: ProcessSecret | None = None
    ports: Annotated[tuple[PortMapping, ...], Field(max_length=_LIST_MAX)] = ()
    env: Annotated[tuple[EnvironmentVariable, ...], Field(max_length=_LIST_MAX)] = ()
    command: Annotated[tuple[Text, ...], Field(max_length=_LIST_MAX)] | None = None
    resource_request: ResourceSpec | None = None
    resource_limit: ResourceSpec | None = None
    node_selector: dict[str, str] | None = None

    @model_validator(mode="after")
    def _request_fits_the_limit(self) -> Self:
        asked, limit = self.resource_request or ResourceSpec(), self.resource_limit or ResourceSpec()
        for axis in ("cpu_vcpu", "memory_mib"):
            low, high = getattr(asked, axis), getattr(limit, axis)
            if low is not None and high is not None and low > high:
                raise ValueError(f"{axis} requested ({low}) is more than its limit ({high})")
        return self

    @field_validator("ports")
    @classmethod
    def _ports_differ(cls, ports: tuple[PortMapping, ...]) -> tuple[PortMapping, ...]:
        _unique("port", [f"{each.container_port}/{each.protocol}" for each in ports])
        # An unnamed port gets a name of its own, which another may not have taken.
        _unique("port name", [each.label for each in ports])
        return ports

    @field_validator("env")
    @classmethod
    def _variables_differ(cls, env: tuple[EnvironmentVariable, ...]) -> tuple[EnvironmentVariable, ...]:
        _unique("variable", [each.name for each in env])
        return env

    @field_validator("node_selector")
    @classmethod
    def _node_selector_is_made_of_labels(cls, selector: dict[str, str] | None) -> dict[str, str] | None:
        for key, value in (selector or {}).items():
            if not names.is_label_key(key) or (value and not names.is_label_value(value)):
                raise ValueError(f"{key[:100]!r}: {value[:100]!r} is no label that a node can have")
        return selector

    @model_validator(mode="after")
    def _password_has_its_user(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together: the registry wants both")
        return self


class ProcessSpec(_Model):
    """A process to start. ttl_minutes, namespace and service_account are ours; the seed has no such fields."""

    process_name: Name
    group: Group | None = None
    container: ContainerSpec
    has_public_ip: bool = False
    ttl_minutes: Annotated[int, Field(ge=1, le=525_600)] | None = None
    namespace: Name | None = None
    service_account: Annotated[str, StringConstraints(min_length=1, max_length=253)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _node_selector_belongs_to_the_container(cls, data: Any) -> Any:
        """The seed's own example writes node_selector here, where Hydroplane ignores it; we do what it means."""
        if not isinstance(data, Mapping) or "node_selector" not in data or not isinstance(data.get("container"), Mapping):
            return data
        if data["container"].get("node_selector") is not None:
            raise ValueError("node_selector is given twice: it belongs in container")
        rest = {key: value for key, value in data.items() if key != "node_selector"}
        return {**rest, "container": {**data["container"], "node_selector": data["node_selector"]}}


def _unique(what: str, values: list[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"the {what} {value} is given twice")
        seen.add(value)


class Status(StrEnum):
    """STARTING and RUNNING are Hydroplane's. FAILED: it will not run without help. UNREACHABLE: it runs, its address is not known."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    UNREACHABLE = "UNREACHABLE"
    STOPPING = "STOPPING"


class SocketAddress(BaseModel):
    """Where one port of a process answers: on one node's address for all, or within the cluster."""

    host: str
    port: int = Field(ge=0, le=65535)
    is_public: bool


#: Written as Hydroplane writes it (`2022-12-01T22:40:33+00:00`); pydantic's own form ends in Z.
Moment = Annotated[
    datetime, PlainSerializer(lambda moment: moment.isoformat(), return_type=str), Field(json_schema_extra={"format": "date-time"})
]


class ProcessInfo(BaseModel):
    """A process as it is: the seed's four fields first and in the seed's order, then ours."""

    process_name: str
    group: str | None
    socket_addresses: list[SocketAddress]
    created: Moment
    status: Status
    reason: str | None = None
    """Why it is not RUNNING, or has restarted; a sentence."""
    owner: str | None = None
    expires: Moment | None = None


class ErrorBody(BaseModel):
    """Every refusal. error: the HTTP status again. Also for a process that is not valid, where Hydroplane has FastAPI's `detail` list."""

    error: int
    details: str
