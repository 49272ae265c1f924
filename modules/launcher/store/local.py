"""The secret store of Hydroplane: a folder of encrypted files that one password opens."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from modules.launcher.store import files, sealing
from modules.launcher.store.errors import HAS_SECRET, SecretExists, SecretMissing, SecretRefused, WrongPassword
from modules.launcher.store.values import pick

DEFAULT_LOCATION = Path("~/.hydro_secrets")
_SALT, _SENTINEL = ".salt", ".sentinel"
_OWNER_ONLY = 0o700


class LocalStore:
    """An opened store. `location`: its folder, ~ expanded. A store made by Hydroplane opens, and the other way round.

    Raises SecretRefused when there is no store, WrongPassword when the password is not the store's.
    """

    def __init__(self, location: Path, password: str) -> None:
        self.location = location.expanduser()
        self._seal = _opened(self.location, password)

    @classmethod
    def create(cls, location: Path, password: str) -> LocalStore:
        """Make an empty store. It appears whole or not at all.

        Raises SecretRefused when something lies at `location` already, or the folder cannot be made there.
        """
        target = location.expanduser()
        unfinished = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished.mkdir(mode=_OWNER_ONLY)
            _furnish(unfinished, password)
            # Over an empty folder a rename succeeds, over a store it fails: two people who init at once get one store.
            unfinished.rename(target)
            files.settle(target.parent)
        except OSError as error:
            raise _not_made(target, error) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return cls(target, password)

    def get(self, name: str, key: str | None = None) -> str:
        """The secret `name`, or what stands under `key` when it is a JSON object.

        Raises SecretMissing (a KeyError) when there is none, SecretRefused when it cannot be read or has no such key.
        """
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError:
            raise self._missing(name) from None
        except OSError as error:
            raise SecretRefused(
                f'the secret "{name}" in {self.location} cannot be read: {error.strerror}', fix="see to its permissions"
            ) from error
        try:
            return pick(self._seal.decrypt(sealed).decode(), name, key)
        except (InvalidToken, UnicodeDecodeError):
            raise SecretRefused(
                f'the secret "{name}" in {self.location} is damaged, or was encrypted with another password',
                fix=f"store it again: local-secret-store add --overwrite {name}",
            ) from None

    def add(self, name: str, value: str, *, overwrite: bool = False) -> None:
        """Store a secret. Raises SecretExists when there is one and `overwrite` is not set."""
        with files.alone(self.location):
            if self._path(name).exists() and not overwrite:
                raise SecretExists(
                    f'there is a secret "{name}" in {self.location} already. Nothing was changed',
                    fix="choose another name, or replace it with --overwrite",
                )
            files.replace(self._path(name), self._seal.encrypt(value.encode()))

    def remove(self, name: str) -> None:
        """Delete a secret. Raises SecretMissing when there is none."""
        with files.alone(self.location):
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                raise self._missing(name) from None
            files.settle(self.location)

    def _path(self, name: str) -> Path:
        return self.location / sealing.file_name(name)

    def _missing(self, name: str) -> SecretMissing:
        return SecretMissing(f'there is no secret "{name}" in {self.location}', fix=f"add it: local-secret-store add {name}")


def _furnish(folder: Path, password: str) -> None:
    salt = os.urandom(sealing.SALT_BYTES)
    files.write_new(folder / _SALT, salt)
    files.write_new(folder / _SENTINEL, sealing.make_sentinel(sealing.open_seal(password, salt)))
    files.settle(folder)


def _opened(location: Path, password: str) -> Fernet:
    try:
        salt, sentinel = (location / _SALT).read_bytes(), (location / _SENTINEL).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SecretRefused(f"there is no secret store at {location}", fix="make one: local-secret-store init") from None
    except OSError as error:
        raise SecretRefused(f"the secret store at {location} cannot be read: {error.strerror}", fix="see to its permissions") from error
    seal = sealing.open_seal(password, salt)
    if not sealing.is_opened_by(seal, sentinel):
        raise WrongPassword(location)
    return seal


def _not_made(target: Path, error: OSError) -> SecretRefused:
    if target.exists():
        return SecretRefused(
            f"{target} exists already. Nothing was changed",
            fix="name another folder with --store-location; a store that is there needs no init",
            exit_code=HAS_SECRET,
        )
    return SecretRefused(f"no secret store can be made at {target}: {error.strerror}", fix="name a folder you may write to")
