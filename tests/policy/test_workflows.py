"""diff.yml: what it may do, what its steps do when they are run, and that zizmor finds nothing in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modules.iam.plan_role import ENVIRONMENT
from modules.ops.pull_request.report import LABEL, marker
from tests._support.workflow import ROOT, Runner, Workflow, pull_request

FILE = ROOT / ".github/workflows/diff.yml"
WORKFLOW = Workflow(FILE)
SAME = "github.event.pull_request.head.repo.full_name == github.repository && vars.HUB_PLAN_ENVS || ''"
APPROVED = "contains(github.event.pull_request.labels.*.name, 'data-loss-approved')"
HUB = """#!/bin/bash
# ./hub of a test: says what it was asked, writes a report, ends as told.
echo "$*" >> "$CALLS"
if [[ "$1" == plan-role ]]; then printf 'role=arn:aws:iam::1:role/plan\\nregion=eu-west-1\\n'; exit; fi
out=""; for word in "$@"; do [[ "$out" == next ]] && out="$word"; [[ "$word" == --out ]] && out=next; done
[[ -n "$FAKE_SILENT" ]] || printf '%s\\n' "<!-- hubsmith-plan: $2 -->" "### $2" > "$out"
exit "$FAKE_CODE"
"""


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    answer = subprocess.run(
        [str(zizmor), "--offline", "--no-progress", "--format", "json", str(FILE.parent)], capture_output=True, text=True, timeout=120
    )
    assert (answer.returncode, json.loads(answer.stdout)) == (0, []), answer.stderr


def test_zizmor_would_find_something(tmp_path: Path) -> None:
    bad = tmp_path / "diff.yml"
    bad.write_text(WORKFLOW.text.replace("@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "@main"))
    answer = subprocess.run(
        [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress", str(bad)], capture_output=True, timeout=120
    )
    assert answer.returncode >= 10


def test_actions_are_pinned_and_name_their_release() -> None:
    used = re.findall(r"uses: (\S+)(.*)", WORKFLOW.text)
    assert len(used) == 7
    assert [
        name for name, comment in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) or not re.match(r" # v\d", comment)
    ] == []


def test_a_checkout_leaves_no_token_behind() -> None:
    found = [step["with"]["persist-credentials"] for _, step in WORKFLOW.steps() if step.get("uses", "").startswith("actions/checkout")]
    assert found == [False] * 3


def test_each_job_may_do_what_it_needs() -> None:
    assert WORKFLOW.data["permissions"] == {}
    assert {name: job["permissions"] for name, job in WORKFLOW.data["jobs"].items()} == {
        "changes": {"contents": "read"},
        "account": {"contents": "read", "id-token": "write"},
        "offline": {"contents": "read"},
        "diff": {"pull-requests": "write"},
    }


def test_the_job_that_may_write_runs_nothing_of_the_pull_requests() -> None:
    assert [step["uses"].split("@")[0] for name, step in WORKFLOW.steps() if name == "diff" and "uses" in step] == [
        "actions/download-artifact"
    ]


def test_it_runs_on_pull_requests_alone_and_never_with_the_bases_rights() -> None:
    assert WORKFLOW.data[True] == {"pull_request": {"types": ["opened", "synchronize", "reopened", "labeled", "unlabeled"]}}


def test_no_expression_is_pasted_into_a_script() -> None:
    assert [step["name"] for _, step in WORKFLOW.steps() if "${{" in step.get("run", "")] == []


def test_the_names_it_shares_with_the_code() -> None:
    assert WORKFLOW.data["jobs"]["account"]["environment"] == ENVIRONMENT
    assert f"labels.*.name, '{LABEL}')" in WORKFLOW.text


def test_shellcheck_finds_nothing_in_the_steps(tmp_path: Path) -> None:
    files = []
    for number, (_, step) in enumerate((job, step) for job, step in WORKFLOW.steps() if "run" in step):
        files.append(tmp_path / f"{number}.sh")
        files[-1].write_text(f"#!/bin/bash\n{step['run']}")
    answer = subprocess.run(["shellcheck", *map(str, files)], capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of three envs, not yet under git."""
    folder = tmp_path / "checkout"
    for env in ("dandi", "demo", "linc"):
        (folder / "envs" / env).mkdir(parents=True)
        (folder / "envs" / env / "hub.yaml").write_text(f"name: {env}\n")
    (folder / "hub").write_text(HUB)
    (folder / "hub").chmod(0o755)
    shutil.copytree(ROOT / ".github", folder / ".github")
    return folder


