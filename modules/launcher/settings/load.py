"""From a settings file to Settings, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from modules.common.errors import HubError
from modules.launcher.settings.document import Document, read
from modules.launcher.settings.models import Settings
from modules.launcher.settings.sentences import problems_of

_FIX = "correct the file and start again"


def load(path: str | Path) -> Settings:
    """The settings in the file `path`. Raises HubError with every mistake, its line and what to do; no secret is repeated."""
    where = str(path)
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        raise HubError("there is no such settings file", where=where, fix="name it with -c FILE") from None
    except UnicodeDecodeError:
        raise HubError("the settings file is not UTF-8 text", where=where, fix="save it as UTF-8") from None
    except OSError as error:
        raise HubError(f"the settings file cannot be read: {error.strerror}", where=where, fix="see to its permissions") from error
    return parse(text, where)


def parse(text: str, where: str) -> Settings:
    """The settings in `text`; `where` names it in errors. Raises HubError as `load` does."""
    try:
        document = read(text)
    except RecursionError:
        raise HubError("the settings are nested too deeply, or repeat themselves", where=where, fix=_FIX) from None
    if document.problems:
        raise _refusal(where, document, [])
    try:
        return Settings.model_validate(document.data)
    except ValidationError as error:
        raise _refusal(where, document, [dict(each) for each in error.errors(include_url=False)]) from None


def _refusal(where: str, document: Document, errors: list[Mapping[str, object]]) -> HubError:
    found = sorted([*document.problems, *problems_of(errors, document)], key=lambda each: each.line)
    if len(found) == 1:
        return HubError(str(found[0]), where=where, fix=_FIX)
    return HubError(f"{len(found)} problems\n" + "\n".join(f"  {each}" for each in found), where=where, fix=_FIX)
