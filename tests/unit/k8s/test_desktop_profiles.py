"""A profile on a desktop: its servers run beside it, draw on it, and lose nothing that other profiles have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from modules.config.extras import Desktop
from modules.config.hub import Profile
from modules.config.models import HubConfig
from modules.config.nodes import ExistingCluster
from modules.hub.profiles import visible
from modules.k8s.jupyterhub.profiles import profile_list
from tests._support.pools import EVERYTHING, config_of

_BASE: dict[str, Any] = {"name": "Desk", "cpu": (1, 2), "memory": ("2G", "4G"), "desktop": True}
_USAGE = {"key": "usage", "operator": "In", "values": ["visualization"]}
_OURS = {"pool": "desktop"}
_THEIRS = ExistingCluster(
    name="theirs",
    oidc_provider_arn="arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-2.amazonaws.com/id/A",
    oidc_issuer="oidc.eks.us-east-2.amazonaws.com/id/A",
    security_group_id="sg-0123456789abcdef0",
    node_role_arn="arn:aws:iam::123456789012:role/nodes",
)
_DESKTOP = Desktop(image="lab/dcv:1", cidrs=("198.51.100.0/24",), pool="desktop")


def _config(existing: bool = False, **profile: Any) -> HubConfig:
    """The tests' own env with one more profile, which has a desktop."""
    config = config_of(EVERYTHING)
    hub = config.hub.model_copy(update={"profiles": (*config.hub.profiles, Profile(**_BASE | _OURS | profile))})
    update: dict[str, Any] = {"hub": hub, "desktop": _DESKTOP}
    if existing:
        update["cluster"] = config.cluster.model_copy(update={"existing": _THEIRS})
    return config.model_copy(update=update)


def _entry(existing: bool = False, **profile: Any) -> dict[str, Any]:
    return profile_list(_config(existing, **profile))[-1]


def test_its_servers_run_on_the_desktops_nodes() -> None:
    override = _entry()["kubespawner_override"]
    assert override["node_selector"] == {"hubsmith.io/pool": "desktop"}
    assert {each["key"] for each in override["tolerations"]} == {"usage", "nvidia.com/gpu"}
    # The chart asks for nodes of users, and a desktop's is none.
    assert override["node_affinity_required"] == [{"matchExpressions": [_USAGE]}]


def test_types_are_asked_for_in_the_same_term() -> None:
    # Terms are alternatives: a second one would let the server go where there is no desktop.
    (term,) = _entry(instance_types=("g4dn.xlarge",))["kubespawner_override"]["node_affinity_required"]
    types = {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g4dn.xlarge"]}
    assert term == {"matchExpressions": [_USAGE, types]}


@pytest.mark.parametrize("pool", ["desktop", "theirs"])
def test_on_somebody_elses_cluster_the_label_alone_finds_a_desktop(pool: str) -> None:
    override = _entry(existing=True, pool=pool)["kubespawner_override"]
    assert override["node_selector"] == {"usage": "visualization"}
    assert {(each["key"], each["value"]) for each in override["tolerations"]} == {("usage", "visualization"), ("nvidia.com/gpu", "present")}


def test_its_servers_know_the_screen_and_the_cookie() -> None:
    found = _entry(environment={"QT_X11_NO_MITSHM": "1"})["kubespawner_override"]["environment"]
    assert found == {"QT_X11_NO_MITSHM": "1", "DISPLAY": ":0", "XAUTHORITY": "/run/desktop/default-session.xauth"}


def test_the_page_says_where_windows_open() -> None:
    assert _entry()["description"].startswith("1-2 CPU, 2-4 GB, windows open on the node's desktop, about $")
    assert _entry(gpu=1)["description"].startswith("1-2 CPU, 2-4 GB, 1 GPU (T4), windows open on the node's desktop, about $")


def test_other_profiles_know_nothing_of_it() -> None:
    for each in profile_list(_config())[:-1]:
        assert "adds" not in each
        assert "DISPLAY" not in each["kubespawner_override"].get("environment", {})


_HOME = {"name": "home", "persistentVolumeClaim": {"claimName": "home"}}
_TREE = {"name": "tree-shared", "persistentVolumeClaim": {"claimName": "tree-shared"}}
_HOME_MOUNT = {"name": "home", "mountPath": "/home/jovyan", "subPath": "{username}"}
_DESKTOP_VOLUME = {"name": "desktop", "persistentVolumeClaim": {"claimName": "desktop", "readOnly": True}}
_DESKTOP_MOUNTS = [
    {"name": "desktop", "mountPath": "/tmp/.X11-unix", "subPath": "sockets", "readOnly": True},
    {"name": "desktop", "mountPath": "/run/desktop", "subPath": "auth", "readOnly": True},
]


@pytest.mark.parametrize(
    ("volumes", "mounts"),
    [
        ([_HOME, _TREE], [_HOME_MOUNT]),
        # KubeSpawner takes mappings too, sorted by key, and a later chart may write them.
        ({"9-tree": _TREE, "1-home": _HOME}, {"home": _HOME_MOUNT}),
        # Kubernetes refuses a pod with the same volume or path twice.
        ([_HOME, _TREE, _DESKTOP_VOLUME], [_HOME_MOUNT, *_DESKTOP_MOUNTS]),
    ],
    ids=["lists", "mappings", "again"],
)
def test_nothing_is_lost_that_was_there(volumes: Any, mounts: Any) -> None:
    (entry,) = visible(profile_list(_config())[-1:], groups=(), admin=False)
    override, spawner = entry["kubespawner_override"], SimpleNamespace(volumes=volumes, volume_mounts=mounts)
    assert override["volumes"](spawner) == [_HOME, _TREE, _DESKTOP_VOLUME]
    assert override["volume_mounts"](spawner) == [_HOME_MOUNT, *_DESKTOP_MOUNTS]
    assert not {"groups", "adds"} & set(entry)


def test_hiding_our_keys_leaves_the_settings_as_they_are() -> None:
    listed = profile_list(_config())
    visible(listed, groups=(), admin=True)
    # The same list serves every user; what one is shown must not stay in it.
    assert "volumes" not in listed[-1]["kubespawner_override"]
    assert listed[-1]["adds"]["volumes"] == [_DESKTOP_VOLUME]
