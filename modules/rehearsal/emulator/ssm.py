"""Systems Manager: the public parameters in which AWS publishes machine images for EKS nodes.

The image ids are made up: the same for the same name and region, and no image has them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from modules.common.names import digest
from modules.rehearsal.emulator.answers import now
from modules.rehearsal.emulator.eks.versions import VERSIONS

_AL2023 = re.compile(
    r"/aws/service/eks/optimized-ami/(?P<version>[\d.]+)/amazon-linux-2023/(?P<arch>x86_64|arm64)"
    r"/(?P<flavour>standard|nvidia|neuron)/recommended(?P<leaf>/image_id|/image_name|/release_version|)$"
)
_BOTTLEROCKET = re.compile(
    r"/aws/service/bottlerocket/aws-k8s-(?P<version>[\d.]+)(?P<flavour>-nvidia|)/(?P<arch>x86_64|arm64)/latest(?P<leaf>/image_id|/image_version)$"
)
_LINUX = re.compile(
    r"/aws/service/ami-amazon-linux-latest/al2023-ami-(?P<flavour>minimal-|)kernel-(default|\d+\.\d+)-(?P<arch>x86_64|arm64)(?P<leaf>)$"
)
_RELEASE = "20260101"


def install() -> None:
    """Let moto's Parameter Store find these names when they are first asked for."""
    from moto.ssm.models import Parameter, ParameterDict

    load = ParameterDict._check_loading_status

    def with_images(self: Any, key: str) -> None:
        load(self, key)
        name = str(key or "")
        if dict.__contains__(self, name) or (value := image_parameter(name, self.region_name)) is None:
            return
        dict.__setitem__(
            self,
            name,
            [
                Parameter(
                    account_id=self.account_id,
                    name=name,
                    value=value,
                    parameter_type="String",
                    description=None,
                    allowed_pattern=None,
                    keyid=None,
                    last_modified_date=now(),
                    version=1,
                    data_type="text",
                )
            ],
        )

    ParameterDict._check_loading_status = with_images


def image_parameter(name: str, region: str) -> str | None:
    """The value of a public image parameter; None for a name AWS would not know (or not for this Kubernetes version)."""
    match = _AL2023.match(name) or _BOTTLEROCKET.match(name) or _LINUX.match(name)
    if match is None or match.groupdict().get("version", VERSIONS[0]) not in VERSIONS:
        return None
    found = match.groupdict()
    image = "ami-" + digest(region + name.removesuffix("/image_id"), 17)
    version, leaf = found.get("version", ""), found["leaf"]
    if leaf == "/image_version":
        return f"1.50.0-{digest(version, 8)}"
    release = f"{version}.0-{_RELEASE}"
    image_name = f"amazon-eks-node-al2023-{found['arch']}-{found['flavour']}-{version}-v{_RELEASE}"
    described = json.dumps({"schema_version": "2", "image_id": image, "image_name": image_name, "release_version": release})
    values = {"/image_name": image_name, "/release_version": release, "": described if version else image}
    return values.get(leaf, image)
