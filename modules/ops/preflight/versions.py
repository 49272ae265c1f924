"""The programs an install runs, and how long AWS supports the Kubernetes version of hub.yaml."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta

from modules.catalog.components import COMPONENTS
from modules.catalog.eks import VERSIONS as RELEASES
from modules.catalog.eks import EksVersion, find_version, support_of
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.ops.preflight.check import Answer, Check, Context, Finding
from modules.ops.tools import OLDEST_NODE, PINNED, find_node, find_terraform

#: Time enough to upgrade one version at a time without haste.
_SOON = timedelta(days=120)
_PROVIDERS = ("aws", "kubernetes", "helm")


class _WouldFetch(Exception):
    """There is no Terraform yet; an install would fetch one, and a look does not."""


def check_versions(context: Context) -> Answer:
    """Red when a program is missing that an install cannot fetch by itself, or when nobody supports the Kubernetes version."""
    config, findings = context.config, list[Finding]()
    terraform = f"Terraform {PINNED}"
    try:
        found = find_terraform(context.tools, os.environ, _no_fetch)
        terraform = f"{'OpenTofu' if found.flavour == 'tofu' else 'Terraform'} {found.version}"
    except _WouldFetch:
        findings.append(Finding("note", "PATH", f"no Terraform that is new enough; the install fetches {PINNED} and checks its sum"))
    except HubError as error:
        findings.append(Finding("error", "PATH", error.what, error.fix))
    try:
        find_node(os.environ)
    except HubError as error:
        findings.append(Finding("error", "PATH", error.what, error.fix))
    findings += support(config, date.today())
    pins = ", ".join(f"{name} {COMPONENTS[f'{name}-provider'].version}" for name in _PROVIDERS)
    kubernetes = "" if config.cluster.existing else f", EKS {config.cluster.version}"
    return Answer(f"{terraform}, Node {OLDEST_NODE} or newer, providers {pins}{kubernetes}", findings)


def support(config: HubConfig, today: date) -> Iterator[Finding]:
    """What is to be said of the version on that day; of a cluster that is not ours, nothing."""
    version = config.cluster.version
    known = None if config.cluster.existing else find_version(version)
    if known is None:
        return
    way = _way(config, known)
    state = support_of(version, today)
    if state == "ended":
        yield Finding("error", "cluster.version", f"{version} has had no support since {_day(known, known.extended_ends)}", way)
    elif state == "extended":
        what = f"{version} is in extended support, which costs six times as much, until {_day(known, known.extended_ends)}"
        yield Finding("note", "cluster.version", what, way)
    elif known.standard_ends - today <= _SOON:
        left = (known.standard_ends - today).days
        what = f"standard support of {version} ends in {left} days, on {_day(known, known.standard_ends)}"
        yield Finding("note", "cluster.version", what, way)


def _way(config: HubConfig, known: EksVersion) -> str:
    """A new env takes another version at once, a running one goes one by one."""
    index = RELEASES.index(known) + 1
    if index == len(RELEASES):
        return "the catalog knows no newer one yet: update this checkout"
    newer = RELEASES[index].version
    return f'a new env: cluster.version: "{RELEASES[-1].version}"; one that runs: ./hub upgrade {config.env} --to {newer} --plan'


def _day(known: EksVersion, day: date) -> str:
    return str(day) if known.exact else f"about {day}"


def _no_fetch(url: str) -> bytes:
    raise _WouldFetch(url)


VERSIONS = Check("versions", check_versions)
