"""What a server says no with, as one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modules.common.errors import HubError
from modules.launcher.hpctl.show import clean

_FIXES = {
    401: "put a token into HYDROPLANE_TOKEN or --token-file",
    403: "ask for the right, or use a token that has it",
    404: "hpctl list",
    409: "stop it first (hpctl stop), or choose another name",
    429: "wait, or stop a process you no longer need (hpctl list)",
    502: "try again",
    503: "try again",
    504: "try again",
}


class Refusal(HubError):
    """document: the body of the answer, for --json."""

    def __init__(self, code: int, document: Any, what: str, fix: str) -> None:
        super().__init__(what, fix=fix)
        self.code, self.document = code, document


def refusal(code: int, headers: Mapping[str, str], document: Any, address: str) -> Refusal:
    """The refusal in an answer. document: its body, {"error", "details"}, or Hydroplane's older {"detail"}, or None for no JSON."""
    if 300 <= code < 400:
        return Refusal(
            code, document, f"{address} points elsewhere: {clean(headers.get('location', 'it does not say where'))}", "use that as --server"
        )
    told = document.get("details", document.get("detail")) if isinstance(document, dict) else None
    said = _said(told) or f"{address} answered {code}, and nothing that explains it"
    fix = f"try again in {wait} s" if (wait := headers.get("retry-after", "")).isdigit() else _FIXES.get(code, "")
    # A page of some proxy in between, or of another service altogether.
    return Refusal(code, document, f"{said} ({code})", fix if isinstance(document, dict) else "is this the launcher's address?")


def _said(told: Any) -> str:
    """A text as it is; FastAPI's list of what is wrong in a body as "field: what", one after the other."""
    if isinstance(told, str):
        return clean(told)
    problems = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return "; ".join(clean(f"{_field(each)}{each.get('msg') or each.get('message') or 'is wrong'}") for each in problems)


def _field(problem: dict[str, Any]) -> str:
    where = [str(each) for each in problem.get("loc") or () if each != "body"]
    return f"{'.'.join(where)}: " if where else ""
