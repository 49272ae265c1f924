"""The vocabulary of adoption: what is adopted, and the three ways of finding it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from modules.common.tags import DEPLOYMENT
from modules.config.models import HubConfig
from modules.ops.aws_clients import Clients
from modules.ops.inventory import Found


@dataclass(frozen=True)
class Adoption:
    """One import: the address in the stack, and the id in the form the AWS provider documents for `import`."""

    address: str
    import_id: str


class UnknownValueError(Exception):
    """A value that cannot be known without Terraform, or that belongs to a thing which does not exist."""


class World(Protocol):
    """What the families of resource types may ask."""

    @property
    def clients(self) -> Clients:
        """AWS."""

    @property
    def config(self) -> HubConfig:
        """The env."""

    def value(self, expression: Any) -> Any:
        """What an argument of the stack's document stands for. Raises UnknownValueError."""

    def is_ours(self, tags: Mapping[str, str], *, untagged: bool = False) -> bool:
        """Whether tags name this deployment; `untagged` accepts a thing that names none."""


class Body:
    """The arguments of one planned resource, references resolved when read."""

    def __init__(self, world: World, arguments: Mapping[str, Any]) -> None:
        self._world = world
        self._arguments = arguments

    def text(self, name: str, default: str | None = None) -> str:
        """One argument as text. Raises UnknownValueError when it is absent (without a default) or cannot be known."""
        value = self._arguments.get(name, default)
        if value is None:
            raise UnknownValueError(name)
        return str(self._world.value(value))

    def plain(self, name: str) -> Any:
        """One argument as it is written."""
        return self._arguments.get(name)


#: Looks a planned resource up in AWS; the import id, or None when it does not exist.
Finder = Callable[[World, Body], str | None]


def whole_id(world: World, found: Found) -> str:
    """The last part of the ARN is what the provider imports by."""
    return found.id


def whole_arn(world: World, found: Found) -> str:
    """The provider imports by ARN."""
    return found.arn


def last_name(world: World, found: Found) -> str:
    """The provider imports by the name without its path."""
    return found.id.rpartition("/")[2]


@dataclass(frozen=True)
class Tagged:
    """A type that is found by its address tag. `attributes`: those of its values that are in neither id, ARN nor arguments."""

    kind: str
    import_id: Callable[[World, Found], str] = whole_id
    attributes: Mapping[str, Callable[[World, Found], Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """The types of one AWS service.

    tagged: found by tag. by_name: for tagged types whose name says enough, when the tag does not (yet) find them.
    by_parent: untaggable, found through the things they belong to. put_again: types whose creation overwrites what is
    there, so that a second one changes nothing; the value says which call that is.
    """

    tagged: Mapping[str, Tagged] = field(default_factory=dict)
    by_name: Mapping[str, Finder] = field(default_factory=dict)
    by_parent: Mapping[str, Finder] = field(default_factory=dict)
    put_again: Mapping[str, str] = field(default_factory=dict)


def same_deployment(config: HubConfig, tags: Mapping[str, str], *, untagged: bool) -> bool:
    """Whether tags name the deployment of `config`; `untagged` accepts tags that name none."""
    return tags.get(DEPLOYMENT) in ((config.deployment, None) if untagged else (config.deployment,))
