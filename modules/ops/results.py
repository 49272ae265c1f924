"""What a run did, as values: one result a stack, with the changes a reviewer must see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modules.ops.failures.terraform import Failure

Outcome = Literal["applied", "unchanged", "planned", "waits", "failed", "interrupted", "skipped", "destroyed"]
#: Types that hold what people made: replacing or destroying one loses work. Volumes in the cluster are not among them: those
#: that Terraform knows only name a file system and are retained.
DATA_TYPES = frozenset(
    {
        *("aws_efs_file_system", "aws_s3_bucket", "aws_kms_key", "aws_cognito_user_pool", "aws_backup_vault", "aws_dynamodb_table"),
        *("aws_db_instance", "aws_rds_cluster", "aws_ebs_volume", "aws_secretsmanager_secret"),
    }
)


@dataclass(frozen=True)
class Attribute:
    """One attribute that differs, as text that holds no sensitive value."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One resource that a plan changes, or that was changed behind Terraform. action: create, update, replace, delete, adopt."""

    address: str
    type: str
    action: str
    attributes: tuple[Attribute, ...] = ()

    @property
    def loses_data(self) -> bool:
        """Whether this replaces or destroys something that holds data."""
        return self.type in DATA_TYPES and self.action in ("replace", "delete")


@dataclass(frozen=True)
class StackResult:
    """What became of one stack. log: the raw event log, as a person would type its path."""

    stack: str
    outcome: Outcome
    add: int = 0
    change: int = 0
    replace: int = 0
    destroy: int = 0
    adopt: int = 0
    changes: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    failure: Failure | None = None
    waits_for: tuple[str, ...] = ()
    seconds: float = 0.0
    log: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether stacks that build on this one may go on."""
        return self.outcome in ("applied", "unchanged", "planned", "destroyed")

    @property
    def has_changes(self) -> bool:
        """Whether a plan of this stack is anything but empty; drift counts, also where no action is proposed."""
        return bool(self.add or self.change or self.replace or self.destroy or self.adopt or self.drift) or self.outcome == "waits"


@dataclass(frozen=True)
class RunResult:
    """All stacks of one run, in dependency order."""

    stacks: tuple[StackResult, ...]
    seconds: float
    interrupted: bool = False

    @property
    def is_fine(self) -> bool:
        """Whether every stack did what was asked."""
        return not self.interrupted and all(each.is_fine or each.outcome == "waits" for each in self.stacks)

    @property
    def has_changes(self) -> bool:
        """Whether any stack's plan is anything but empty."""
        return any(each.has_changes for each in self.stacks)

    @property
    def failures(self) -> tuple[StackResult, ...]:
        """The stacks that stopped with an error."""
        return tuple(each for each in self.stacks if each.outcome == "failed")

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 130 interrupted."""
        if self.interrupted:
            return 130
        return 0 if self.is_fine else 1
