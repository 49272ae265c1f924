"""What an env allows because somebody said so aloud: right, and worth a second look. `./hub validate` prints it."""

from __future__ import annotations

from collections.abc import Iterator

from modules.config.models import HubConfig
from modules.config.problems import Path, path_text
from modules.config.roles import is_pattern, role_name


def cautions(config: HubConfig) -> tuple[str, ...]:
    """`path: sentence` of each."""
    return tuple(f"{path_text(path)}: {sentence}" for path, sentence in _patterns(config))


def _patterns(config: HubConfig) -> Iterator[tuple[Path, str]]:
    for key, role in config.roles.items():
        for index, account in enumerate(role.service_accounts):
            if is_pattern(account):
                path = ("roles", key, "service_accounts", index)
                yield path, f'every pod whose service account matches "{account}" can take the role {role_name(config, key)}'
