"""What AWS and Kubernetes count and measure: names, tags, labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from modules.common import names, tags
from modules.config.checks._check import Finding, reads
from modules.config.models import HubConfig

#: Our own on every resource: deployment, env, address, Name; Karpenter and EKS add a few to instances.
_OWN_TAGS = 10
_TAG_TEXT = re.compile(r"[\w .:/=+@-]*")


@reads("name", "cluster")
def cluster_name(config: HubConfig, _: date) -> Iterator[Finding]:
    if len(config.name) > names.CLUSTER_NAME_MAX:
        yield (
            ("name",),
            f'"{config.name}" has {len(config.name)} characters; IAM role names are made of it; write at most {names.CLUSTER_NAME_MAX}.',
        )


@reads("state")
def state_names(config: HubConfig, _: date) -> Iterator[Finding]:
    bucket = config.state.bucket
    if bucket and (".." in bucket or re.fullmatch(r"[\d.]+", bucket) or bucket.startswith("xn--") or bucket.endswith("-s3alias")):
        yield ("state", "bucket"), f'"{bucket}" is a name S3 refuses. Write letters, digits and single hyphens.'
    elif bucket and "." in bucket:
        yield ("state", "bucket"), f'"{bucket}" holds a dot, with which TLS to the bucket fails. Write hyphens.'


@reads("tags")
def tag_limits(config: HubConfig, _: date) -> Iterator[Finding]:
    most = tags.COUNT_MAX - _OWN_TAGS
    if len(config.tags) > most:
        yield ("tags",), f"holds {len(config.tags)} tags; {most} fit beside our own ({tags.COUNT_MAX} in all). Remove some."
    seen: dict[str, str] = {}
    for key, value in config.tags.items():
        path = ("tags", key)
        if key.lower().startswith(("aws:", "hubsmith:")) or key == "Name":
            yield path, "is a key that AWS or this project sets itself. Rename it."
        if not 1 <= len(key) <= tags.KEY_MAX or len(value) > tags.VALUE_MAX:
            yield path, f"is too long: a key has at most {tags.KEY_MAX} characters, a value {tags.VALUE_MAX}. Shorten it."
        if not _TAG_TEXT.fullmatch(key) or not _TAG_TEXT.fullmatch(value):
            yield path, "holds a character that tags may not have. Use letters, digits, spaces and _.:/=+-@."
        if key.lower() in seen:
            yield path, f'differs from tag "{seen[key.lower()]}" in capitals alone, which IAM takes for the same key. Keep one.'
        seen[key.lower()] = key


CHECKS = (cluster_name, state_names, tag_limits)
