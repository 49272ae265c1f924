"""What Terraform does not own, or does not know any more: found kind by kind, removed in the order in which things let go of each other.

A file a family of kinds (`registry` lists them), `scope` for whose a thing is, `graph` for what blocks what, `engine` for the passes.
"""

from __future__ import annotations

from modules.ops.sweep.balancing import balancers_of
from modules.ops.sweep.model import Remaining, Sweepable, Swept
from modules.ops.sweep.run import orphans, sweep, sweep_stack
from modules.ops.sweep.scope import Held, Scope, held_by
from modules.ops.sweep.stock import DATA, is_kept, is_state_backend, leftovers

__all__ = [
    "DATA",
    "Held",
    "Remaining",
    "Scope",
    "Sweepable",
    "Swept",
    "balancers_of",
    "held_by",
    "is_kept",
    "is_state_backend",
    "leftovers",
    "orphans",
    "sweep",
    "sweep_stack",
]
