"""Where a run may be struck: each point is something that exists already while what comes after it does not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests._support.account import contents
from tests._support.long import LONG
from tests._support.processes import descendants, wait_until
from tests.engine.conftest import Life

#: Seconds for a run to come to a point: a killed one is taken over first, and a busy machine takes minutes for that.
_PATIENCE = 900.0
#: A new cluster holds four namespaces and EKS's own storage class.
_EMPTY_CLUSTER = 5


@dataclass(frozen=True)
class Point:
    """what: in a person's words. reached: whether the run of process `pid` has come here. command: what runs."""

    what: str
    reached: Callable[[Life, int], object]
    command: tuple[str, ...] = ("install", "demo", "--yes")


def without_parts(hub: Life) -> None:
    """The demo without desktops and launcher: a struck run plans every stack again, and these two have no point of their own."""
    path = hub.checkout.root / "envs" / "demo" / "hub.yaml"
    found = yaml.safe_load(path.read_text())
    for part in ("desktop", "launcher"):
        del found[part]
    for pool in ("desktop", "public"):
        del found["pools"][pool]
    found["hub"]["profiles"] = [each for each in found["hub"]["profiles"] if each["pool"] != "desktop"]
    path.write_text(yaml.safe_dump(found))


def locks(hub: Life) -> list[str]:
    """The state locks that are held, in the bucket and in the table; none before there is a bucket."""
    session: Any = hub.session
    if f"bucket:{hub.config.state_bucket}" not in _buckets(hub):
        return []
    objects = session.client("s3").list_objects_v2(Bucket=hub.config.state_bucket).get("Contents", [])
    held = [item["Key"] for item in objects if item["Key"].endswith(".tflock")]
    dynamodb = session.client("dynamodb")
    if hub.config.lock_table not in dynamodb.list_tables()["TableNames"]:
        return held
    return held + [row["LockID"]["S"] for row in dynamodb.scan(TableName=hub.config.lock_table)["Items"] if "Info" in row]


def start(hub: Life, point: Point) -> subprocess.Popen[str] | None:
    """The run of `point`, which has come there and goes on; None when it lies behind already. Raises AssertionError when it never comes."""
    if point.reached(hub, 0):
        return None
    process = hub.checkout.start(*point.command)
    wait_until(lambda: point.reached(hub, process.pid) or process.poll() is not None, point.what, _PATIENCE)
    assert process.poll() is None, (point.what, process.communicate())
    return process


def _synth(hub: Life, pid: int) -> bool:
    """Node runs below the child that synthesises."""
    return any("node" in Path(f"/proc/{each}/comm").read_text() for each in descendants(pid) if Path(f"/proc/{each}/comm").exists())


def _buckets(hub: Life) -> set[str]:
    session: Any = hub.session
    return {f"bucket:{each['Name']}" for each in session.client("s3").list_buckets()["Buckets"]}


def _bootstrap(hub: Life, pid: int) -> bool:
    return f"bucket:{hub.config.state_bucket}" in _buckets(hub)


def _vpc(hub: Life, pid: int) -> bool:
    ec2: Any = hub.session.client("ec2")
    return any(not each["IsDefault"] for each in ec2.describe_vpcs()["Vpcs"])


def _gateway(hub: Life, pid: int) -> bool:
    held = contents(hub.session)
    return any(item.startswith("bucket:") and item.endswith("-scratch") for item in held) and any(item.startswith("nat:") for item in held)


def _clusters(hub: Life) -> list[str]:
    eks: Any = hub.session.client("eks")
    found: list[str] = eks.list_clusters()["clusters"]
    return found


def _addons(hub: Life, pid: int) -> bool:
    eks: Any = hub.session.client("eks")
    return bool(_clusters(hub)) and bool(eks.list_addons(clusterName=_clusters(hub)[0])["addons"])


def _node_groups(hub: Life, pid: int) -> bool:
    eks: Any = hub.session.client("eks")
    return bool(_clusters(hub)) and bool(eks.list_nodegroups(clusterName="demo")["nodegroups"])


def _policies(hub: Life, pid: int) -> bool:
    return bool(hub.cluster()["objects"] > _EMPTY_CLUSTER)


def _releases(hub: Life, pid: int) -> bool:
    return bool(hub.cluster()["releases"])


def _inside(namespace: str) -> Callable[[Life, int], bool]:
    def reached(hub: Life, pid: int) -> bool:
        objects = [each for world in hub.cluster_dump().values() for each in world["objects"]]
        return any(namespace in str(each["metadata"].get("namespace")) for each in objects)

    return reached


def _hub_release(hub: Life, pid: int) -> bool:
    return any("jupyterhub" in release for release in hub.cluster()["releases"])


def _no_hub_release(hub: Life, pid: int) -> bool:
    return not _hub_release(hub, pid)


def _no_cluster(hub: Life, pid: int) -> bool:
    return not _clusters(hub)


#: In the order a run comes to them; a struck run goes on from one to the next.
BUILDING = (
    Point("the synth: Node runs, nothing is made", _synth),
    Point("the bootstrap: the state bucket is there and the lock table is not", _bootstrap),
    Point("network: the VPC is there", _vpc),
    Point("data: the buckets are there, and their rules are not confirmed", _gateway),
    Point("cluster: EKS has the cluster and its first add-on", _addons),
    Point("cluster: nodes exist, and the interruption queue waits for its policy", _node_groups),
    Point("platform: the first policies stand in kube-system", _policies),
    Point("platform: the first helm release is there", _releases),
    Point("hub: its namespace holds something, the JupyterHub release is not there", _inside("jupyterhub")),
    Point("hub: the JupyterHub release is there", _hub_release),
)
_CLEANUP = ("cleanup", "demo", "--confirm", "demo")
REMOVING = (
    Point("a removal: the JupyterHub release is gone", _no_hub_release, _CLEANUP),
    Point("a removal: the cluster is gone, its network is not", _no_cluster, _CLEANUP),
)


def some_of(points: tuple[Point, ...], *beginnings: str) -> tuple[Point, ...]:
    """All of `points`, or where nobody has the time (HUB_LONG=1) one for each of `beginnings` of their words. Raises ValueError for a
    beginning that no point has, or more than one."""
    found = []
    for beginning in beginnings:
        (point,) = (each for each in points if each.what.startswith(beginning))
        found.append(point)
    return points if LONG else tuple(found)


def enough(*points: Point) -> int:
    """At how many of `points` a run must have been struck: it may go past the next one while it ends."""
    return len(points) - (2 if LONG else 1)
