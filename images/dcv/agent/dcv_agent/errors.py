"""What goes wrong at run time, as one sentence that an operator can act on."""

from __future__ import annotations


class Trouble(Exception):
    """A call failed, or an input is wrong: `sentence` names it and says what to do; it never holds a secret.

    `code` is the error's short name (`ThrottlingException`, `403`), empty where there is none.
    """

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


class NoSession(Trouble):
    """The DCV server has no such session (yet, or any more), or does not answer at all."""


class Conflict(Trouble):
    """Somebody else changed the object between our read and our write."""
