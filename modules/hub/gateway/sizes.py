"""Bytes as people read them."""

from __future__ import annotations

GIB = 2**30


def gib(size: float) -> str:
    """`size` bytes as a number of GiB, without needless digits."""
    return f"{size / GIB:.4g}"
