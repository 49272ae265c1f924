"""Stands in for main.py in the checkout of a fault test: the whole synth, then all but a handful of resources taken out.

What is left is the product's own: names, tags, protection, provider, backend. Only the provider's patience is shorter, because
each of its 25 tries of a call would cost a test seconds (https://registry.terraform.io/providers/hashicorp/aws/latest/docs#max_retries-1).
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

#: EC2 speaks its own XML, IAM Query, CloudWatch Logs JSON; each of these is made in no time, but for the VPC's ten seconds.
KEPT = {"network": ("aws_vpc.main", "aws_subnet.private-[ab]", "aws_iam_role.flow-logs-role", "aws_cloudwatch_log_group.flow-logs")}
TRIES = 2


def prune(document: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    """`document` with the resources that `kept` names (patterns of addresses), and what hangs on nothing else."""
    resources = {
        kind: {name: body for name, body in named.items() if any(re.fullmatch(each, f"{kind}.{name}") for each in kept)}
        for kind, named in document["resource"].items()
    }
    document["resource"] = {kind: named for kind, named in resources.items() if named}
    there = {f"{kind}.{name}" for kind, named in document["resource"].items() for name in named}
    document["output"] = {name: body for name, body in document["output"].items() if set(_references(body)) <= there}
    read = set(_references(document["resource"], r"\bdata\."))
    document["data"] = {
        kind: left
        for kind, named in document.get("data", {}).items()
        if (left := {name: body for name, body in named.items() if f"{kind}.{name}" in read})
    }
    for section in ("locals", "ephemeral"):
        document.pop(section, None)
    for provider in document["provider"]["aws"]:
        provider["max_retries"] = TRIES
    document["terraform"]["backend"]["s3"]["max_retries"] = TRIES
    return document


def _references(body: Any, before: str = r"\b") -> list[str]:
    """What a body's expressions refer to."""
    return [f"{kind}.{name}" for kind, name in re.findall(before + r"(aws_\w+)\.([\w-]+)", json.dumps(body))]


def main() -> int:
    """As the product's main.main, on the smaller stacks."""
    import whole_main

    code: int = whole_main.main()
    if code:
        return code
    out, env = Path(os.environ["CDKTF_OUTDIR"]), os.environ["HUB_ENV"]
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["stacks"] = {f"{env}-{name}": manifest["stacks"][f"{env}-{name}"] for name in KEPT}
    for name, kept in KEPT.items():
        path = out / manifest["stacks"][f"{env}-{name}"]["synthesizedStackPath"]
        path.write_text(json.dumps(prune(json.loads(path.read_text()), kept), indent=1))
    (out / "manifest.json").write_text(json.dumps(manifest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
