"""Addresses and zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network
from itertools import combinations

from modules.common import cidr
from modules.config.checks._check import Finding, reads
from modules.config.models import HubConfig

_PRIVATE = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
#: Shared address space, RFC 6598.
_SHARED = IPv4Network("100.64.0.0/10")
#: With fewer addresses a zone holds a handful of nodes, since the VPC CNI reserves addresses in blocks of 16.
_LEAST_DATA_PLANE_PREFIX = 24
#: Of the cluster's service range, https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
_SERVICE_PREFIXES = range(12, 25)


@reads("network")
def vpc(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.network.existing:
        return
    net = IPv4Network(config.network.cidr)
    if net.prefixlen not in range(cidr.VPC_PREFIXES.start, cidr.SMALLEST_VPC_PREFIX + 1):
        yield ("network", "cidr"), f'"{net}" is a /{net.prefixlen}; write /{cidr.VPC_PREFIXES.start} to /{cidr.SMALLEST_VPC_PREFIX}.'
    if not any(net.subnet_of(each) for each in (*_PRIVATE, _SHARED)):
        yield ("network", "cidr"), f'"{net}" is public address space. Write a range inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.'


@reads("network")
def data_plane(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.network.existing:
        return
    path = ("network", "data_plane_cidr")
    net, zones = IPv4Network(config.network.data_plane_cidr), len(config.network.azs)
    if net.prefixlen < cidr.VPC_PREFIXES.start:
        yield path, f'"{net}" is a /{net.prefixlen}; AWS takes /16 at most. Write a /16.'
        return
    part = net.prefixlen + (zones - 1).bit_length()
    if part > _LEAST_DATA_PLANE_PREFIX:
        fits = _LEAST_DATA_PLANE_PREFIX - (zones - 1).bit_length()
        yield path, f'"{net}" gives each of {zones} zones a /{part}, too small for nodes and pods. Write a /{fits} or larger.'
    if not any(net.subnet_of(each) for each in (*_PRIVATE, _SHARED)):
        yield path, f'"{net}" is public address space. Write a range inside 100.64.0.0/10 or a private one.'
    primary = IPv4Network(config.network.cidr)
    home = next((each for each in _PRIVATE if primary.subnet_of(each)), None)
    other = next((each for each in _PRIVATE if net.subnet_of(each)), None)
    if home and other and home != other:
        # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html, "IPv4 CIDR block association restrictions"
        yield path, f'AWS does not add "{net}" to a VPC inside {home}. Take a range inside {home} or 100.64.0.0/10.'


@reads("network", "cluster")
def overlaps(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.network.existing:
        return
    ranges = {
        ("network", "cidr"): config.network.cidr,
        ("network", "data_plane_cidr"): config.network.data_plane_cidr,
        ("cluster", "service_cidr"): config.cluster.service_cidr,
    }
    for (one, first), (other, second) in combinations(ranges.items(), 2):
        if cidr.overlaps(first, second):
            yield other, f'"{second}" overlaps {".".join(one)} ({first}). Move one of them.'


@reads("cluster")
def services(config: HubConfig, _: date) -> Iterator[Finding]:
    net = IPv4Network(config.cluster.service_cidr)
    if net.prefixlen not in _SERVICE_PREFIXES or not any(net.subnet_of(each) for each in _PRIVATE):
        yield ("cluster", "service_cidr"), f'"{net}" is no range for services. Write a private one of /12 to /24, such as 172.20.0.0/16.'


@reads("network", "region")
def zones(config: HubConfig, _: date) -> Iterator[Finding]:
    counts = Counter(config.azs)
    for index, zone in enumerate(config.azs):
        path = ("network", "azs", index)
        if not zone.startswith(config.region) or len(zone) != len(config.region) + 1:
            yield path, f'"{zone}" is not a zone of {config.region}. Write {config.region}a, or the letter a.'
        elif counts[zone] > 1 and config.azs.index(zone) != index:
            yield path, f'"{zone}" is listed twice. Name each zone once.'


@reads("network", "region", "pools", "node_groups")
def places_in_zones(config: HubConfig, _: date) -> Iterator[Finding]:
    wanted = {("pools", key): pool.zones for key, pool in config.pools.items()}
    wanted |= {("node_groups", key): group.zones for key, group in config.node_groups.items()}
    known = set(config.azs)
    for path, names in wanted.items():
        for index, name in enumerate(names):
            full = name if len(name) > 1 else f"{config.region}{name}"
            if full not in known:
                yield (*path, "zones", index), f'"{name}" is not a zone of network.azs. Write one of: {", ".join(config.azs)}.'


@reads("network")
def endpoints(config: HubConfig, _: date) -> Iterator[Finding]:
    listed = config.network.endpoints.interface
    for index, service in enumerate(listed):
        path = ("network", "endpoints", "interface", index)
        if service.startswith("com.amazonaws"):
            yield path, f'"{service}" carries the region. Write {".".join(service.split(".")[3:]) or "the service"} alone.'
        elif listed.index(service) != index:
            yield path, f'"{service}" is listed twice. Keep one.'


@reads("network", "cluster")
def existing(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.cluster.existing and not config.network.existing:
        yield ("network", "existing"), "is missing: an existing cluster lives in an existing VPC. Name its VPC and subnets here."
    if config.network.existing:
        vpc_parts = config.network.existing
        counts = Counter((*vpc_parts.public_subnets, *vpc_parts.private_subnets, *vpc_parts.data_plane_subnets))
        for subnet in (each for each, count in counts.items() if count > 1):
            yield ("network", "existing"), f'"{subnet}" is listed twice. Each subnet has one place.'


CHECKS = (vpc, data_plane, overlaps, services, zones, places_in_zones, endpoints, existing)
