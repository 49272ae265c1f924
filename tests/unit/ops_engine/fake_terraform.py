"""A terraform that does as a scenario says, so that the engine's order, retries and signals can be seen in milliseconds.

A scenario is a folder: `<stack>.<command>.json` lists one answer per call (the last one repeats): {"lines": [...],
"code": 0, "seconds": 0.0, "on_interrupt": 1, "saving": 0.0, "show": {...}}. Every call is noted in calls.jsonl with its begin and end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

#: The program itself: run by the Python of the tests, apart from them.
_PROGRAM = """#!{python} -SE
import json, os, signal, sys, time
folder = {folder!r}
arguments = sys.argv[1:]
command = arguments[0]
if command == "version":
    print(json.dumps({{"terraform_version": {version!r}}}))
    sys.exit(0)
if command == "apply" and "-refresh-only" in arguments:
    command = "settle"
if command == "plan" and "-destroy" in arguments:
    command = "plan-destroy"
stack = os.path.basename(os.getcwd())
begin = time.time()
interrupted = []
signal.signal(signal.SIGINT, lambda *_: interrupted.append(time.time()))
name = os.path.join(folder, f"{{stack}}.{{command}}")
open(name + ".begun", "w").close()
answers = json.load(open(name + ".json")) if os.path.exists(name + ".json") else [{{}}]
count = int(open(name + ".count").read()) if os.path.exists(name + ".count") else 0
open(name + ".count", "w").write(str(count + 1))
answer = answers[min(count, len(answers) - 1)]
if command == "plan" or command == "plan-destroy":
    open([each for each in arguments if each.startswith("-out=")][0][5:], "w").write("plan")
if command == "init":
    where = os.path.join(os.environ["TF_DATA_DIR"], "providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64")
    if os.path.islink(where):
        os.unlink(where)
    os.makedirs(where, exist_ok=True)
    open(os.path.join(where, "provider"), "w").close()
    open(".terraform.lock.hcl", "w").close()
for line in answer.get("lines", []):
    print(json.dumps(line) if isinstance(line, dict) else line, flush=True)
if command == "show":
    print(json.dumps(answer.get("show", {{}})))
end = begin + answer.get("seconds", 0.0)
while time.time() < end and not interrupted:
    time.sleep(0.01)
if interrupted:
    time.sleep(answer.get("saving", 0.0))
code = answer.get("on_interrupt", 1) if interrupted else answer.get("code", 0)
note = {{"stack": stack, "command": command, "arguments": arguments, "begin": begin, "end": time.time(), "interrupts": len(interrupted),
        "files": sorted(os.listdir(".")), "group": os.getpgrp(), "pid": os.getpid(), "umask": oct(os.umask(0)),
        "environment": {{key: value for key, value in os.environ.items() if key.startswith(("TF_", "AWS_"))}}}}
with open(os.path.join(folder, "calls.jsonl"), "a") as file:
    file.write(json.dumps(note) + "\\n")
sys.exit(code)
"""


class FakeTerraform:
    """The scenario folder and the program that plays it."""

    def __init__(self, folder: Path, version: str = "1.11.4") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "bin" / "terraform"
        self.path.parent.mkdir()
        self.path.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder), version=version))
        self.path.chmod(0o755)

    def answers(self, stack: str, command: str, *answers: dict[str, Any]) -> None:
        """What the calls of `command` on `stack` do, in turn; the last answer repeats."""
        (self.folder / f"{stack}.{command}.json").write_text(json.dumps(list(answers)))

    def has_begun(self, stack: str, command: str) -> bool:
        """Whether such a call is far enough to hear signals."""
        return (self.folder / f"{stack}.{command}.begun").exists()

    def calls(self, command: str | None = None) -> list[dict[str, Any]]:
        """Every call that ended, in the order of their ends; of one command, or all."""
        path = self.folder / "calls.jsonl"
        notes = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [note for note in notes if command in (None, note["command"])]


def planned(address: str, action: str = "create", **more: Any) -> dict[str, Any]:
    """A planned_change event."""
    kind = address.split(".")[0]
    resource = {"addr": address, "resource_type": kind}
    return {"type": "planned_change", "change": {"resource": resource, "action": action, **more}}


def hook(kind: str, address: str, action: str = "create") -> dict[str, Any]:
    """apply_start, apply_complete, apply_errored …"""
    return {"type": kind, "hook": {"resource": {"addr": address}, "action": action}}


def error(summary: str, detail: str = "", address: str = "") -> dict[str, Any]:
    """An error diagnostic."""
    return {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": detail, "address": address}}
