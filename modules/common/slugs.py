"""Profiles by a short name that links and API calls can carry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from modules.common.names import digest


def profile_slugs(profiles: Sequence[str]) -> list[str]:
    """One for each name, made of that name alone, so that reordering changes no link. Names that meet carry a digest."""
    plain = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in profiles]
    met = Counter(plain)
    return [slug if slug and met[slug] == 1 else f"{slug or 'profile'}-{digest(name)}" for slug, name in zip(plain, profiles, strict=True)]
