"""Adoption after a crash: what exists in AWS and is planned, but is in no state, gets an import block.

A killed Terraform leaves no state object at all, although it made things. Without adoption the next run fails on
whatever has a name and silently doubles whatever has none.
"""

from modules.ops.adopt.adoption import adoptions
from modules.ops.adopt.model import Adoption

__all__ = ["Adoption", "adoptions"]
