"""The table in docs/operating.md of what can fail, made from the rules, so that it cannot disagree with them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modules.ops.failures.cluster_rules import CLUSTER_RULES
from modules.ops.failures.terraform import TRANSIENT
from modules.ops.failures.terraform_rules import RULES, Rule
from modules.ops.retry import RETRIES

#: Below the repository root, and the lines between which the table stands.
PAGE = "docs/operating.md"
BEGIN, END = "<!-- made from modules/ops/failures; python -m modules.ops.failures.reference -->", "<!-- end of what is made -->"
#: What a placeholder of a rule stands for where there is no error at hand.
_WORDS = {"work": ".hubsmith/<env>/work", "lock_id": "<id>", "zones": "…"}
_ABSENT = " ({call})"


def table() -> str:
    """Class, what it means, and what to do, a row a class; the first rule of a class speaks for it."""
    lines = ["| class | it says | what to do |", "|---|---|---|"]
    for rules, head in ((RULES, ""), (CLUSTER_RULES, "in the cluster: ")):
        lines += [_row(rule, head) for rule in _first_of_each(rules)]
    return "\n".join(lines)


def page_with(text: str) -> str:
    """`text`, the page, with the table as it is now. Raises ValueError when it has no place for one."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no line {BEGIN!r}")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _first_of_each(rules: Sequence[Rule]) -> list[Rule]:
    return list({rule.kind: rule for rule in reversed(rules)}.values())[::-1]


def _row(rule: Rule, head: str) -> str:
    again = f" (tried {RETRIES} times more by itself)" if rule.kind in TRANSIENT else ""
    return f"| {head}{rule.kind} | {_plain(rule.what)}{again} | {_plain(rule.fix)} |"


def _plain(text: str) -> str:
    found = re.sub(r"\{(\w+)\}", lambda name: _WORDS.get(name[1], f"<{name[1]}>"), text.replace(_ABSENT, ""))
    # Markdown would take <env> for a tag.
    return found.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    from pathlib import Path

    place = Path(__file__).resolve().parents[3] / PAGE
    place.write_text(page_with(place.read_text(encoding="utf-8")), encoding="utf-8")
