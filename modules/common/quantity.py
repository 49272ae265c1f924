"""Amounts of memory: as configuration and JupyterHub write them, in bytes, and as Kubernetes writes them."""

from __future__ import annotations

_UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def memory_bytes(text: str) -> int:
    """Bytes of an amount such as `16G`, which is 16 * 2**30, as JupyterHub reads it."""
    return int(float(text[:-1]) * _UNITS[text[-1]])


def quantity(text: str) -> str:
    """The same amount for Kubernetes, where a bare G counts in powers of 1000: `16G` gives `16Gi`."""
    return f"{text}i"
