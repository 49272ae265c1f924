"""Karpenter's nodes, while Karpenter still lives: no new ones, then every NodeClaim given up and waited for. Nothing is forced.

A controller that goes before its last NodeClaim leaves an instance that nobody owns and a finalizer that nobody takes off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from modules.config.models import HubConfig
from modules.config.nodes import node_pool_names
from modules.ops.sleep.nodes import SHUT
from modules.ops.sleep.patience import Patience
from modules.ops.teardown.finalizers import owner_of
from modules.ops.teardown.ground import Ground
from modules.ops.teardown.workloads import Api
from modules.ops.upgrade.gather_cluster import HOLD, POOL_LABEL

CONTROLLER = "karpenter"
#: On a NodePool: the CPUs it might have before, "" for no limit; whoever installs again finds it (recovery).
BEFORE = "hubsmith.io/cpu-before-teardown"
POOLS, CLAIMS = "/apis/karpenter.sh/v1/nodepools", "/apis/karpenter.sh/v1/nodeclaims"
MERGE = "application/merge-patch+json"
#: As long as a notebook's node may drain.
PATIENCE = Patience(seconds=1800.0, pause=5.0)
#: Karpenter's own mark, which every NodeClaim has until it is done.
_OWN = "karpenter.sh/termination"
_SHOWN = 3


def empty(api: Api, config: HubConfig, ground: Ground, note: Callable[[str], None], patience: Patience = PATIENCE) -> int:
    """Give up every node of this env's pools and wait until they are gone; how many there were.

    Raises HubError with the names and what holds each when time is up. Without its controller nobody waits: the sweep ends instances.
    """
    ours = None if ground.everywhere else frozenset(name for key, pool in config.pools.items() for name in node_pool_names(key, pool))
    for pool in api.items(POOLS, "the NodePools"):
        if ours is None or pool["metadata"]["name"] in ours:
            _shut(api, pool)
    found = _claims(api, ours)
    if found and not ground.has_controller(CONTROLLER):
        note(f"{CONTROLLER} is gone already: the sweep ends the instances of {', '.join(map(_name, found))}")
        return len(found)

    def left() -> str:
        claims = _claims(api, ours)
        for each in claims:
            if not each["metadata"].get("deletionTimestamp"):
                api.ask("DELETE", f"{CLAIMS}/{_name(each)}", f"give up {_name(each)}")
        return said(api, claims)

    fix = "move or end what holds them (kubectl describe nodeclaims); then run the same command again. Nothing was forced"
    patience.until_nothing(left, note, fix=fix)
    return len(found)


def said(api: Api, claims: Collection[Mapping[str, Any]]) -> str:
    """`2 of Karpenter's nodes: a (pod x says do-not-disrupt), b (draining)`; "" for none."""
    if not claims:
        return ""
    shown = list(claims)[:_SHOWN]
    pods, budgets = api.items("/api/v1/pods", "the pods"), api.items("/apis/policy/v1/poddisruptionbudgets", "the disruption budgets")
    each = [f"{_name(claim)}{_node(claim)} ({_why(claim, pods, budgets)})" for claim in shown]
    return f"{len(claims)} of Karpenter's nodes: {', '.join(each)}" + (", …" if len(claims) > _SHOWN else "")


def _shut(api: Api, pool: Mapping[str, Any]) -> None:
    """A limit of no CPU: no node comes for what is pending. https://karpenter.sh/docs/concepts/nodepools/#speclimits"""
    meta, limits = pool["metadata"], (pool.get("spec") or {}).get("limits") or {}
    if BEFORE in (meta.get("annotations") or {}):
        return
    body = {"metadata": {"annotations": {BEFORE: str(limits.get("cpu", ""))}}, "spec": {"limits": {"cpu": SHUT}}}
    api.ask("PATCH", f"{POOLS}/{meta['name']}", f"close the NodePool {meta['name']}", body=body, kind=MERGE)


def _claims(api: Api, ours: Collection[str] | None) -> list[dict[str, Any]]:
    found = api.items(CLAIMS, "the NodeClaims")
    return [each for each in found if ours is None or (each["metadata"].get("labels") or {}).get(POOL_LABEL) in ours]


def _name(claim: Mapping[str, Any]) -> str:
    return str(claim["metadata"]["name"])


def _node(claim: Mapping[str, Any]) -> str:
    node = (claim.get("status") or {}).get("nodeName")
    return f" on {node}" if node else ""


def _why(claim: Mapping[str, Any], pods: Iterable[dict[str, Any]], budgets: Iterable[dict[str, Any]]) -> str:
    """What Karpenter waits for: pods that may not be disturbed, budgets, other programs' finalizers, else its own words."""
    node = (claim.get("status") or {}).get("nodeName")
    here = [each for each in pods if node and (each.get("spec") or {}).get("nodeName") == node]
    held = [f"pod {_place(each)} says {HOLD}" for each in here if (each["metadata"].get("annotations") or {}).get(HOLD) == "true"]
    full = [each for each in budgets if (each.get("status") or {}).get("disruptionsAllowed", 1) == 0]
    held += [f"PodDisruptionBudget {_place(budget)} keeps pod {_place(pod)}" for budget in full for pod in here if _covers(budget, pod)]
    others = [each for each in claim["metadata"].get("finalizers") or () if each != _OWN]
    held += [f"{each} of {owner_of(each).who}" for each in others]
    return ", ".join(held) or _words(claim) or "draining"


def _words(claim: Mapping[str, Any]) -> str:
    conditions = (claim.get("status") or {}).get("conditions") or ()
    return ", ".join(str(each.get("message") or each.get("reason") or each["type"]) for each in conditions if each.get("status") == "False")


def _covers(budget: Mapping[str, Any], pod: Mapping[str, Any]) -> bool:
    wanted = ((budget.get("spec") or {}).get("selector") or {}).get("matchLabels") or {}
    labels = pod["metadata"].get("labels") or {}
    same = budget["metadata"].get("namespace") == pod["metadata"].get("namespace")
    return same and bool(wanted) and wanted.items() <= labels.items()


def _place(thing: Mapping[str, Any]) -> str:
    return f"{thing['metadata'].get('namespace')}/{thing['metadata']['name']}"
