"""Comparing versions: of Kubernetes ("1.36"), of add-ons ("v1.21.1-eksbuild.2") and of charts ("1.14.1")."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+")


def numbers(version: str) -> tuple[int, ...]:
    """All numbers in a version, in order, so that tuples compare as the versions do."""
    return tuple(int(each) for each in _NUMBER.findall(version))


def minor(version: str) -> int:
    """36 of "1.36", and of "v1.36.2-eks-3a1b2c4". Raises ValueError for what is no version."""
    found = numbers(version)
    if len(found) < 2:
        raise ValueError(f"{version!r} is no version")
    return found[1]


def is_kubernetes(version: str) -> bool:
    """Whether this is a Kubernetes version as EKS writes it, such as 1.36."""
    return re.fullmatch(r"1\.\d{1,2}", version) is not None


def after(version: str, minors: int = 1) -> str:
    """The Kubernetes version so many minors later."""
    return f"1.{minor(version) + minors}"
