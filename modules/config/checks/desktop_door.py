"""Desktops: who reaches them and how, what they are called, what they share with their node."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network, collapse_addresses

from modules.config.checks._check import SYSTEM_NAMESPACES, Finding, reads
from modules.config.extras import Desktop
from modules.config.models import HubConfig

#: The DCV seed's limit, which its resource names rest on.
_PROJECT_AND_ENV_MAX = 36
#: A security group takes 60 rules by default, https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html. Each range
#: takes one for TCP and one for UDP, and EKS and the load balancers need a few of the cluster's group.
_MOST_CIDRS = 25
#: First words that Parameter Store keeps for AWS, in any case,
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
_PARAMETERS_OF_AWS = ("aws", "ssm")
#: What a node runs by, or forgets. Sockets there would be in the way, be lost, or let a desktop write where it must not.
_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib64", "local", "proc", "root", "run", "sbin", "sys", "tmp", "usr")
_SYSTEM_PATHS = (*(f"/{name}" for name in _SYSTEM), "/var/lib", "/var/log", "/var/run", "/var/tmp")


@reads("desktop")
def who_reaches(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.desktop
    if settings is None:
        return
    path = ("desktop", "cidrs")
    counts = Counter(settings.cidrs)
    for index, text in enumerate(settings.cidrs):
        if settings.cidrs.index(text) != index:
            yield (*path, index), f'"{text}" is listed twice, and AWS refuses a second rule like the first. Keep one.'
    if len(counts) > _MOST_CIDRS:
        yield path, f"holds {len(counts)} ranges, two rules each; a security group has room for {_MOST_CIDRS}. Join neighbours."
    if not settings.open_to_the_world and _is_the_world(settings.cidrs):
        yield path, "open the desktops to every address. List your networks, or say open_to_the_world: true."


def _is_the_world(cidrs: tuple[str, ...]) -> bool:
    """Also as two halves, which is how 0.0.0.0/0 slips past a search for it."""
    return any(net.prefixlen == 0 for net in collapse_addresses(IPv4Network(text) for text in cidrs))


@reads("desktop", "cluster")
def exposure(config: HubConfig, _: date) -> Iterator[Finding]:
    settings, existing = config.desktop, config.cluster.existing
    if settings and settings.exposure == "nlb" and existing and not existing.load_balancer_controller:
        yield (
            ("desktop", "exposure"),
            "nlb needs the AWS Load Balancer Controller. If the cluster runs it, say cluster.existing.load_balancer_controller: true; "
            "else write node-port.",
        )
    if settings and settings.exposure != "nlb" and settings.load_balancer == "internal":
        yield ("desktop", "load_balancer"), "only works with exposure: nlb. Write that, or remove this line."


@reads("desktop")
def images(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop:
        for name, image in (("image", config.desktop.image), ("app_image", config.desktop.app_image)):
            if image and ":" not in image.rsplit("/", 1)[-1] and "@sha256:" not in image:
                yield ("desktop", name), "has no tag or digest, so that it could change under running desktops. Add :<tag>."


@reads("desktop", "env")
def names(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop:
        project = config.desktop.project
        joined = f"{project}-{config.env}"
        if len(joined) > _PROJECT_AND_ENV_MAX:
            yield (
                ("desktop", "project"),
                f'"{joined}" (project and env) has {len(joined)} characters; at most {_PROJECT_AND_ENV_MAX} fit. Shorten project.',
            )
        if project.startswith(_PARAMETERS_OF_AWS):
            yield ("desktop", "project"), f'"{project}" starts with {project[:3]}, and such parameters are AWS\'s. Write another.'


@reads("desktop")
def credentials(config: HubConfig, _: date) -> Iterator[Finding]:
    path = ("desktop", "credentials")
    listed = config.desktop.credentials if config.desktop else ("one",)
    if not 1 <= len(listed) <= 2:
        yield path, f"holds {len(listed)} names. Write one, a JSON secret {{UserName, Password}}, or two: user, then password."
    elif len(set(listed)) < len(listed):
        yield path, "names one secret twice. Write it once if it is JSON {UserName, Password}, else name user and password."
    elif len(listed) == 2 and "passw" in listed[0] and "passw" not in listed[1]:
        yield path, "are read as user, then password. Swap them."


@reads("desktop")
def idle(config: HubConfig, _: date) -> Iterator[Finding]:
    settings = config.desktop
    if settings and settings.stop_idle_hours is not None and settings.seats == 0:
        yield ("desktop", "stop_idle_hours"), "takes idle seats away, and seats: 0 keeps none. Remove it, or write seats: 1."


@reads("desktop")
def shared_path(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop is None:
        return
    path, here = ("desktop", "host_path"), config.desktop.host_path
    plain = posixpath.normpath(here)
    if here != plain or here.startswith("//"):
        yield path, f'"{here}" is not written plainly. Leave out "..", doubled slashes and the last one.'
    elif plain.count("/") < 2 or any(plain == each or plain.startswith(f"{each}/") for each in _SYSTEM_PATHS):
        yield path, f'"{here}" is the system\'s, or gone after a restart. Write a directory of its own such as /var/addf/dcv-eks.'


@reads("desktop", "hub", "ray", "vault", "launcher")
def namespaces(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.desktop is None:
        return
    here: Desktop = config.desktop
    taken = {config.hub.namespace: "the hub", **dict.fromkeys((each.namespace for each in config.ray.values()), "Ray")}
    taken |= dict.fromkeys(SYSTEM_NAMESPACES, "Kubernetes")
    if config.vault:
        taken[config.vault.namespace] = "Vault"
    if config.launcher:
        taken |= dict.fromkeys((config.launcher.namespace, *config.launcher.process_namespaces), "the launcher")
    if here.namespace in taken:
        yield (
            ("desktop", "namespace"),
            f'"{here.namespace}" is the namespace of {taken[here.namespace]}, and pods beside desktops may do anything. Write another.',
        )


CHECKS = (who_reaches, exposure, images, names, credentials, idle, shared_path, namespaces)
