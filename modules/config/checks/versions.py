"""Versions against the dated catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from modules.catalog import eks
from modules.config.checks._check import Finding, reads
from modules.config.models import HubConfig
from modules.config.problems import did_you_mean

#: The add-ons stack cluster installs.
ADDONS = ("vpc-cni", "coredns", "kube-proxy", "aws-ebs-csi-driver", "aws-efs-csi-driver", "eks-pod-identity-agent")
_ADDON_VERSION = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")


@reads("cluster")
def eks_version(config: HubConfig, today: date) -> Iterator[Finding]:
    settings = config.cluster
    if settings.existing:
        return
    path = ("cluster", "version")
    known = eks.find_version(settings.version)
    supported = ", ".join(eks.supported_versions(today))
    if known is None:
        yield path, f'"{settings.version}" is not in the catalog of {eks.CHECKED} (supported: {supported}). Write one of these.'
        return
    support = eks.support_of(settings.version, today)
    if support == "ended":
        yield path, f'"{settings.version}" has had no support since {known.extended_ends}. Write one of: {supported}.'
    elif support == "extended" and settings.support == "STANDARD":
        yield (
            path,
            f'"{settings.version}" has been out of standard support since {known.standard_ends}. Write one of: {supported}; or say '
            f"support: EXTENDED and pay six times as much until {known.extended_ends}.",
        )


@reads("cluster")
def addons(config: HubConfig, _: date) -> Iterator[Finding]:
    for name, version in config.cluster.addons.items():
        if name not in ADDONS:
            yield ("cluster", "addons", name), f"is not an add-on we install{did_you_mean(name, ADDONS)}"
        elif not _ADDON_VERSION.fullmatch(version):
            yield ("cluster", "addons", name), f'"{version}" is no add-on version. Write it as EKS does, such as v1.20.1-eksbuild.1.'


@reads("cluster")
def core_release(config: HubConfig, _: date) -> Iterator[Finding]:
    release = config.cluster.core.release
    if release and not re.fullmatch(rf"{re.escape(config.cluster.version)}\.\d+-\d{{8}}", release):
        yield (
            ("cluster", "core", "release"),
            f'"{release}" is no AMI release of {config.cluster.version}. Write it like {config.cluster.version}.2-20260724.',
        )


CHECKS = (eks_version, addons, core_release)
