"""What Terraform's errors mean for an operator: one table from a pattern to a class, a sentence and what to do.

Codes of AWS's own calls (boto3) are in aws; the tables read here (terraform_rules, cluster_rules) are of the
text that Terraform and its providers print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modules.config.redact import redact
from modules.ops.events import Diagnostic
from modules.ops.failures.cluster_rules import CLUSTER_RULES, is_of_cluster
from modules.ops.failures.terraform_rules import RULES, Rule

#: The classes worth another try, each with its first pause in seconds; the pause doubles from one try to the next.
TRANSIENT = {
    "throttled": 10.0,
    "consistency": 10.0,
    "timeout": 15.0,
    "connection": 5.0,
    "cluster": 10.0,
    "sign-in": 10.0,
    "webhook": 15.0,
    "chart": 10.0,
}
#: More of AWS's own words than this is no longer read; the log has them all.
_WORDS_MAX = 600


@dataclass(frozen=True)
class Failure:
    """Why a stack stopped. what: a sentence with the resource's address; why: AWS's or Terraform's words."""

    kind: str
    what: str
    why: str
    fix: str
    address: str = ""

    @property
    def is_transient(self) -> bool:
        """Whether trying again by itself may help."""
        return self.kind in TRANSIENT


_COMPILED = tuple((rule, re.compile(rule.pattern, re.DOTALL)) for rule in RULES)
_IN_CLUSTER = tuple((rule, re.compile(rule.pattern, re.DOTALL)) for rule in CLUSTER_RULES)
#: `operation error EKS: CreateCluster, https response error StatusCode: 400, RequestID: …, api error Code: words`
_OPERATION = re.compile(r"operation error (?P<service>[\w .-]+): (?P<call>\w+),")
_CODE = re.compile(r"(?:api error |RequestID: [\w-]*, (?:HostID: [^,]*, )?)(?P<words>(?P<code>[A-Z][\w.]+): .*)", re.DOTALL)
_LOCK_FIELD = re.compile(r"^\s*(ID|Who|Operation|Created|Path):\s*(.+?)\s*$", re.MULTILINE)


def classify(found: Diagnostic, env: str) -> Failure:
    """The Failure that one error diagnostic means."""
    text = f"{found.summary}\n{found.detail}"
    table = (*_IN_CLUSTER, *_COMPILED) if is_of_cluster(found.address, text) else _COMPILED
    rule, match = next((rule, match) for rule, pattern in table if (match := pattern.search(text)))
    operation, code = _OPERATION.search(text), _CODE.search(text)
    words = {name: value for name, value in match.groupdict().items() if value}
    words |= {
        "env": env,
        "call": operation["call"] if operation else "it",
        "service": operation["service"] if operation else "AWS",
        "work": f".hubsmith/{env}/work",
    }
    if rule.kind == "locked":
        return _locked(rule, text, words)
    what = rule.what.format_map(words).replace(" (it)", "")
    return Failure(
        kind=rule.kind,
        what=f"{found.address}: {what}" if found.address else what,
        why=_shorten(code["words"] if code else _plain(found)),
        fix=rule.fix.format_map(words),
        address=found.address,
    )


def worst(found: Sequence[Diagnostic], env: str) -> Failure | None:
    """The Failure to act on, of all errors of one run; None when there was no error.

    One that trying again does not help comes before those it does; the number of the others is told.
    """
    failures = [classify(each, env) for each in found if each.severity == "error"]
    if not failures:
        return None
    first = next((each for each in failures if not each.is_transient), failures[0])
    same = {each.what for each in failures} - {first.what}
    if not same:
        return first
    more = f"{first.why} (and {len(same)} more, in the log)"
    return Failure(first.kind, first.what, more, first.fix, first.address)


def _locked(rule: Rule, text: str, words: dict[str, str]) -> Failure:
    lock = dict(_LOCK_FIELD.findall(text))
    words["lock_id"] = lock.get("ID", "unknown")
    operation = lock.get("Operation", "").removeprefix("OperationType").lower() or "run"
    since = lock.get("Created", "").split(".")[0] or "an unknown time"
    why = f"{lock.get('Who', 'somebody')} since {since} UTC ({operation} of {lock.get('Path', 'this state')})"
    return Failure(rule.kind, rule.what, why, rule.fix.format_map(words))


def _plain(found: Diagnostic) -> str:
    return f"{found.summary}: {found.detail}" if found.detail and found.detail != found.summary else found.summary


def _shorten(words: str) -> str:
    """One line without secrets, Terraform's own indentation or AWS's encoded messages."""
    words = re.sub(r"Encoded authorization failure message: \S+", "", words)
    flat = redact(" ".join(words.split()))
    return flat if len(flat) <= _WORDS_MAX else f"{flat[: _WORDS_MAX - 1]}…"
