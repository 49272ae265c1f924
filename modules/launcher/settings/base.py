"""What every part of the settings shares."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Model(BaseModel):
    """Frozen, and refuses keys it does not know: a setting that is silently lost may be the one that protects somebody."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


class SecretRef(Model):
    """A secret of the store, by name."""

    secret_name: str = Field(min_length=1)
    key: str | None = None
    """One key of a secret that is a JSON object."""


class OneOf(Model):
    """A mapping that names exactly one of several ways."""

    #: The keys of which one must stand there.
    ways: ClassVar[tuple[str, ...]]

    @model_validator(mode="before")
    @classmethod
    def _exactly_one(cls, data: object) -> object:
        if isinstance(data, dict):
            named = [way for way in cls.ways if data.get(way) not in (None, False)]
            if len(named) != 1:
                found = f"names {' and '.join(named)}" if named else "names none of its ways"
                raise ValueError(f"{found}; write exactly one of {', '.join(cls.ways)}")
        return data
