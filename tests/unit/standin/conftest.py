"""The emulator, for the tests of this folder."""

from tests._support.emulator import emulator, emulator_process

__all__ = ["emulator", "emulator_process"]
