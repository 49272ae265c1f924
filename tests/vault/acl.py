"""Vault's policies, as far as the stand-in judges by them: exact paths before globs, the longest glob before others."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RULE = re.compile(r'path "(?P<path>[^"]+)" \{\s*capabilities = \[(?P<listed>[^\]]*)\]\s*\}')
#: Below sys/, paths for which Vault asks for `sudo` beside the capability of the call,
#: https://developer.hashicorp.com/vault/docs/policies/policies-advanced
_PROTECTED = ("sys/audit", "sys/audit/", "sys/auth/", "sys/remount", "sys/rotate")


def rules(text: str) -> dict[str, frozenset[str]]:
    """Capabilities by path. Raises ValueError for text with anything but rules in it: Vault refuses such a policy."""
    if _RULE.sub("", text).strip():
        raise ValueError("not a policy")
    return {found["path"]: frozenset(re.findall(r'"(\w+)"', found["listed"])) for found in _RULE.finditer(text)}


def allows(policies: Iterable[str], path: str, capability: str) -> bool:
    """Whether any of the texts lets `capability` happen at `path`."""
    granted: set[str] = set()
    for text in policies:
        granted |= _granted(rules(text), path)
    needed = {capability, "sudo"} if _is_protected(path) else {capability}
    return needed <= granted


def _granted(known: dict[str, frozenset[str]], path: str) -> frozenset[str]:
    if path in known:
        return known[path]
    globs = [each for each in known if each.endswith("*") and path.startswith(each[:-1])]
    return known[max(globs, key=len)] if globs else frozenset()


def _is_protected(path: str) -> bool:
    return any(path == each.rstrip("/") if not each.endswith("/") else path.startswith(each) for each in _PROTECTED)
