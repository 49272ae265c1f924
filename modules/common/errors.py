"""The one family of errors a person may see; everything else is a bug and keeps its traceback."""

from __future__ import annotations


class HubError(Exception):
    """A mistake or refusal that the operator can act on.

    what: one sentence that says what was wrong (never a secret).
    where: a file and field path, an AWS action and resource, or "" when `what` says it.
    fix: what to do about it, as an instruction.
    exit_code: what the command ends with; 1 unless the command promises another.
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "", exit_code: int = 1) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix
        self.exit_code = exit_code

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  what to do  {self.fix}" if self.fix else head
