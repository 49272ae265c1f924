"""The emulator's fixtures, for this room's tests."""

from tests._support.emulator import emulator, emulator_process

__all__ = ["emulator", "emulator_process"]
