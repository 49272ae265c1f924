"""Starting the synth as a child process, or not at all when nothing it reads has changed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.common.errors import HubError
from modules.config.load import ENVS, FILE, read_env
from modules.ops.failures.disk import FULL, disk_is_full
from modules.ops.layout import Layout, private_dir, write_json, write_private
from modules.ops.tools import find_node

_PACKAGES = (
    "cdktf",
    "cdktf-cdktf-provider-aws",
    "cdktf-cdktf-provider-kubernetes",
    "cdktf-cdktf-provider-helm",
    "jsii",
    "constructs",
    "pydantic",
    "PyYAML",
)
#: Rooms a synth cannot read (import contracts), so that work on them does not start it.
_NOT_READ = ("ops", "rehearsal")
_RECORD = "hubsmith.json"
#: What the synth has no use for, and what therefore cannot leak into it.
_WITHHELD = ("AWS_", "TF_", "VAULT_", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "CDKTF_")
#: What Python says of a compiled file that a full disk cut short.
_CUT_SHORT = "marshal data too short"
#: A cold jsii cache on a slow machine takes a minute.
_DEADLINE_SECONDS = 600


@dataclass(frozen=True)
class Stack:
    """One synthesised stack. depends_on: the stacks whose outputs it reads."""

    name: str
    depends_on: tuple[str, ...]
    path: Path

    def document(self) -> dict[str, Any]:
        """The stack as Terraform JSON."""
        document: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return document


@dataclass(frozen=True)
class Synthesised:
    """The stacks of one env, each after those it depends on. reused: nothing had changed, no engine was started."""

    stacks: tuple[Stack, ...]
    reused: bool
    seconds: float

    @property
    def resources(self) -> int:
        """How many resources all stacks hold."""
        return sum(len(addresses(stack.document())) for stack in self.stacks)


def addresses(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The address of every managed resource of one stack."""
    return tuple(f"{kind}.{name}" for kind, named in sorted(document.get("resource", {}).items()) for name in sorted(named))


