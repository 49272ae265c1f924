"""One value out of a secret that holds a JSON object."""

from __future__ import annotations

import json

from modules.launcher.store.errors import SecretRefused


def pick(text: str, name: str, key: str | None) -> str:
    """The secret `name` whole, or what stands under `key` in it: text as it is, anything else as JSON.

    Raises SecretRefused when the secret is no JSON object or has no such key; the message never quotes the secret.
    """
    if key is None:
        return text
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SecretRefused(f'the secret "{name}" is not a JSON object, so it has no key "{key}"', fix="leave the key out, or store JSON")
    if key not in found:
        raise SecretRefused(f'the secret "{name}" has no key "{key}"', fix="name a key that the secret's JSON has")
    return found[key] if isinstance(found[key], str) else json.dumps(found[key])
