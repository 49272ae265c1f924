"""Whether the notebooks' images fit a cluster: Ray's client and cluster must be of one version.

A head that runs tells its version. A notebook's is read from its image's name, which is all that can be read without running
something in it: the same image is the same Ray, the names of Ray's own images tell theirs, and of any other nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modules.common.errors import HubError
from modules.ops.ray.asking import head_of
from modules.ops.ray.model import Seen
from modules.ops.ray.notebooks import running_notebooks
from modules.ops.ray.scene import Cluster, Scene

#: `rayproject/ray:2.60.0-py311-cpu`, also from a mirror: https://docs.ray.io/en/latest/ray-overview/installation.html
_OWN = re.compile(r"(?:^|/)rayproject/ray[a-z-]*:(?P<ray>\d+\.\d+\.\d+)[a-z0-9.]*(?:-py(?P<python>\d+))?(?:-|$)")


@dataclass(frozen=True)
class Finding:
    """One pair of images. who: what has `image`, such as "image daft of hub.yaml". fits: None where nobody can tell."""

    cluster: str
    who: str
    image: str
    other: str
    fits: bool | None
    why: str


def findings(scene: Scene, seen: Mapping[str, Seen], *, ask: bool = True) -> tuple[Finding, ...]:
    """Every cluster against hub.yaml, the hub's images and the notebooks that run now. Raises HubError as the cluster does.

    ask: whether heads are asked for their version too, which takes a port-forward each.
    """
    users = [(f"image {key} of hub.yaml", f"{each.repo}:{each.tag}") for key, each in scene.config.hub.images.items()]
    users += [(f"notebook {each.pod}", each.image) for each in running_notebooks(scene)]
    found: list[Finding] = []
    for cluster in scene.clusters:
        told = _told(scene, cluster) if ask else None
        found += _of_cluster(cluster, seen[cluster.key], told)
        image, ray = seen[cluster.key].image, (told.image if told else "") or seen[cluster.key].ray
        found += [Finding(cluster.key, who, each, image, *compare(each, image, ray)) for who, each in users]
    return tuple(found)


def sentence(found: Finding) -> str:
    """One finding for a person."""
    mark = {True: "fits", False: "does not fit", None: "cannot be told"}[found.fits]
    return f"{found.cluster}: {found.who} {mark}: {found.why}"


def compare(notebook: str, cluster: str, ray: str = "") -> tuple[bool | None, str]:
    """Whether two images, `<repository>:<tag>`, hold the same Ray and Python, and why. ray: the cluster's version where it is known."""
    if notebook == cluster:
        return True, "it is the cluster's own image"
    mine, theirs = _versions(notebook), _versions(cluster)
    if ray and not theirs[0]:
        theirs = (ray, "")
    for what, here, there in zip(("Ray", "Python"), mine, theirs, strict=True):
        if here and there and here != there:
            return False, f"{what} {here} in {notebook}, {what} {there} in {cluster}"
    if mine[0] and mine[0] == theirs[0] and (mine[1] == theirs[1]):
        return True, f"Ray {mine[0]} by the names of both images"
    return None, f"the names of {notebook} and {cluster} do not tell; one image for both is sure to fit"


def _of_cluster(cluster: Cluster, seen: Seen, told: Finding | None) -> Iterator[Finding]:
    """What is said of the cluster itself."""
    wanted = cluster.settings.image
    if seen.image != wanted:
        why = f"it runs {seen.image}, hub.yaml says {wanted}: ./install.sh {cluster.env} changes it"
        yield Finding(cluster.key, "the cluster", seen.image, wanted, False, why)
    if told:
        yield told


def _told(scene: Scene, cluster: Cluster) -> Finding | None:
    """The head's own word on its version, in place of an image's name; None when none runs."""
    wanted = cluster.settings.version
    try:
        head = head_of(scene, cluster)
        if head is None:
            return None
        version = head.version()
    except HubError as error:
        return Finding(cluster.key, "the head", "", wanted, None, error.what)
    return Finding(cluster.key, "the head", version, wanted, version == wanted, f"it says Ray {version}, hub.yaml {wanted}")


def _versions(image: str) -> tuple[str, str]:
    """Ray's and Python's version by the name of one of Ray's own images; "" for what it does not tell."""
    found = _OWN.search(image)
    return (found["ray"], found["python"] or "") if found else ("", "")
