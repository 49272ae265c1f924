"""The spawn page's choices: what each profile asks of Kubernetes, and what it tells the person who picks it."""

from __future__ import annotations

from typing import Any

from modules.common.scheduling import ACCELERATOR_RESOURCES, POOL_LABEL, placement, toleration
from modules.common.slugs import profile_slugs
from modules.config.hub import Hub, Image, Profile
from modules.config.models import HubConfig
from modules.config.place import Place, places
from modules.k8s.jupyterhub import desktop
from modules.k8s.jupyterhub.profile_text import describe

_TYPE_LABEL = "node.kubernetes.io/instance-type"


def profile_list(config: HubConfig) -> list[dict[str, Any]]:
    """The entries of KubeSpawner's profile_list, in the order of the configuration; keys of ours are `groups` and `adds`."""
    known = places(config)
    slugs = profile_slugs([profile.name for profile in config.hub.profiles])
    return [_profile(config, profile, slug, _place(profile, known)) for profile, slug in zip(config.hub.profiles, slugs, strict=True)]


def _place(profile: Profile, known: dict[str, Place]) -> Place:
    """Where its servers run. Desktops of somebody else's cluster have no pool of ours, so of those only the purpose is known."""
    if profile.desktop and profile.pool not in known:
        return Place(profile.pool, (), "desktop", "amd64", "nvidia", (), complete=False)
    return known[profile.pool]


def _profile(config: HubConfig, profile: Profile, slug: str, place: Place) -> dict[str, Any]:
    images = profile_images(config.hub, profile)
    override = _override(profile, place, _selector(config, profile))
    entry: dict[str, Any] = {
        "slug": slug,
        "display_name": profile.name,
        "description": describe(profile, place, config.region),
        "default": profile.default,
        "groups": list(profile.groups),
        "kubespawner_override": override,
    }
    if profile.desktop:
        entry["adds"] = desktop.additions()
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


def _selector(config: HubConfig, profile: Profile) -> dict[str, str]:
    return dict(desktop.NODE_LABELS) if profile.desktop and config.cluster.existing else {POOL_LABEL: profile.pool}


def _override(profile: Profile, place: Place, selector: dict[str, str]) -> dict[str, Any]:
    """Size and place of the server. Tolerations stand in full, because KubeSpawner replaces lists rather than adding to them."""
    taints = placement(place.purpose, place.gpu).taints + place.taints
    override: dict[str, Any] = {
        "cpu_guarantee": profile.cpu[0],
        "cpu_limit": profile.cpu[1],
        "mem_guarantee": profile.memory[0],
        "mem_limit": profile.memory[1],
        "node_selector": selector,
        "tolerations": [toleration(taint) for taint in taints],
    }
    if wanted := _node_labels(profile):
        override["node_affinity_required"] = [{"matchExpressions": wanted}]
    if profile.gpu and place.gpu:
        cards = {ACCELERATOR_RESOURCES[place.gpu]: str(profile.gpu)}
        override |= {"extra_resource_guarantees": cards, "extra_resource_limits": dict(cards)}
    if environment := {**profile.environment, **(desktop.ENVIRONMENT if profile.desktop else {})}:
        override["environment"] = environment
    return override


def _node_labels(profile: Profile) -> list[dict[str, Any]]:
    """What replaces the chart's own affinity, to nodes of users: one term, because terms are alternatives."""
    found = desktop.node_expressions() if profile.desktop else []
    if profile.instance_types:
        found.append({"key": _TYPE_LABEL, "operator": "In", "values": list(profile.instance_types)})
    return found
