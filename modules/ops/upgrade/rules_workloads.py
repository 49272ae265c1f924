"""What runs in the cluster says about an upgrade: APIs that go, budgets that block, and people at work."""

from __future__ import annotations

from collections.abc import Iterator

from modules.catalog.removed_apis import GIT_REPO_ENDS
from modules.ops.upgrade.facts import GUARD, Facts
from modules.ops.upgrade.model import Finding
from modules.ops.upgrade.versions import is_kubernetes, minor


def removed_apis(facts: Facts, target: str) -> Iterator[Finding]:
    """An API version that is used and that the target does not serve breaks whoever uses it."""
    for use in facts.uses:
        if minor(facts.version) < minor(use.removed) <= minor(target):
            what = f"{use.api} is in use ({use.seen}), and Kubernetes {use.removed} does not have it"
            fix = f"move what uses it to {use.instead}" if use.instead else "move what uses it to a newer API version"
            yield Finding("refused", "removed-api", what, f"{fix}; then run the same command again")
    if facts.git_repo_pods and minor(facts.version) < minor(GIT_REPO_ENDS) <= minor(target):
        what = f"{', '.join(facts.git_repo_pods[:3])} use a gitRepo volume, which nodes of {GIT_REPO_ENDS} refuse to run"
        yield Finding("refused", "git-repo", what, "fetch the repository in an init container instead")


def insights(facts: Facts, target: str) -> Iterator[Finding]:
    """EKS refuses an upgrade whose insights are in error; what it only warns of is worth a word."""
    for each in facts.insights:
        if is_kubernetes(each.version) and minor(each.version) > minor(target):
            continue
        what = f'EKS\'s upgrade insight "{each.name}" is {each.status}' + (f": {each.reason}" if each.reason else "")
        if each.status == "ERROR":
            yield Finding(
                "refused", "insight", what, "do what it recommends (EKS console, Upgrade insights); EKS refuses the upgrade until then"
            )
        else:
            yield Finding("note", "insight", what)


def budgets(facts: Facts, target: str) -> Iterator[Finding]:
    """A budget that allows no disruption stops every drain of a node with one of its pods."""
    for each in facts.budgets:
        if each.name == GUARD or each.allowed > 0 or each.pods == 0:
            continue
        what = f"the PodDisruptionBudget {each.namespace}/{each.name} lets no pod go ({each.rule}, {each.healthy} of {each.pods} healthy)"
        if each.healthy < each.pods:
            fix = "make its pods healthy"
        else:
            fix = "run one more replica than it asks for, or loosen it while the nodes are replaced"
        yield Finding("needs", "budget", what, f"{fix}; then run the same command again")


def servers(facts: Facts, target: str) -> Iterator[Finding]:
    """Who is at work, and what their node does."""
    if not facts.servers:
        return
    since = [each.since for each in facts.servers if each.since]
    oldest = f", the oldest since {min(since):%Y-%m-%d %H:%M} UTC" if since else ""
    count = f"{len(facts.servers)} user server{'s' if len(facts.servers) > 1 else ''} running{oldest}"
    yield Finding("note", "servers", f"{count}: their nodes are waited for, and nobody is stopped without --force")


def grace(facts: Facts, target: str) -> Iterator[Finding]:
    """Karpenter gives a notebook that much time once it has begun to replace its node."""
    if facts.pool_nodes and facts.servers:
        each = ", ".join(f"{pool} {after}" for pool, after in sorted(facts.grace.items()))
        what = "nodes with running servers are held back from Karpenter while this command runs"
        yield Finding(
            "note", "grace", f"{what}; without it, pods.disruption.termination_grace is all a notebook has ({each or 'no limit'})"
        )
