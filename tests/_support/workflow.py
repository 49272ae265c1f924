"""A workflow's own steps, run here: its `run:` blocks as written, in a repository that lies as GitHub's runner lays it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
#: `gh api` as the workflow calls it, over comments in a file. The jq expressions are the workflow's own, run by jq itself.
_GH = """#!{python}
import json, os, pathlib, sys
import jq

words = sys.argv[1:]
assert words.pop(0) == "api" and os.environ["GH_TOKEN"] == "the-token"
file = pathlib.Path(os.environ["COMMENTS"])
held = json.loads(file.read_text()) if file.exists() else []
options = {{}}
for name in ("--method", "--field", "--jq"):
    if name in words:
        at = words.index(name)
        options[name] = words[at + 1]
        del words[at : at + 2]
(path,) = [word for word in words if not word.startswith("--")]
method = options.get("--method", "GET")
if method == "GET":
    assert path == "repos/dandi/hubs/issues/7/comments", path
    for each in jq.compile(options["--jq"]).input(held).all():
        print(each)
    sys.exit()
name, _, source = options["--field"].partition("=@")
assert name == "body"
body = pathlib.Path(source).read_text(encoding="utf-8")
assert len(body) <= 65536
if method == "POST":
    assert path == "repos/dandi/hubs/issues/7/comments", path
    held.append({{"id": 100 + len(held), "user": {{"login": "github-actions[bot]"}}, "body": body}})
else:
    (one,) = [each for each in held if path == f"repos/dandi/hubs/issues/comments/{{each['id']}}"]
    one["body"] = body
file.write_text(json.dumps(held))
"""


@dataclass(frozen=True)
class Workflow:
    """One workflow file."""

    path: Path

    @property
    def text(self) -> str:
        """As written."""
        return self.path.read_text(encoding="utf-8")

    @property
    def data(self) -> dict[Any, Any]:
        """As parsed; the key `on` is True in YAML 1.1."""
        found: dict[Any, Any] = yaml.safe_load(self.text)
        return found

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(job, step) for every step."""
        for name, job in self.data["jobs"].items():
            for step in job["steps"]:
                yield name, step

    def step(self, job: str, name: str) -> dict[str, Any]:
        """The one step of a job with this name."""
        (found,) = [step for where, step in self.steps() if where == job and step.get("name") == name]
        return found


@dataclass
class Runner:
    """A machine of GitHub's: a checkout, a PATH with a fake gh, and files for outputs and summary.

    expressions: what GitHub would put in place of `${{ … }}`, by the expression's text.
    """

    workflow: Workflow
    checkout: Path
    folder: Path
    expressions: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "temp").mkdir()
        gh = self.folder / "bin/gh"
        gh.write_text(_GH.format(python=sys.executable))
        gh.chmod(0o755)

    @property
    def comments(self) -> Path:
        """Where the fake gh keeps what was written."""
        return self.folder / "comments.json"

    def run(self, job: str, name: str) -> subprocess.CompletedProcess[str]:
        """Run one step as the runner would: its own text, its own environment, the workflow's own shell."""
        step = self.workflow.step(job, name)
        script = self.folder / "step.sh"
        script.write_text(step["run"])
        given = {**self.workflow.data["jobs"][job].get("env", {}), **step.get("env", {})}
        environ = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_REPOSITORY": "dandi/hubs",
            "RUNNER_TEMP": str(self.folder / "temp"),
            "COMMENTS": str(self.comments),
            **{name: _EXPRESSION.sub(lambda found: self.expressions[found[1]], str(value)) for name, value in given.items()},
            **self.environ,
        }
        assert self.workflow.data["defaults"] == {"run": {"shell": "bash"}}
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(argv, cwd=self.checkout, env=environ, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)

    @property
    def outputs(self) -> dict[str, str]:
        """What steps have written for later jobs."""
        return dict(line.split("=", 1) for line in (self.folder / "outputs").read_text().splitlines())


def git(folder: Path, *arguments: str) -> None:
    """git without anybody's settings."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main", "-c", "core.hooksPath=/dev/null"]
    subprocess.run(["git", *names, *arguments], cwd=folder, env=environ, check=True, capture_output=True)


def pull_request(folder: Path, changes: dict[str, str | None]) -> None:
    """Commit what is in `folder`, then `changes` (None removes) on a branch, and merge it as GitHub does: HEAD^1 is the base."""
    git(folder, "init")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "base")
    git(folder, "checkout", "-q", "-b", "change")
    for name, text in changes.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")
