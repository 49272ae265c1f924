"""What the cluster as it stands says about an upgrade: its parts' health, its add-ons, hub.yaml, and room for new interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from modules.ops.upgrade.facts import Facts
from modules.ops.upgrade.model import Finding
from modules.ops.upgrade.rules_versions import on_the_way
from modules.ops.upgrade.versions import minor

#: EKS may need up to five free addresses in the subnets it was made with.
#: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
_ADDRESSES = 5
_BUSY = ("CREATING", "UPDATING", "PENDING")


def health(facts: Facts, target: str) -> Iterator[Finding]:
    """What is not well must be well first; what is busy must be waited for."""
    parts = [("the cluster", facts.cluster, facts.status)]
    parts += [("add-on", each.name, each.status) for each in facts.addons]
    parts += [("node group", each.name, each.status) for each in facts.groups]
    for kind, name, status in parts:
        if status == "ACTIVE":
            continue
        busy = status in _BUSY
        fix = "wait until it is ACTIVE" if busy else "the EKS console names the cause under Health issues"
        yield Finding("needs", "busy" if busy else "unhealthy", f"{kind} {name} is {status}", f"{fix}; then run the same command again")


def addons(facts: Facts, target: str) -> Iterator[Finding]:
    """Every add-on needs a version for every Kubernetes version on the way; a fixed one must be among them."""
    for version in on_the_way(facts.version, target) or (target,):
        for addon in facts.addons:
            choices = addon.choices.get(version)
            if choices is None:
                continue
            if not choices:
                what = f"EKS lists no version of add-on {addon.name} for {version} yet"
                yield Finding("refused", "addon-none", what, "wait for it, or remove the add-on")
            elif addon.pinned and addon.pinned not in choices:
                good = addon.default.get(version) or choices[0]
                what = f"hub.yaml fixes {addon.name} at {addon.pinned}, which EKS does not offer for {version}"
                fix = f"set cluster.addons.{addon.name}: {good}, or remove the line for EKS's default"
                yield Finding("refused", "addon-pinned", what, fix)


def group_versions(facts: Facts, target: str) -> Iterator[Finding]:
    """EKS moves no control plane whose managed node groups are at another version."""
    ahead = [each.name for each in facts.groups if minor(each.version) > minor(facts.version)]
    late = [each.name for each in facts.groups if minor(each.version) < minor(facts.version)]
    if ahead:
        what = f"node group {', '.join(ahead)} is newer than the control plane ({facts.version})"
        yield Finding("refused", "group-newer", what, "this comes of a rollback: bring the group to the cluster's version by hand first")
    if late and minor(target) > minor(facts.version):
        yield Finding(
            "note", "catch-up", f"node group {', '.join(late)} is behind the control plane: it is brought to {facts.version} first"
        )


def file(facts: Facts, target: str) -> Iterator[Finding]:
    """hub.yaml must say the version this round ends at: the next ./install.sh applies what it says."""
    if minor(target) < minor(facts.version):
        return
    upcoming = next(iter(on_the_way(facts.version, target)), facts.version)
    if facts.file_version != upcoming:
        what = f'cluster.version is "{facts.file_version}" in {facts.file_line}'
        yield Finding("needs", "file-version", what, f'write "{upcoming}" there, or let --write do it')
    if facts.core_release and not facts.core_release.startswith(f"{upcoming}."):
        what = f"cluster.core.release fixes the core nodes at {facts.core_release}, which is no image of {upcoming}"
        yield Finding("needs", "core-release", what, "remove the line, or write a release of that version")


def addresses(facts: Facts, target: str) -> Iterator[Finding]:
    """EKS puts new network interfaces into the cluster's subnets before it takes the old ones away."""
    if not facts.free or minor(target) <= minor(facts.version):
        return
    short = {subnet: free for subnet, free in facts.free.items() if free < _ADDRESSES}
    if short:
        names = ", ".join(f"{subnet} has {free}" for subnet, free in short.items())
        what = f"the control plane needs up to {_ADDRESSES} free addresses in each of its subnets; {names}"
        yield Finding("needs", "addresses", what, "free some (stop idle servers or nodes), then run the same command again")


def unread(facts: Facts, target: str) -> Iterator[Finding]:
    """What could not be asked is said, for silence would read as good news."""
    for each in facts.unread:
        yield Finding("note", "unread", each)