def protected(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of one stack that refuse to be destroyed (lifecycle prevent_destroy)."""
    resource = document.get("resource", {})
    return tuple(
        address
        for address in addresses(document)
        if (resource[address.partition(".")[0]][address.partition(".")[2]].get("lifecycle") or {}).get("prevent_destroy")
    )


def synth(layout: Layout, environ: Mapping[str, str], say: Callable[[str], None] = lambda text: None) -> Synthesised:
    """The stacks of the env, synthesised if anything changed since they were last; `say` hears of it before it starts.

    Raises HubError with the child's own sentence when it refuses, e.g. because a rule of modules/aspects is broken.
    """
    started = time.monotonic()
    inputs = digest_of_inputs(layout.root, layout.env)
    record = _read(layout.out / _RECORD)
    reused = record.get("inputs") == inputs and record.get("outputs") == _digest_of_outputs(layout.out)
    if not reused:
        say("synthesising; the first time on a machine takes a quarter of a minute")
        _start_engine(layout, environ)
        write_json(layout.out / _RECORD, {"inputs": inputs, "outputs": _digest_of_outputs(layout.out)})
    return Synthesised(read_stacks(layout.out), reused, time.monotonic() - started)


def read_stacks(out: Path) -> tuple[Stack, ...]:
    """The stacks of one synth output, each after those it depends on. Raises HubError when there is none."""
    entries = _read(out / "manifest.json").get("stacks") or {}
    if not entries:
        raise HubError("nothing was synthesised", where=str(out), fix="run the same command again; if it stays, report it")
    found = {
        name: Stack(name, tuple(sorted(entry.get("dependencies", ()))), out / entry["synthesizedStackPath"])
        for name, entry in sorted(entries.items())
    }
    return in_order(found.values())


def in_order(stacks: Iterable[Stack]) -> tuple[Stack, ...]:
    """Stacks sorted so that each follows those it depends on; dependencies outside `stacks` do not matter."""
    left = {stack.name: stack for stack in stacks}
    done: list[Stack] = []
    while left:
        ready = [stack for stack in left.values() if not any(name in left for name in stack.depends_on)]
        if not ready:
            raise HubError(f"the stacks {', '.join(left)} depend on each other in a circle", fix="this is a defect of ours; report it")
        done += ready
        for stack in ready:
            del left[stack.name]
    return tuple(done)


def digest_of_inputs(root: Path, env: str) -> str:
    """A digest of all that decides the output: the env's files, our sources and charts, the engine's versions, Python's."""
    used = {f"{ENVS}/{env}/{FILE}"} | {source.file for source in read_env(root, env).document.sources.values()}
    files = [root / name for name in sorted(used)] + [root / "main.py"]
    files += sorted(
        path
        for path in (root / "modules").rglob("*")
        if path.is_file() and path.suffix in {".py", ".cjs", ".txt", ".json"} and path.relative_to(root).parts[1] not in _NOT_READ
    )
    files += sorted(path for path in (root / "helm").rglob("*") if path.is_file())
    found = hashlib.sha256(sys.version.encode())
    for package in _PACKAGES:
        found.update(f"{package}=={_version(package)}\n".encode())
    for path in files:
        found.update(f"{path.relative_to(root)}\0".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b"missing")
    return found.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _digest_of_outputs(out: Path) -> str:
    found = hashlib.sha256()
    for path in sorted([*out.glob("manifest.json"), *out.glob("stacks/*/cdk.tf.json"), *_charts(out)]):
        found.update(f"{path.relative_to(out)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _charts(out: Path) -> Iterator[Path]:
    """The files of our own charts, as the synth laid them beside the stacks that install them."""
    return (path for path in out.glob("stacks/*/charts/**/*") if path.is_file())


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _start_engine(layout: Layout, environ: Mapping[str, str]) -> None:
    shutil.rmtree(layout.out, ignore_errors=True)
    private_dir(layout.out)
    try:
        answer = subprocess.run(
            [sys.executable, "main.py"],
            cwd=layout.root,
            env=_environment(layout, environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_DEADLINE_SECONDS,
            umask=0o077,
        )
    except subprocess.TimeoutExpired as error:
        raise HubError(f"the synth did not end within {_DEADLINE_SECONDS} s", fix="run the same command again") from error
    if answer.returncode:
        raise _refusal(layout, answer.stdout + answer.stderr)


def _environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    node = find_node(environ)
    kept = {name: value for name, value in environ.items() if not name.startswith(_WITHHELD)}
    # A cold cache costs 13 s; in the virtual environment it goes away together with the packages it was made from.
    cache = Path(sys.prefix) / "jsii-cache" if sys.prefix != sys.base_prefix else layout.shared / "jsii-cache"
    return kept | {
        "HUB_ENV": layout.env,
        "CDKTF_OUTDIR": str(layout.out),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache),
        "JSII_NODE": str(node),
        "PATH": f"{node.parent}{os.pathsep}{environ.get('PATH', '')}",
        "CHECKPOINT_DISABLE": "1",
    }


def _refusal(layout: Layout, output: str) -> HubError:
    """The child's sentence when it was meant for a person, else its last line with the whole in a file."""
    text = output.strip()
    if text and "Traceback (most recent call last)" not in text:
        head, _, fix = text.partition("\n  what to do  ")
        return HubError(head, fix=fix)
    if re.search(FULL, text) or _CUT_SHORT in text:
        # Python trusts what it compiled, also when the disk took only half of it.
        for cache in list((layout.root / "modules").rglob("__pycache__")):
            shutil.rmtree(cache, ignore_errors=True)
        return disk_is_full(layout.out)
    log = layout.home / "synth.log"
    write_private(log, output)
    last = text.splitlines()[-1] if text else "it said nothing"
    return HubError(
        f"the synth failed: {last}", where=str(log.relative_to(layout.root)), fix="this is a defect of ours; report it with that file"
    )
