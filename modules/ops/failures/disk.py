"""A full disk, as Python, Node and Terraform tell of it, in one sentence."""

from __future__ import annotations

import errno
from pathlib import Path

from modules.common.errors import HubError

#: The words of errno(3) for a full disk, a used-up quota and a file-size limit, and Node's names for them.
FULL = r"(?i:no space left on device|disk quota exceeded|file too large|\bENOSPC\b|\bEDQUOT\b|\bEFBIG\b)"
_NUMBERS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full(error: OSError) -> bool:
    """Whether a write failed for want of room."""
    return error.errno in _NUMBERS


def disk_is_full(place: Path | str) -> HubError:
    """The error for a person. place: what could not be written, or the folder it lies in."""
    return HubError(
        "the disk is full", where=str(place), fix="make room (df -h), then run the same command again: nothing half-written is used"
    )
