"""Plans as Terraform tells them (`terraform show -json`), made into results the way a run makes them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from modules.ops import details
from modules.ops.cost.model import Assumptions, Estimate, Line, ProfileCost
from modules.ops.failures.terraform import Failure
from modules.ops.results import Change, RunResult, StackResult

ROOT = Path(__file__).resolve().parents[3]
UPSTREAM = {"platform": ("demo-cluster",), "hub": ("demo-cluster", "demo-platform")}


def entry(address: str, actions: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    """One of `resource_changes`. actions: as in Terraform's JSON, separated by spaces."""
    change = {"actions": actions.split(), "before": before, "after": after, "after_unknown": {}}
    return {"address": address, "mode": "managed", "type": address.partition(".")[0], "change": change}


def stack(name: str, *entries: dict[str, Any], drift: tuple[dict[str, Any], ...] = ()) -> StackResult:
    """A planned stack of env demo."""
    document = {"resource_changes": list(entries), "resource_drift": list(drift)}
    creates = tuple(Change(each["address"], each["type"], "create") for each in entries if each["change"]["actions"] == ["create"])
    changes = (*creates, *details.planned(document))
    counts = Counter(change.action for change in changes)
    return StackResult(
        f"demo-{name}",
        "planned",
        add=counts["create"],
        change=counts["update"],
        replace=counts["replace"],
        destroy=counts["delete"],
        changes=changes,
        drift=details.drifted(document),
    )


def waiting(name: str) -> StackResult:
    """A stack that waits, with every address it really has in env demo."""
    lines = (ROOT / "tests/golden/addresses/demo.txt").read_text().split()
    addresses = [line.partition("/")[2] for line in lines if line.startswith(f"demo-{name}/") and "/data." not in line]
    assert addresses
    creates = tuple(Change(address, address.partition(".")[0], "create") for address in addresses)
    upstream = UPSTREAM.get(name, ())
    return StackResult(f"demo-{name}", "waits" if upstream else "planned", add=len(creates), changes=creates, waits_for=upstream)


def run(*stacks: StackResult) -> RunResult:
    """The result of a whole plan."""
    return RunResult(stacks, 42.0)


def estimate(nat: float, *, gpu: bool = False) -> Estimate:
    """What an env costs; round numbers, because the catalog's are not what is shown."""
    lines = (
        Line("eks", "EKS control plane", 730, "h", "eks", 73.0, 73.0),
        Line("nat", "NAT gateway", 730, "h", "nat", nat, 0.0),
        Line("odd", "GPU node | seat", 1, "node", "x", None, None),
    )
    profiles = [ProfileCost("Base", "default", on_demand=0.1)]
    if gpu:
        profiles.append(ProfileCost("GPU", "gpu", on_demand=0.526))
    return Estimate("demo", "us-east-2", date(2026, 1, 19), lines, tuple(profiles), Assumptions(), "Base")


VALUES = {"values": ["singleuser:\n  profileList: [Base]"]}, {"values": ["singleuser:\n  profileList: [Base, GPU]"]}
FAILURE = Failure("denied", "aws_vpc.main: may not call <b>CreateVpc</b>", "UnauthorizedOperation: ask @octocat", "give the role it", "")
LOST = entry("aws_efs_file_system.homes", "delete create", {"encrypted": False}, {"encrypted": True})
UNCHANGED = tuple(StackResult(f"demo-{name}", "unchanged") for name in ("data", "network", "cluster", "platform", "hub"))

PLANS: dict[str, RunResult] = {
    "new-env": run(*(waiting(name) for name in ("data", "network", "cluster", "platform", "hub"))),
    "no-change": run(*UNCHANGED),
    "profile-added": run(*UNCHANGED[:4], stack("hub", entry("helm_release.jupyterhub", "update", *VALUES))),
    "node-pool-replaced": run(
        *UNCHANGED[:2],
        stack(
            "cluster",
            entry("aws_eks_node_group.lectures", "create delete", {"instance_types": ["t3a.xlarge"]}, {"instance_types": ["m5.xlarge"]}),
            entry("aws_iam_role.reader", "create"),
            entry("aws_iam_role_policy.node", "update", {"policy": '{"a":"`|`"}'}, {"policy": '{"a":"*"}'}),
            entry("aws_eks_cluster.main", "update", {"vpc_config": [{"public_access_cidrs": ["203.0.113.0/24"]}]}, {"vpc_config": []}),
            drift=(entry("aws_launch_template.core", "update", {"tags": {"by": "hand"}}, {"tags": {"by": "mouse"}}),),
        ),
        *UNCHANGED[3:],
    ),
    "efs-replaced": run(
        stack(
            "data", LOST, entry("aws_s3_bucket.shared", "delete", {"bucket": "demo"}), entry("aws_kms_key.main", "update", {}, {"x": "y"})
        ),
        *UNCHANGED[1:],
    ),
    "upstream-not-applied": run(
        *UNCHANGED[:2],
        stack("cluster", entry("aws_eks_addon.coredns", "update", {"addon_version": "v1"}, {"addon_version": "v2"})),
        waiting("platform"),
        waiting("hub"),
    ),
    "failed": run(
        UNCHANGED[0],
        StackResult("demo-network", "failed", failure=FAILURE),
        StackResult("demo-cluster", "skipped", waits_for=("demo-network",)),
    ),
}
