"""What EKS holds per account and region, and how its parts find each other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused, Regional, now

answers = Answers()


@dataclass
class Cluster:
    """A cluster and everything that goes with it when it is deleted. Documents are in the API's own spelling."""

    document: Document
    node_groups: dict[str, Document] = field(default_factory=dict)
    addons: dict[str, Document] = field(default_factory=dict)
    access_entries: dict[str, Document] = field(default_factory=dict)
    associations: dict[str, Document] = field(default_factory=dict)
    updates: dict[str, Document] = field(default_factory=dict)

    def documents(self) -> Iterator[tuple[str, str, Document]]:
        """(resource type, ARN, document) of the cluster and its parts."""
        yield "eks:cluster", self.document["arn"], self.document
        for kind, arn, parts in (
            ("eks:nodegroup", "nodegroupArn", self.node_groups),
            ("eks:addon", "addonArn", self.addons),
            ("eks:access-entry", "accessEntryArn", self.access_entries),
            ("eks:podidentityassociation", "associationArn", self.associations),
        ):
            for part in parts.values():
                yield kind, part[arn], part


clusters: Regional[dict[str, Cluster]] = Regional(dict)


def cluster_of(call: Call, parameter: str = "clusterName") -> Cluster:
    """The cluster a call names. Refused when there is none."""
    name = call[parameter]
    try:
        return clusters.of(call.account, call.region)[name]
    except KeyError:
        raise Refused("ResourceNotFoundException", f"No cluster found for name: {name}.") from None


def arn(call: Call, *parts: str) -> str:
    """An EKS ARN in the call's account and region."""
    return f"arn:{call.partition}:eks:{call.region}:{call.account}:{'/'.join(parts)}"


def listed(call: Call, key: str, items: Mapping[str, Any] | list[Any]) -> Document:
    """One page of `items` under `key`, by maxResults and nextToken."""
    everything = list(items)
    start, size = int(call.get("nextToken", 0)), int(call.get("maxResults", 100))
    page: Document = {key: everything[start : start + size]}
    if start + size < len(everything):
        page["nextToken"] = str(start + size)
    return page


def record_update(cluster: Cluster, kind: str, **parameters: Any) -> Document:
    """A finished update of the cluster or a part of it, as the update operations answer."""
    id = str(uuid.uuid4())
    update = {
        "id": id,
        "status": "Successful",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in parameters.items()],
        "createdAt": now(),
        "errors": [],
    }
    cluster.updates[id] = update
    return {"update": update}
