"""When the synth starts, what it is given, and how its refusal reaches a person."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.common.errors import HubError
from modules.ops import synth as module
from modules.ops.layout import Layout
from modules.ops.synth import Stack, addresses, digest_of_inputs, in_order, read_stacks, synth

#: Stands in for main.py: writes two stacks, what it was given, and how often it ran.
MAIN = """
import json, os, pathlib, sys
out = pathlib.Path(os.environ["CDKTF_OUTDIR"])
runs = pathlib.Path("runs"); runs.write_text(str(int(runs.read_text()) + 1) if runs.exists() else "1")
pathlib.Path("given").write_text(json.dumps(dict(os.environ)))
stacks = {}
for name, needs in {"demo-network": [], "demo-cluster": ["demo-network"]}.items():
    (out / "stacks" / name).mkdir(parents=True)
    (out / "stacks" / name / "cdk.tf.json").write_text(json.dumps({"resource": {"aws_vpc": {"a": {}, "b": {}}}}))
    stacks[name] = {"dependencies": needs, "synthesizedStackPath": f"stacks/{name}/cdk.tf.json"}
(out / "stacks/demo-cluster/charts/pools").mkdir(parents=True)
(out / "stacks/demo-cluster/charts/pools/Chart.yaml").write_text("name: pools")
(out / "manifest.json").write_text(json.dumps({"stacks": stacks}))
"""
HUB = "name: demo\nregion: eu-west-1\n"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout with one env that extends another file, and a main.py that is quick."""
    root = tmp_path / "with space"
    for name, text in {
        "envs/demo/hub.yaml": f"extends: ../shared/base.yaml\n{HUB}",
        "envs/shared/base.yaml": "tags: {a: b}\n",
        "envs/other/hub.yaml": HUB,
        "modules/stacks/app.py": "",
        "modules/catalog/instances.txt": "",
        "modules/hub/login.py": "",
        "helm/releases.yaml": "",
        "modules/ops/cli.py": "",
        "modules/rehearsal/x.py": "",
        "main.py": MAIN,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Layout(root, "demo")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with a Node, and with things the synth has no use for."""
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\necho v20.0.0\n")
    node.chmod(0o755)
    secrets = {"AWS_SECRET_ACCESS_KEY": "canary", "TF_VAR_token": "canary", "VAULT_TOKEN": "canary", "PYTHONDONTWRITEBYTECODE": "1"}
    return {"PATH": f"{node.parent}:/usr/bin:/bin", "HOME": str(tmp_path), **secrets}


def runs(layout: Layout) -> int:
    return int((layout.root / "runs").read_text())


def test_stacks_come_in_order_and_an_unchanged_env_starts_no_engine(layout: Layout, environ: dict[str, str]) -> None:
    said: list[str] = []
    first, second = synth(layout, environ, said.append), synth(layout, environ, said.append)
    assert len(said) == 1, "a word before what takes seconds"
    assert [stack.name for stack in first.stacks] == ["demo-network", "demo-cluster"]
    assert first.stacks[1].depends_on == ("demo-network",)
    assert (first.resources, first.reused, second.reused, runs(layout)) == (4, False, True, 1)
    assert second.stacks == first.stacks


def test_the_child_is_given_what_it_needs_and_no_secret(layout: Layout, environ: dict[str, str]) -> None:
    synth(layout, environ)
    given = json.loads((layout.root / "given").read_text())
    assert (given["HUB_ENV"], given["CDKTF_OUTDIR"]) == ("demo", str(layout.out))
    assert given["JSII_RUNTIME_PACKAGE_CACHE_ROOT"].endswith("jsii-cache")
    assert "canary" not in json.dumps(given)
    assert "PYTHONDONTWRITEBYTECODE" not in given


def edit(name: str) -> Callable[[Layout], object]:
    def change(layout: Layout) -> object:
        path = layout.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.write_text((path.read_text() if path.exists() else "") + "\n# changed\n")

    return change


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        (edit("envs/demo/hub.yaml"), True),
        (edit("envs/shared/base.yaml"), True),
        (edit("main.py"), True),
        (edit("modules/stacks/app.py"), True),
        (edit("modules/stacks/new.py"), True),
        (edit("modules/catalog/instances.txt"), True),
        (edit("modules/hub/login.py"), True),
        (edit("helm/releases.yaml"), True),
        (edit("helm/nodepools/templates/pool.yaml"), True),
        (lambda layout: (layout.out / "stacks/demo-cluster/charts/pools/Chart.yaml").write_text("name: other"), True),
        (lambda layout: (layout.out / "stacks/demo-cluster/charts/pools/Chart.yaml").unlink(), True),
        (lambda layout: (layout.out / "stacks/demo-network/cdk.tf.json").write_text("{}"), True),
        (lambda layout: shutil.rmtree(layout.out / "stacks"), True),
        (lambda layout: (layout.out / "hubsmith.json").write_text("not json"), True),
        (edit("envs/other/hub.yaml"), False),
        (edit("modules/ops/cli.py"), False),
        (edit("modules/rehearsal/x.py"), False),
        (edit("modules/stacks/__pycache__/app.cpython-311.pyc"), False),
        (edit("README.md"), False),
    ],
)
def test_what_starts_the_engine_again(layout: Layout, environ: dict[str, str], change: Callable[[Layout], object], starts: bool) -> None:
    synth(layout, environ)
    change(layout)
    assert synth(layout, environ).reused is not starts
    assert runs(layout) == 1 + starts


def test_another_version_of_the_engine_is_another_input(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of_inputs(layout.root, "demo")
    monkeypatch.setattr(module.importlib.metadata, "version", lambda name: "99")
    assert digest_of_inputs(layout.root, "demo") != before


@pytest.mark.parametrize(
    ("script", "what", "fix"),
    [
        ("import sys; sys.exit('network.cidr is too small\\n  what to do  make it larger')", "network.cidr is too small", "make it larger"),
        ("import sys; sys.exit('one\\n  two')", "one\n  two", ""),
        ("import sys; sys.exit(3)", "the synth failed: it said nothing", "report"),
        ("raise OSError(28, 'No space left on device')", "the disk is full", "make room"),
        ("raise RuntimeError('EFBIG: file too large, write')", "the disk is full", "make room"),
        ("raise RuntimeError('deep inside')", "the synth failed: RuntimeError: deep inside", "report"),
    ],
)
def test_a_refusal_is_a_sentence_and_never_a_traceback(layout: Layout, environ: dict[str, str], script: str, what: str, fix: str) -> None:
    (layout.root / "main.py").write_text(script)
    with pytest.raises(HubError) as caught:
        synth(layout, environ)
    assert caught.value.what == what
    assert fix in caught.value.fix
    assert "Traceback" not in str(caught.value)
    (layout.root / "main.py").write_text(MAIN)
    assert not synth(layout, environ).reused, "a refused synth is not remembered"


def test_what_python_compiled_on_a_full_disk_is_not_trusted(layout: Layout, environ: dict[str, str]) -> None:
    cut = layout.root / "modules" / "config" / "__pycache__" / "load.cpython-311.pyc"
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"half")
    (layout.root / "main.py").write_text("raise EOFError('marshal data too short')")
    with pytest.raises(HubError, match="the disk is full"):
        synth(layout, environ)
    assert not cut.parent.exists()


def stack(name: str, *needs: str) -> Stack:
    return Stack(name, needs, Path("x"))


@pytest.mark.parametrize(
    ("stacks", "names"),
    [
        ([], []),
        ([stack("c", "a", "b"), stack("b", "a"), stack("a")], ["a", "b", "c"]),
        ([stack("b", "elsewhere"), stack("a")], ["b", "a"]),
    ],
)
def test_order(stacks: list[Stack], names: list[str]) -> None:
    assert [each.name for each in in_order(stacks)] == names


def test_a_circle_is_refused() -> None:
    with pytest.raises(HubError, match="circle"):
        in_order([stack("a", "b"), stack("b", "a")])


def test_addresses_are_sorted_and_data_sources_left_out() -> None:
    document = {"resource": {"aws_vpc": {"b": {}, "a": {}}, "aws_eip": {"z": {}}}, "data": {"aws_partition": {"x": {}}}}
    assert addresses(document) == ("aws_eip.z", "aws_vpc.a", "aws_vpc.b")
    assert addresses({}) == ()


def test_no_manifest_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="nothing was synthesised"):
        read_stacks(tmp_path)
