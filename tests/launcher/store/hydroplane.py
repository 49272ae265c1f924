"""A second hand at the store's format: written from its description with cryptography's primitives, sharing no line with ours.

It stands in for Hydroplane itself, which needs pydantic 1 and cannot be installed beside us. Its limit: it proves that two
readings of the description agree, not that Hydroplane's own code does.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def _fernet(folder: Path, password: str) -> Fernet:
    derivation = PBKDF2HMAC(SHA256(), 32, (folder / ".salt").read_bytes(), 390000)
    return Fernet(base64.urlsafe_b64encode(derivation.derive(password.encode())))


def make(folder: Path, password: str, values: dict[str, str]) -> None:
    """A store as Hydroplane leaves it: its files carry the mode that the umask gives."""
    folder.mkdir()
    (folder / ".salt").write_bytes(os.urandom(16))
    fernet = _fernet(folder, password)
    (folder / ".sentinel").write_bytes(fernet.encrypt(f"It's a secret to everybody {uuid.uuid4().hex}".encode()))
    for name, value in values.items():
        (folder / hashlib.md5(name.encode()).hexdigest()).write_bytes(fernet.encrypt(value.encode()))


def read(folder: Path, password: str, name: str) -> str:
    """What Hydroplane would give for a secret; raises when the password or the sentinel is not what it expects."""
    fernet = _fernet(folder, password)
    assert fernet.decrypt((folder / ".sentinel").read_bytes()).startswith(b"It's a secret to everybody")
    return fernet.decrypt((folder / hashlib.md5(name.encode()).hexdigest()).read_bytes()).decode()
