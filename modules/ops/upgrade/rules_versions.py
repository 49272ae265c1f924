"""What versions say about an upgrade: support, order, skew, and the components that must know the new Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from modules.catalog import eks
from modules.catalog.components import CHECKED as COMPONENTS_CHECKED
from modules.catalog.components import COMPONENTS, least_version
from modules.ops.upgrade.facts import Facts
from modules.ops.upgrade.model import Finding
from modules.ops.upgrade.versions import after, minor, numbers

#: Kubelets may be three minor versions older than the API, and never newer.
#: https://kubernetes.io/releases/version-skew-policy/#kubelet
_SKEW = 3
#: Support that ends within this time is worth a word.
_SOON = timedelta(days=90)
_ROLLBACK = "https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html"


def ownership(facts: Facts, target: str) -> Iterator[Finding]:
    """A cluster that somebody else owns is theirs to move."""
    if not facts.is_ours:
        what = f"the cluster {facts.cluster} is not ours (cluster.existing): its version is its owner's to move"
        yield Finding("refused", "existing-cluster", what, "ask its owner; this hub follows with ./install.sh")


def direction(facts: Facts, target: str) -> Iterator[Finding]:
    """Never down."""
    if minor(target) < minor(facts.version):
        what = f"the cluster runs {facts.version}; {target} is older, and an upgrade goes up only"
        fix = f"for seven days after an upgrade EKS itself can roll the control plane back: {_ROLLBACK}"
        yield Finding("refused", "down", what, fix)


def on_eks(facts: Facts, target: str) -> Iterator[Finding]:
    """Every version on the way must be one EKS has."""
    known = ", ".join(each.version for each in eks.VERSIONS if each.released <= facts.today)
    for version in on_the_way(facts.version, target):
        entry = eks.find_version(version)
        if entry is None:
            what = f"{version} is not in the catalog of EKS versions (checked on {eks.CHECKED})"
            yield Finding("refused", "unknown-version", what, f"take one of {known}; a newer release of Hubsmith may know it")
        elif entry.released > facts.today:
            day = str(entry.released) if entry.exact else f"{entry.released:%B %Y}"
            yield Finding("refused", "not-released", f"{version} comes to EKS on {day}", f"until then take one of {known}")


def support(facts: Facts, target: str) -> Iterator[Finding]:
    """Support of the target, what extended support costs, and dates that are near."""
    entry = eks.find_version(target)
    if entry is None or minor(target) < minor(facts.version):
        return
    state = eks.support_of(target, facts.today)
    if state == "ended":
        yield Finding("refused", "support-ended", f"{target} has had no support since {entry.extended_ends}", "take a newer version")
    elif state == "extended" and facts.support == "STANDARD":
        what = f"{target} has been out of standard support since {entry.standard_ends}, and the cluster is set to STANDARD"
        fix = "take a newer version, or set cluster.support: EXTENDED in hub.yaml (six times the price per hour) and ./install.sh"
        yield Finding("refused", "support-standard", what, fix)
    elif state == "extended":
        yield Finding(
            "note", "support-extended", f"{target} is in extended support until {entry.extended_ends}: six times the price per hour"
        )
    elif entry.standard_ends - facts.today <= _SOON:
        yield Finding("note", "support-near", f"standard support of {target} ends on {entry.standard_ends}")


def present_support(facts: Facts, target: str) -> Iterator[Finding]:
    """Why not to wait: what becomes of the version the cluster has."""
    entry = eks.find_version(facts.version)
    if entry is None or minor(target) <= minor(facts.version):
        return
    state = eks.support_of(facts.version, facts.today)
    if state == "standard" and entry.standard_ends - facts.today <= _SOON:
        then = "EKS then upgrades it by itself" if facts.support == "STANDARD" else "it then costs six times as much per hour"
        yield Finding("note", "hurry", f"standard support of {facts.version} ends on {entry.standard_ends}; {then}")
    elif state in ("extended", "ended"):
        yield Finding("note", "hurry", f"{facts.version} has been out of standard support since {entry.standard_ends}")


def rounds(facts: Facts, target: str) -> Iterator[Finding]:
    """More than one minor is more than one round."""
    way = on_the_way(facts.version, target)
    if len(way) > 1:
        what = f"EKS moves one minor version at a time: {len(way)} rounds, {' → '.join((facts.version, *way))}"
        yield Finding("note", "rounds", f"{what}; one run of this command does one of them")


def skew(facts: Facts, target: str) -> Iterator[Finding]:
    """No kubelet newer than the API, none more than three minors older than it will be after the next round."""
    upcoming = next(iter(on_the_way(facts.version, target)), facts.version)
    newer = [each.name for each in facts.nodes if minor(each.kubelet) > minor(facts.version)]
    if newer:
        what = f"{_some(newer)} run a kubelet newer than the control plane ({facts.version}), which Kubernetes does not support"
        yield Finding("refused", "skew-newer", what, "replace them with nodes of the cluster's version first")
    ours = {each.name for each in facts.groups}
    older = [each for each in facts.nodes if minor(upcoming) - minor(each.kubelet) > _SKEW and each.group not in ours]
    if older:
        what = f"{_some([each.name for each in older])} would be more than {_SKEW} minor versions older than {upcoming}"
        fix = "let their pool replace them first (delete the nodes once their servers have ended), or remove them"
        yield Finding("refused", "skew-older", what, fix)


def components(facts: Facts, target: str) -> Iterator[Finding]:
    """Karpenter must know the new version before the control plane has it."""
    if facts.autoscaler != "karpenter" or minor(target) <= minor(facts.version):
        return
    ours, running = COMPONENTS["karpenter"].version, facts.controllers.get("karpenter")
    checked = f"checked on {COMPONENTS_CHECKED}"
    least = least_version("karpenter", target)
    if least is None:
        yield Finding("note", "karpenter-unknown", f"the catalog does not say which Karpenter {target} needs ({checked})")
    elif numbers(ours) < numbers(least):
        what = f"{target} needs Karpenter {least} or newer, this release of Hubsmith installs {ours} ({checked})"
        yield Finding("refused", "karpenter-ours", what, "take a newer release of Hubsmith")
    elif running and numbers(running) < numbers(least):
        what = f"Karpenter {running} runs; {target} needs {least} or newer ({checked})"
        yield Finding("needs", "karpenter-running", what, f"./install.sh brings {ours}; then run the same command again")


def autoscaler(facts: Facts, target: str) -> Iterator[Finding]:
    """Where cluster-autoscaler scales, its release of the same minor version must exist."""
    if facts.autoscaler != "cluster-autoscaler" or minor(target) <= minor(facts.version):
        return
    if least_version("cluster-autoscaler", target) is None:
        what = f"the catalog knows no cluster-autoscaler of minor version {target} (checked on {COMPONENTS_CHECKED})"
        yield Finding("refused", "autoscaler", what, "take a newer release of Hubsmith")


def on_the_way(old: str, target: str) -> tuple[str, ...]:
    """The versions after `old` up to `target`; none when it is no step up."""
    return tuple(after(old, number) for number in range(1, minor(target) - minor(old) + 1))


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{len(names)} nodes ({shown}, …)" if len(names) > 3 else f"{len(names)} node{'s' if len(names) > 1 else ''} ({shown})"
