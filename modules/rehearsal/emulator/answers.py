"""Putting our own answers in front of moto's: a table from operation to function, one a service.

moto finds the operation, reads the request and writes the response by AWS's own service model; a function here only sees
parsed parameters and gives back the document that the model calls for.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

#: One document of an AWS API, in the spelling of that API.
Document = dict[str, Any]
T = TypeVar("T")

_LOCK = threading.RLock()


@dataclass(frozen=True)
class Call:
    """One request. region, account: whom it is for. params: as the service's model names them."""

    operation: str
    region: str
    account: str
    params: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter that may be absent."""
        value = self.params.get(name)
        return default if value is None else value

    @property
    def partition(self) -> str:
        """The partition of the region."""
        return "aws-cn" if self.region.startswith("cn-") else "aws-us-gov" if self.region.startswith("us-gov-") else "aws"


Answer = Callable[[Call], Document]


class Refused(Exception):
    """AWS would refuse this request with `code` (an error shape of the service) and `message`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Answers:
    """The operations of one service that are answered here."""

    def __init__(self) -> None:
        self.table: dict[str, Answer] = {}

    def __call__(self, operation: str) -> Callable[[Answer], Answer]:
        """Register the decorated function for `operation`."""

        def register(answer: Answer) -> Answer:
            self.table[operation] = answer
            return answer

        return register

    def install(self, responses: Any) -> None:
        """Add every answer to moto's class of responses for the service, over moto's own where it has one."""
        for operation, answer in self.table.items():
            setattr(responses, _snake(operation), _method(operation, answer))


class Regional(Generic[T]):
    """State per account and region, made on first use and forgotten by reset_all."""

    _all: ClassVar[list[Regional[Any]]] = []

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._held: dict[tuple[str, str], T] = {}
        Regional._all.append(self)

    def of(self, account: str, region: str) -> T:
        """The state of one account and region."""
        return self._held.setdefault((account, region), self._make())

    def items(self) -> list[tuple[tuple[str, str], T]]:
        """((account, region), state) of all there are."""
        return list(self._held.items())

    @classmethod
    def reset_all(cls) -> None:
        """Forget everything, everywhere."""
        for state in cls._all:
            state._held.clear()


def now() -> datetime:
    """The time, as AWS stamps documents."""
    return datetime.now(UTC)


def _snake(operation: str) -> str:
    from moto.core.utils import camelcase_to_underscores

    return str(camelcase_to_underscores(operation))


def _method(operation: str, answer: Answer) -> Callable[[Any], Any]:
    def respond(response: Any) -> Any:
        from moto.core.responses import ActionResult

        response.parse_parameters(response.normalized_request)
        params = {**{name: _unquoted(value) for name, value in response.uri_match.items()}, **dict(response.params)}
        call = Call(operation, response.region, response.current_account, params)
        try:
            with _LOCK:
                return ActionResult(answer(call))
        except Refused as refused:
            raise _as_moto_error(refused) from refused

    return respond


def _as_moto_error(refused: Refused) -> Exception:
    """An error moto can write. Its class must not look like moto's own: moto would take its module for a service."""
    from moto.core.exceptions import ServiceException

    error: Exception = type("AnswerRefused", (ServiceException,), {"__module__": __name__})(refused.code, refused.message)
    return error


def _unquoted(value: Any) -> Any:
    from urllib.parse import unquote

    return unquote(value) if isinstance(value, str) and re.search("%[0-9A-Fa-f]{2}", value) else value
