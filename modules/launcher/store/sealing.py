"""Hydroplane's encryption, byte for byte: a key from a password and a salt, and Fernet with that key.

Source: facts of seed 004 (its secret store): PBKDF2-HMAC-SHA256, 390,000 rounds, 32 bytes, urlsafe base64.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken

_ROUNDS = 390_000
SALT_BYTES = 16
#: What the sentinel says in clear; a store whose sentinel says anything else is not opened by Hydroplane.
_PHRASE = "It's a secret to everybody"


def open_seal(password: str, salt: bytes) -> Fernet:
    """What encrypts and decrypts the secrets of one store. Takes a tenth of a second on purpose."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))


def make_sentinel(seal: Fernet) -> bytes:
    """The encrypted text that shows, on opening, whether a password is the right one. Differs each time."""
    return seal.encrypt(f"{_PHRASE} {secrets.token_hex(16)}".encode())


def is_opened_by(seal: Fernet, sentinel: bytes) -> bool:
    """Whether `seal` is the one that `sentinel` was made with."""
    try:
        return seal.decrypt(sentinel).startswith(_PHRASE.encode())
    except InvalidToken:
        return False


def file_name(secret: str) -> str:
    """The file of a secret. MD5 only names it; the secret's safety does not rest on it."""
    return hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