@pytest.fixture
def runner(tmp_path: Path, checkout: Path) -> Runner:
    """A runner whose ./hub says what it was asked."""
    environ = {"CALLS": str(tmp_path / "calls"), "FAKE_CODE": "0", "FAKE_SILENT": ""}
    fixed = {"github.token": "the-token", "github.event.pull_request.number": "7", SAME: "dandi", APPROVED: "false"}
    return Runner(WORKFLOW, checkout, tmp_path / "runner", fixed, environ)


@pytest.mark.parametrize(
    ("changes", "with_account", "found"),
    [
        ({"envs/demo/hub.yaml": "name: x\n"}, "dandi", ([], ["demo"], "demo", "")),
        ({"envs/dandi/hub.yaml": "name: x\n"}, "dandi", (["dandi"], [], "dandi", "")),
        ({"envs/dandi/hub.yaml": "name: x\n"}, "", ([], ["dandi"], "dandi", "")),
        ({"envs/shared/base.yaml": "a: b\n"}, "dandi linc", (["dandi", "linc"], ["demo"], "dandi demo linc", "")),
        ({"modules/x.py": "", "docs/a.md": ""}, "all", (["dandi", "demo", "linc"], [], "dandi demo linc", "")),
        ({"requirements.txt": "x"}, "", ([], ["dandi", "demo", "linc"], "dandi demo linc", "")),
        ({"docs/a b.md": "", "envs/README": "", "tests/x.py": ""}, "all", ([], [], "", "")),
        ({"envs/new/hub.yaml": "name: new\n"}, "dandi", ([], ["new"], "new", "")),
        ({"envs/linc/hub.yaml": None}, "all", ([], [], "", "linc")),
        ({"envs/$(id)/hub.yaml": "name: x\n", "envs/a\nb=c/hub.yaml": "name: x\n"}, "all", ([], [], "", "")),
    ],
)
def test_which_envs_a_change_touches(
    runner: Runner, changes: dict[str, str | None], with_account: str, found: tuple[list[str], list[str], str, str]
) -> None:
    pull_request(runner.checkout, changes)
    runner.expressions[SAME] = with_account
    answer = runner.run("changes", "Find the envs")
    assert answer.returncode == 0, answer.stderr
    got = runner.outputs
    assert (json.loads(got["account"]), json.loads(got["offline"]), got["envs"], got["removed"]) == found


@pytest.mark.parametrize("code", ["2", "3"])
@pytest.mark.parametrize(
    ("job", "approved", "asked"),
    [
        ("account", "false", "plan dandi --out report/dandi.md --base {base}"),
        ("account", "true", "plan dandi --out report/dandi.md --base {base} --allow-data-loss"),
        ("offline", "false", "plan dandi --offline --out report/dandi.md --base {base}"),
    ],
)
def test_a_plan_leaves_its_report_and_its_code(runner: Runner, code: str, job: str, approved: str, asked: str) -> None:
    pull_request(runner.checkout, {"envs/dandi/hub.yaml": "name: new\n"})
    runner.expressions |= {"matrix.env": "dandi", APPROVED: approved}
    runner.environ["FAKE_CODE"] = code
    base = runner.folder / "temp/base"
    assert runner.run(job, "Lay out the base").returncode == 0
    assert (base / "envs/dandi/hub.yaml").read_text() == "name: dandi\n"
    answer = runner.run(job, "Plan")
    assert answer.returncode == 0, answer.stderr
    assert Path(runner.environ["CALLS"]).read_text().strip() == asked.format(base=base)
    assert (runner.checkout / "report/dandi.code").read_text().strip() == code
    assert (runner.folder / "summary").read_text() == f"{marker('dandi')}\n### dandi\n"


