"""What costs by the hour without a node, taken away and brought back by Terraform itself, which therefore never sees a difference.

NAT gateways: stack network is applied without them and without the routes through them. Their addresses stay (an address that
is held costs a tenth of a gateway), so that whoever let the env in by its address still does afterwards; unless they are to go too.
Load balancers: the stacks that ask for one are applied without the Service; the cluster's controller then removes it.
"""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from modules.common.errors import HubError
from modules.ops import balancers
from modules.ops.layout import private_dir, write_private
from modules.ops.synth import Stack
from modules.ops.terraform import CHARTS
from modules.ops.workbench import Workbench

_SERVICE = "kubernetes_service_v1"
_NAT, _ROUTE, _THROUGH, _ADDRESS = "aws_nat_gateway", "aws_route", "nat_gateway_id", "aws_eip"


def without_nat(document: Mapping[str, Any], *, addresses: bool = True) -> dict[str, Any]:
    """The document of stack network without NAT gateways. addresses: whether theirs stay.

    Raises ValueError when something but a route refers to one.
    """
    made = copy.deepcopy(dict(document))
    resource = made["resource"]
    gateways = json.dumps(resource.pop(_NAT, {}))
    resource[_ROUTE] = {name: body for name, body in resource.get(_ROUTE, {}).items() if _THROUGH not in body}
    gone = [_NAT]
    if not addresses:
        theirs = {name for name in resource.get(_ADDRESS, {}) if _place(_ADDRESS, name).search(gateways)}
        resource[_ADDRESS] = {name: body for name, body in resource.get(_ADDRESS, {}).items() if name not in theirs}
        gone += [f"{_ADDRESS}.{name}" for name in sorted(theirs)]
    text = json.dumps(made)
    for each in gone:
        if f"{each}." in text:
            raise ValueError(f"something of stack network refers to an {each}")
    return _without_empty(made)


def without_balancers(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a stack without its load balancers' Services and what it tells of them; as it was where there is none.

    Raises ValueError when a resource refers to one.
    """
    made = copy.deepcopy(dict(document))
    services = made.get("resource", {}).get(_SERVICE, {})
    for name in [name for name, body in services.items() if _is_balanced(body)]:
        del services[name]
        place = _place(_SERVICE, name)
        _wait_no_more(made, f"{_SERVICE}.{name}")
        made["output"] = {key: body for key, body in made.get("output", {}).items() if not place.search(json.dumps(body))}
        if place.search(json.dumps(made)):
            raise ValueError(f"something refers to {_SERVICE}.{name}")
    return _without_empty(made)


def _place(kind: str, name: str) -> re.Pattern[str]:
    """Where a resource is referred to; not one whose name only begins alike."""
    return re.compile(rf"\b{kind}\.{re.escape(name)}(?![\w-])")


def _wait_no_more(document: Mapping[str, Any], address: str) -> None:
    """Take a resource out of every depends_on: an order is no use of it, and changes nothing that is there."""
    for bodies in document.get("resource", {}).values():
        for body in bodies.values():
            if address in body.get("depends_on", ()):
                body["depends_on"] = [each for each in body["depends_on"] if each != address]


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Terraform refuses a kind of resource that names none, and an output that names none."""
    document["resource"] = {kind: bodies for kind, bodies in document.get("resource", {}).items() if bodies}
    return {key: part for key, part in document.items() if part}


def _is_balanced(service: Mapping[str, Any]) -> bool:
    spec = service.get("spec") or {}
    first = spec[0] if isinstance(spec, list) else spec
    return bool(first.get("type") == "LoadBalancer")


def close(bench: Workbench, *, addresses: bool = True) -> None:
    """Take the NAT gateways away. addresses: whether theirs stay. Raises HubError when Terraform fails; applying again is safe."""
    _apply(bench, [_shrunk(bench, each, without_nat(each.document(), addresses=addresses)) for each in _network(bench)], "sleep")


def reopen(bench: Workbench) -> None:
    """Bring them back, at their old addresses where those were kept. Raises as `close`."""
    _apply(bench, _network(bench), "wake")


def drop_balancers(bench: Workbench) -> None:
    """Take the load balancers away, while their controller still runs, and wait until AWS has none of them. Raises as `close`."""
    stacks = _balanced(bench)
    _apply(bench, [_shrunk(bench, each, without_balancers(each.document())) for each in stacks], "sleep")
    fronts = [name for each in stacks for name in balancers.services(each.document())]
    left = balancers.wait_until_gone(bench.target.session, bench.config, fronts, note=bench.display.note)
    if left:
        names = ", ".join(each.id for each in left)
        fix = "kubectl logs -n kube-system deploy/aws-load-balancer-controller says what holds it"
        raise HubError(f"the load balancer {names} is still there; its Service is gone", fix=fix)


def raise_balancers(bench: Workbench) -> None:
    """Bring them back, once their controller runs; at new addresses. Raises as `close`."""
    _apply(bench, _balanced(bench), "wake")


def _network(bench: Workbench) -> list[Stack]:
    return [each for each in bench.stacks if each.name == f"{bench.config.env}-network"]


def _balanced(bench: Workbench) -> list[Stack]:
    def asks(stack: Stack) -> bool:
        return any(_is_balanced(body) for body in stack.document().get("resource", {}).get(_SERVICE, {}).values())

    return [each for each in bench.stacks if asks(each)]


def _shrunk(bench: Workbench, stack: Stack, document: Mapping[str, Any]) -> Stack:
    """The stack with another document; beside the synth's own folder, whose digest says whether a synth has to be done again."""
    path = private_dir(bench.layout.home / "asleep" / stack.name) / "cdk.tf.json"
    write_private(path, json.dumps(document, indent=1))
    theirs, ours = stack.path.parent / CHARTS, path.parent / CHARTS
    shutil.rmtree(ours, ignore_errors=True)
    if theirs.is_dir():
        shutil.copytree(theirs, ours)
    return replace(stack, path=path)


def _apply(bench: Workbench, stacks: Sequence[Stack], command: str) -> None:
    result = bench.engine().up(stacks)
    bench.record(command, result.exit_code, result)
    if result.interrupted:
        raise KeyboardInterrupt
    for failed in result.failures:
        failure = failed.failure
        assert failure is not None  # a failed stack has one
        raise HubError(f"{failure.what}: {failure.why}", where=failed.stack, fix=failure.fix)
