"""The plan of one env as a comment on a pull request: a table, what a reviewer must see, and the rest folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from modules.ops.progress import short
from modules.ops.pull_request.concern import IAM, NETWORK, concern, is_gone
from modules.ops.pull_request.markdown import code, folded, red, sentence, table
from modules.ops.report import tally
from modules.ops.results import Change, RunResult, StackResult

#: The label of a pull request that lets a plan pass which loses data. Named in .github/workflows/diff.yml too.
LABEL = "data-loss-approved"
#: Attributes shown of one change, and changes shown unfolded under one heading.
_ATTRIBUTES_MAX, _OPEN_MAX = 6, 12
_VERBS = {"create": "+ add", "update": "~ change", "replace": "± replace", "delete": "- destroy", "adopt": "> adopt"}


@dataclass(frozen=True)
class Context:
    """What a report says besides the plan. place: where the env lies. cost: lines on money. notes: sentences below the heading.

    allowed: whether the loss of data was agreed to. config: what the files say differently, as lines.
    """

    place: str
    cost: Sequence[str] = ()
    notes: Sequence[str] = ()
    config: Sequence[str] = ()
    allowed: bool = False


@dataclass(frozen=True)
class _Seen:
    """One change with its stack, "data" of "demo-data"."""

    stack: str
    change: Change

    @property
    def line(self) -> str:
        """One item of a list."""
        change = self.change
        shown = [f"{code(each.name)} {code(each.old)} → {code(each.new)}" for each in change.attributes[:_ATTRIBUTES_MAX]]
        if len(change.attributes) > _ATTRIBUTES_MAX:
            shown.append(f"and {len(change.attributes) - _ATTRIBUTES_MAX} more")
        return f"- {code(_VERBS[change.action])} {self.stack} {code(change.address)}{': ' if shown else ''}{', '.join(shown)}"


@dataclass
class _Sorted:
    """Every change of a run in one place: the first that fits."""

    lost: list[_Seen] = field(default_factory=list)
    gone: list[_Seen] = field(default_factory=list)
    watched: dict[str, list[_Seen]] = field(default_factory=lambda: {IAM: [], NETWORK: []})
    rest: list[_Seen] = field(default_factory=list)
    new: list[_Seen] = field(default_factory=list)

    def place(self, seen: _Seen, *, stack_is_new: bool) -> None:
        """Put one change where a reviewer looks for it."""
        subject = concern(seen.change)
        if seen.change.loses_data:
            self.lost.append(seen)
        elif is_gone(seen.change):
            self.gone.append(seen)
        elif stack_is_new:
            self.new.append(seen)
        elif subject:
            self.watched[subject].append(seen)
        else:
            (self.new if seen.change.action == "create" else self.rest).append(seen)


def marker(env: str) -> str:
    """A comment that nobody sees, by which the part of one env is told from others."""
    return f"<!-- hubsmith-plan: {env} -->"


def report(env: str, result: RunResult, context: Context) -> str:
    """The whole report, ending in a newline; 2 to 10 kB for any plan, because additions are counted by type."""
    found = _sort(env, result)
    lines = [marker(env), f"### {_light(found, result)} {env}: {_in_a_word(result)}", "", context.place, *_paragraphs(context.notes), ""]
    lines += _stacks(env, result)
    lines += _failures(env, result)
    lines += _lost(found, context)
    lines += _listed("Replaced or destroyed", found.gone)
    for name, seen in found.watched.items():
        lines += _listed(name, seen)
    lines += _waiting(env, result)
    lines += _drift(env, result)
    if context.cost:
        lines += ["", *context.cost]
    lines += folded("What the files say differently", context.config)
    lines += folded(f"Everything else that changes: {len(found.rest)}", [each.line for each in found.rest])
    lines += folded(f"Everything that is added: {len(found.new)}", _by_type(found.new))
    return "\n".join(lines).rstrip() + "\n"


def unplanned(env: str, words: str) -> str:
    """The report of an env that could not be planned at all; `words` as the command said them."""
    said = [line.replace("```", "'''") for line in words.splitlines()]
    return "\n".join([marker(env), f"### ✖ {env}: no plan", "", "```text", *said, "```"]) + "\n"


def loses_data(result: RunResult) -> bool:
    """Whether the plan replaces or destroys what people made."""
    return any(change.loses_data for stack in result.stacks for change in stack.changes)


def _sort(env: str, result: RunResult) -> _Sorted:
    found = _Sorted()
    for stack in result.stacks:
        stack_is_new = bool(stack.changes) and all(change.action == "create" for change in stack.changes) and _is_first(stack)
        for change in stack.changes:
            found.place(_Seen(short(env, stack.stack), change), stack_is_new=stack_is_new)
    return found


def _is_first(stack: StackResult) -> bool:
    """Whether nothing of the stack exists: it waits, or its plan looks like a first one, with all that a stack begins with."""
    return stack.outcome == "waits" or len(stack.changes) > _OPEN_MAX


def _light(found: _Sorted, result: RunResult) -> str:
    """The colour in a sign, because a heading has none."""
    if result.failures or result.interrupted:
        return "✖"
    return "🔴" if found.lost else "🟡" if result.has_changes else "🟢"


def _in_a_word(result: RunResult) -> str:
    if result.failures:
        return "the plan failed"
    words = tally(result, done=False)
    return f"{words}, changed behind Terraform" if any(stack.drift for stack in result.stacks) else words


def _paragraphs(notes: Sequence[str]) -> list[str]:
    return [line for note in notes for line in ("", note)]


def _stacks(env: str, result: RunResult) -> list[str]:
    rows = []
    for stack in result.stacks:
        lost = {each.action for each in stack.changes if each.loses_data}
        numbers = {"create": stack.add, "update": stack.change, "replace": stack.replace, "delete": stack.destroy}
        cells = [f"🔴 {number}" if action in lost else str(number) for action, number in numbers.items()]
        rows.append([short(env, stack.stack), *cells, _state(env, stack)])
    return table(["stack", ">add", ">change", ">replace", ">destroy", "state"], rows)


def _state(env: str, stack: StackResult) -> str:
    if stack.outcome in ("failed", "skipped", "interrupted"):
        return "**failed**" if stack.outcome == "failed" else "not planned"
    if stack.waits_for:
        return f"waits for {', '.join(short(env, each) for each in stack.waits_for)}"
    words = [f"{stack.adopt} to adopt"] if stack.adopt else []
    words += [f"{len(stack.drift)} changed behind Terraform"] if stack.drift else []
    return ", ".join(words) or ("changes" if stack.has_changes else "no changes")


def _failures(env: str, result: RunResult) -> list[str]:
    lines = []
    for stack in result.failures:
        if stack.failure:
            lines += ["", f"**✖ {short(env, stack.stack)}**: {sentence(stack.failure.what)}", ""]
            rows = (("why", stack.failure.why), ("what to do", stack.failure.fix))
            lines += [f"- {name}: {sentence(words)}" for name, words in rows if words]
    return lines


def _lost(found: _Sorted, context: Context) -> list[str]:
    """What people would lose, in red, and how the check passes all the same."""
    if not found.lost:
        return []
    words = {"replace": "is REPLACED: what is in it is lost", "delete": "is DESTROYED with what is in it"}
    said = []
    for each in found.lost:
        said.append(f"{each.stack}: {each.change.address} {words[each.change.action]}")
        said += [f"    {attribute.name}: {attribute.old} → {attribute.new}" for attribute in each.change.attributes[:_ATTRIBUTES_MAX]]
    passes = f"The label `{LABEL}` lets the check pass once somebody is sure, and a backup is there to go back to."
    if context.allowed:
        passes = "This was allowed; the check passes."
    after = "Merged, an install still refuses it where `storage.protect` holds, and asks elsewhere."
    return ["", "🔴 **This plan loses data.**", "", *red(said), "", f"{passes} {after}"]


def _listed(title: str, seen: Sequence[_Seen]) -> list[str]:
    """Changes under a heading: open as long as they are few."""
    if not seen:
        return []
    shown, more = seen[:_OPEN_MAX], seen[_OPEN_MAX:]
    return ["", f"**{title}**", "", *(each.line for each in shown), *folded(f"and {len(more)} more", [each.line for each in more])]


def _waiting(env: str, result: RunResult) -> list[str]:
    waits = [stack for stack in result.stacks if stack.outcome == "waits" and stack.waits_for]
    if not waits:
        return []
    names = "; ".join(f"{short(env, stack.stack)} waits for {', '.join(short(env, each) for each in stack.waits_for)}" for stack in waits)
    return ["", f"**Not applied yet**: {names}. Such a stack is counted from its own file, as if all of it were new."]


def _drift(env: str, result: RunResult) -> list[str]:
    drift = [_Seen(short(env, stack.stack), change) for stack in result.stacks for change in stack.drift]
    return _listed("Changed behind Terraform (old → new)", drift)


def _by_type(seen: Iterable[_Seen]) -> list[str]:
    """One line a stack: additions are told apart by type alone, and a new env stays readable."""
    stacks: dict[str, Counter[str]] = {}
    for each in seen:
        stacks.setdefault(each.stack, Counter())[each.change.type] += 1
    return [f"- {stack}: {', '.join(f'{count} {code(kind)}' for kind, count in sorted(kinds.items()))}" for stack, kinds in stacks.items()]
