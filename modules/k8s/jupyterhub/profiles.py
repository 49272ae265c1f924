"""The spawn page's choices: what each profile asks of Kubernetes, and what it tells the person who picks it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from modules.common import names
from modules.common.scheduling import ACCELERATOR_RESOURCES, POOL_LABEL, placement, toleration
from modules.config.hub import Hub, Image, Profile
from modules.config.models import HubConfig
from modules.config.place import Place, places
from modules.k8s.jupyterhub.profile_text import describe

_TYPE_LABEL = "node.kubernetes.io/instance-type"


def profile_list(config: HubConfig) -> list[dict[str, Any]]:
    """The entries of KubeSpawner's profile_list with a `groups` key beside, in the order of the configuration."""
    known = places(config)
    slugs = _slugs(config.hub)
    return [_profile(config, profile, slug, known[profile.pool]) for profile, slug in zip(config.hub.profiles, slugs, strict=True)]


def _profile(config: HubConfig, profile: Profile, slug: str, place: Place) -> dict[str, Any]:
    images = profile_images(config.hub, profile)
    override = _override(profile, place)
    entry: dict[str, Any] = {
        "slug": slug,
        "display_name": profile.name,
        "description": describe(profile, place, config.region),
        "default": profile.default,
        "groups": list(profile.groups),
        "kubespawner_override": override,
    }
    if len(images) == 1:
        override["image"] = _reference(next(iter(images.values())))
    else:
        entry["profile_options"] = {"image": {"display_name": "Image", "choices": _choices(images)}}
    return entry


def profile_images(hub: Hub, profile: Profile) -> dict[str, Image]:
    """The images a profile offers, by key, at least one: its own, else the hub's default."""
    keys = profile.images or tuple(key for key, image in hub.images.items() if image.default)
    return {key: hub.images[key] for key in keys}


def _choices(images: dict[str, Image]) -> dict[str, Any]:
    """Exactly one of them is the default: with none KubeSpawner takes the first, with two the last, and says neither."""
    chosen = next((key for key, image in images.items() if image.default), next(iter(images)))
    return {
        key: {"display_name": image.label or key, "default": key == chosen, "kubespawner_override": {"image": _reference(image)}}
        for key, image in images.items()
    }


def _reference(image: Image) -> str:
    return f"{image.repo}:{image.tag}"


def _override(profile: Profile, place: Place) -> dict[str, Any]:
    """Size and place of the server. Tolerations stand in full, because KubeSpawner replaces lists rather than adding to them."""
    taints = placement(place.purpose, place.gpu).taints + place.taints
    override: dict[str, Any] = {
        "cpu_guarantee": profile.cpu[0],
        "cpu_limit": profile.cpu[1],
        "mem_guarantee": profile.memory[0],
        "mem_limit": profile.memory[1],
        "node_selector": {POOL_LABEL: profile.pool},
        "tolerations": [toleration(taint) for taint in taints],
    }
    if profile.instance_types:
        only = {"key": _TYPE_LABEL, "operator": "In", "values": list(profile.instance_types)}
        override["node_affinity_required"] = [{"matchExpressions": [only]}]
    if profile.gpu and place.gpu:
        cards = {ACCELERATOR_RESOURCES[place.gpu]: str(profile.gpu)}
        override |= {"extra_resource_guarantees": cards, "extra_resource_limits": dict(cards)}
    if profile.environment:
        override["environment"] = dict(profile.environment)
    return override


def _slugs(hub: Hub) -> list[str]:
    """One for each profile, made of its name alone, so that reordering changes no link. Names that meet carry a digest."""
    plain = [re.sub(r"[^a-z0-9]+", "-", profile.name.lower()).strip("-") for profile in hub.profiles]
    met = Counter(plain)
    return [
        slug if slug and met[slug] == 1 else f"{slug or 'profile'}-{names.digest(profile.name)}"
        for slug, profile in zip(plain, hub.profiles, strict=True)
    ]
