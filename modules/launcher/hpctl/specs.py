"""A process's specification, from a file or standard input, JSON or YAML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

from modules.common.errors import HubError


def read(source: str, stdin: TextIO) -> dict[str, Any]:
    """The specification in file `source`, or on `stdin` for "-". Raises HubError when there is none that can be read."""
    where = "standard input" if source == "-" else source
    found = _parsed(_text(source, stdin), where)
    if not isinstance(found, dict):
        raise HubError("a specification is one mapping, beginning with process_name", where=where)
    return found


def _text(source: str, stdin: TextIO) -> str:
    try:
        return stdin.read() if source == "-" else Path(source).expanduser().read_text()
    except FileNotFoundError as error:
        raise HubError(f"there is no file {source}", fix="name the file of a process, or - for standard input") from error
    except UnicodeDecodeError as error:
        raise HubError("it is not text", where=source) from error
    except OSError as error:
        raise HubError(f"cannot read it: {error.strerror}", where=source) from error


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as no_json:
        if text.lstrip().startswith("{"):
            # YAML would take it apart in its own way, and complain about something else.
            raise HubError(f"line {no_json.lineno}, column {no_json.colno}: {no_json.msg}", where=where) from no_json
    return _yaml(text, where)


def _yaml(text: str, where: str) -> Any:
    import yaml

    try:
        found = yaml.safe_load(text)
        # A date, or a key that is no text, would fail later and say less.
        return json.loads(json.dumps(found))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise HubError(f"line {line}: {error.problem or 'neither JSON nor YAML'}", where=where) from error
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise HubError("neither JSON nor YAML that JSON could hold", where=where) from error