def test_the_role_is_named_for_the_credentials(runner: Runner) -> None:
    runner.expressions["matrix.env"] = "dandi"
    assert runner.run("account", "Name the role").returncode == 0
    assert runner.outputs == {"role": "arn:aws:iam::1:role/plan", "region": "eu-west-1"}


def finish(runner: Runner, reports: dict[str, tuple[str, str]], *, removed: str = "", found: str = "success", envs: str = "") -> int:
    """Run the last job over these reports (text and code by env); the exit code of its judgement."""
    folder = runner.checkout / "reports"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for env, (text, code) in reports.items():
        (folder / f"{env}.md").write_text(text)
        (folder / f"{env}.code").write_text(f"{code}\n")
    runner.expressions |= {
        "needs.changes.outputs.envs": envs or " ".join(reports),
        "needs.changes.outputs.removed": removed,
        "needs.changes.result": found,
    }
    for name in ("Put the reports together", "Comment"):
        answer = runner.run("diff", name)
        assert answer.returncode == 0, answer.stderr
    return runner.run("diff", "Judge").returncode


def bodies(runner: Runner) -> list[str]:
    return [each["body"] for each in json.loads(runner.comments.read_text())] if runner.comments.exists() else []


def test_one_comment_is_written_and_then_updated_in_place(runner: Runner) -> None:
    foreign = [
        {"id": 1, "user": {"login": "ada"}, "body": "<!-- hubsmith-diff --> is what it begins with"},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "another workflow's"},
    ]
    runner.comments.write_text(json.dumps(foreign))
    assert finish(runner, {"dandi": ("first\n", "2"), "demo": ("same\n", "0")}) == 0
    assert finish(runner, {"dandi": ("second\n", "2")}) == 0
    assert bodies(runner)[:2] == [each["body"] for each in foreign]
    assert bodies(runner)[2:] == ["<!-- hubsmith-diff -->\n## What this would change\n\nsecond\n\n"]


def test_a_pull_request_that_touches_nothing_gets_no_comment_but_an_old_one_is_corrected(runner: Runner) -> None:
    assert finish(runner, {}) == 0
    assert bodies(runner) == []
    finish(runner, {"dandi": ("first\n", "2")})
    assert finish(runner, {}) == 0
    assert [body.splitlines()[-2] for body in bodies(runner)] == ["No env is touched."]


@pytest.mark.parametrize(
    ("reports", "envs", "found", "code"),
    [
        ({"dandi": ("x", "0"), "demo": ("x", "2")}, "", "success", 0),
        ({"dandi": ("x", "3"), "demo": ("x", "2")}, "", "success", 1),
        ({"dandi": ("x", "1")}, "", "success", 1),
        ({"dandi": ("x", "130")}, "", "success", 1),
        ({"dandi": ("x", "2")}, "dandi demo", "success", 1),
        ({}, "", "failure", 1),
        ({}, "", "cancelled", 1),
    ],
)
def test_the_check(runner: Runner, reports: dict[str, tuple[str, str]], envs: str, found: str, code: int) -> None:
    assert finish(runner, reports, envs=envs, found=found) == code
    missing = set(envs.split()) - reports.keys()
    assert all(f"### ✖ {env}: no report" in bodies(runner)[0] for env in missing)


def test_an_env_whose_file_goes_is_said_in_red(runner: Runner) -> None:
    assert finish(runner, {}, removed="linc") == 0
    assert "🔴 **linc**: its file is removed" in bodies(runner)[0]


def test_a_comment_that_grows_too_long_loses_what_is_folded_first(runner: Runner) -> None:
    folded = f"<details><summary>long</summary>\n\n{'é' * 40 * 1000}\n\n</details>\n"
    finish(runner, {"dandi": (f"### dandi\n{folded}", "2"), "demo": (f"### demo\n{folded}", "2")})
    (body,) = bodies(runner)
    assert ("### dandi" in body, "### demo" in body, "é" in body, "This is cut" in body) == (True, True, False, True)
    finish(runner, {"dandi": ("ü line\n" * 20_000, "2")})
    assert len(bodies(runner)[0].encode()) < 65_536
