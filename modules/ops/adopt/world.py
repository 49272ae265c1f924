"""One stack's plan beside what exists: resolves references through what was found in AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.adopt.expressions import evaluate
from modules.ops.adopt.model import Body, Finder, Tagged, UnknownValueError, same_deployment
from modules.ops.aws_clients import Clients, pages
from modules.ops.inventory import Found, Index
from modules.ops.life import Life
from modules.ops.state import read_state


class StackWorld:
    """Implements model.World for one stack's document."""

    def __init__(
        self, session: boto3.Session, config: HubConfig, stack: str, document: Mapping[str, Any], types: Mapping[str, Tagged]
    ) -> None:
        self.config = config
        self.clients = Clients(session, config.region)
        self._session = session
        self._stack = stack
        self._document = document
        self._types = types
        self._index = Index(self.clients, config)
        self._outputs: dict[str, Mapping[str, Any]] = {}
        self._asking: list[tuple[str, ...]] = []

    def is_ours(self, tags: Mapping[str, str], *, untagged: bool = False) -> bool:
        """As model.World says."""
        return same_deployment(self.config, tags, untagged=untagged)

    def value(self, expression: Any) -> Any:
        """As model.World says."""
        return evaluate(expression, self._lookup)

    def tagged(self, kind: str, name: str) -> Found | None:
        """The living thing that carries the address of a planned resource. Raises HubError when there are two."""
        if kind not in self._types:
            return None
        address = f"{kind}.{name}"
        found = [
            item
            for item in self._index.of_kind(self._types[kind].kind)
            if item.stack == self._stack and item.address == address and item.life is Life.LIVE
        ]
        if len(found) > 1:
            raise HubError(
                f"two things carry the address {address}: {' and '.join(item.id for item in found)}",
                where=self._stack,
                fix="a run that was killed made it twice; delete the one that nothing uses, then run the same command again",
            )
        return found[0] if found else None

    def import_id(self, kind: str, name: str, finder: Finder | None) -> str | None:
        """What to import a planned resource by: by its tag, else as `finder` says. None when it does not exist, or when
        a value that is needed to tell cannot be known."""
        try:
            found = self.tagged(kind, name)
            if found is not None:
                return self._types[kind].import_id(self, found)
            return finder(self, Body(self, self._document["resource"][kind][name])) if finder is not None else None
        except UnknownValueError:
            return None

    def _lookup(self, head: tuple[str, ...], attribute: str) -> Any:
        if head in self._asking:  # a local or an argument that leads back to itself
            raise UnknownValueError(".".join(head))
        self._asking.append(head)
        try:
            if head[0] == "local":
                return self._local(head[1], attribute)
            if head[0] == "data":
                return self._data(head[1], head[2], attribute)
            return self._attribute(head[0], head[1], attribute)
        finally:
            self._asking.pop()

    def _local(self, name: str, attribute: str) -> Any:
        locals = self._document.get("locals") or {}
        if name not in locals or attribute:
            raise UnknownValueError(f"local.{name}")
        return self.value(locals[name])

    def _attribute(self, kind: str, name: str, attribute: str) -> Any:
        """An attribute of a resource of this stack: from what exists, else from its own arguments."""
        body = self._document.get("resource", {}).get(kind, {}).get(name, {})
        row, found = self._types.get(kind), self.tagged(kind, name)
        if row is not None and found is not None:
            if attribute in row.attributes:
                return row.attributes[attribute](self, found)
            if attribute == "arn":
                return found.arn
            if attribute == "id":
                return row.import_id(self, found)  # of all these types the id is what they are imported by
        if attribute in body and attribute not in {"id", "arn"}:
            return self.value(body[attribute])
        raise UnknownValueError(f"{kind}.{name}.{attribute}")

    def _data(self, kind: str, name: str, attribute: str) -> Any:
        body = self._document.get("data", {}).get(kind, {}).get(name, {})
        if kind == "terraform_remote_state" and attribute == "outputs":
            return self._remote(body["config"]["key"])
        if kind == "aws_caller_identity" and attribute in {"account_id", "id"}:
            return self.clients.account
        if kind == "aws_partition" and attribute in {"partition", "id"}:
            return self.config.partition
        if kind == "aws_route53_zone" and attribute in {"zone_id", "id"}:
            return self._zone(str(self.value(body.get("name", ""))), private=body.get("private_zone") is True)
        raise UnknownValueError(f"data.{kind}.{name}.{attribute}")

    def _remote(self, key: str) -> Mapping[str, Any]:
        if key not in self._outputs:
            state = read_state(self._session, self.config, key, key)
            if state is None:
                raise UnknownValueError(key)
            self._outputs[key] = state.outputs
        return self._outputs[key]

    def _zone(self, name: str, *, private: bool) -> str:
        for zone in pages(self.clients.get("route53"), "list_hosted_zones", "HostedZones"):
            if zone["Name"].rstrip(".") == name.rstrip(".") and bool(zone["Config"].get("PrivateZone")) == private:
                return str(zone["Id"]).rpartition("/")[2]
        raise UnknownValueError(name)
