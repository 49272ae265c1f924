"""The verdicts on one object in its cluster, whoever sends it."""

from __future__ import annotations

from collections.abc import Sequence

from modules.rehearsal.cluster.world import Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.verdicts.judge import Judge


def judged(judge: Judge, world: World, manifest: Manifest) -> list[Problem]:
    """Errors and warnings about a manifest that is to be made, or that an object is to become. The caller holds the lock."""
    kind, held = manifest["kind"], world.objects.get(key_of(manifest))
    labels = {key.name: each.manifest["metadata"].get("labels") or {} for key, each in world.of_kind("Namespace")}
    brought = world.custom_kinds.get(kind)
    if brought is None and "." in manifest["apiVersion"] and not manifest["apiVersion"].partition("/")[0].endswith(".k8s.io"):
        return []  # Its CRD is not there: what the API server says to that is said when it is made.
    return judge.manifest(
        manifest,
        world.tally,
        minor=world.minor,
        namespaces=labels,
        crd=brought[1:] if brought else None,
        old=held.manifest if held else None,
    )


def errors(problems: Sequence[Problem]) -> Sequence[Problem]:
    """What stays unchecked is said when it is applied, once, not at every look."""
    return [each for each in problems if not each.warning]


def raised(problems: Sequence[Problem]) -> Sequence[Problem]:
    """The warnings, when there is nothing else. Raises Refused with the errors."""
    found = errors(problems)
    if found:
        raise Refused(*found)
    return problems
