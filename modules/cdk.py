"""The engine seam: the one file that names `cdktf`, and the one to change when the engine becomes `cdktn`.

It pulls the two speed levers (provider submodules load on use, in Python and in Node) and gives stacks a base class
that owns the S3 backend. Constructs of this project are plain classes that add resources to a stack under ids that
begin with their own: the tree stays flat, so a resource's Terraform address is the id a reader sees in the source.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

_ENGINE = "cdktf"
_BINDINGS = "cdktf_cdktf_provider_"
_STOCK = "HUB_SYNTH_STOCK"


def _hook_node() -> None:
    """Lever 2: every Node that jsii starts loads lazy-require.cjs first."""
    hook = Path(__file__).with_name("lazy-require.cjs")
    options = os.environ.get("NODE_OPTIONS", "")
    if str(hook) not in options:
        os.environ["NODE_OPTIONS"] = f'{options} --require="{hook}"'.strip()


def _lazy_package(name: str) -> ModuleType:
    """Lever 1: the package `name` without running its `__init__`, which imports every submodule (9 s)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed", name=name)
    package = ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    package.__file__ = spec.origin
    package.__package__ = name

    def load(attribute: str) -> ModuleType:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        try:
            return importlib.import_module(f"{name}.{attribute}")
        except ModuleNotFoundError as error:
            if error.name != f"{name}.{attribute}":
                raise
            raise AttributeError(f"{name} has no submodule {attribute!r}") from None

    vars(package)["__getattr__"] = load
    sys.modules[name] = package
    return package


# jsii prints a banner for each Node that is past its end of life; a list of majors silences it.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "18,20,21,23")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
os.environ.setdefault("CHECKPOINT_DISABLE", "1")

if not os.environ.get(_STOCK):
    _hook_node()
_load = importlib.import_module if os.environ.get(_STOCK) else _lazy_package

#: The providers' bindings, one attribute per resource: `aws.vpc.Vpc`. Typed as Any, because a type checker that reads all
#: 1,600 of them takes minutes; jsii checks every argument at synth instead.
aws: Any = _load(f"{_BINDINGS}aws")
kubernetes: Any = _load(f"{_BINDINGS}kubernetes")
helm: Any = _load(f"{_BINDINGS}helm")

_engine = importlib.import_module(_ENGINE)
Fn: Any = _engine.Fn
TerraformLocal: Any = _engine.TerraformLocal
Lifecycle: Any = _engine.TerraformResourceLifecycle


#: Where a stack's charts lie beside its document.
CHARTS = "charts"


class Aspect(Protocol):
    """A rule for every resource of a stack; it may change the resource, or raise HubError with its path."""

    def visit(self, stack: Stack, resource: Any) -> None:
        """Look at one resource."""


@dataclass(frozen=True)
class Backend:
    """Where a stack's state lives. Credentials and endpoints come from the environment: anything else given to the
    engine here would be copied, in clear, into every stack that reads this one's outputs."""

    bucket: str
    key: str
    region: str
    lock_table: str


class App(_engine.App):  # type: ignore[misc, name-defined]  # the engine carries no types for a subclass
    """All stacks of a run. `outdir` defaults to cdktf.out, as `cdktf synth` expects."""

    def __init__(self, outdir: str | None = None) -> None:
        super().__init__(outdir=outdir)
        self.stacks: list[Stack] = []

    def synth(self) -> None:
        """Run each stack's aspects, then write the stacks."""
        for stack in self.stacks:
            stack.run_aspects()
        super().synth()
        for stack in self.stacks:
            stack.ship(Path(self.outdir) / "stacks" / stack.name)


class Stack(_engine.TerraformStack):  # type: ignore[misc, name-defined]
    """One Terraform state: owns the backend and the aspects, so that no stack can forget either."""

    def __init__(self, app: App, name: str, *, backend: Backend, aspects: Sequence[Aspect]) -> None:
        super().__init__(app, name)
        app.stacks.append(self)
        self.name = name
        self._aspects = tuple(aspects)
        self._charts: dict[str, Path] = {}
        _engine.S3Backend(self, bucket=backend.bucket, key=backend.key, region=backend.region)
        # Overrides, because the engine copies constructor arguments into the remote-state blocks of other stacks,
        # where locking has no meaning, and because its S3Backend does not know use_lockfile.
        for argument, value in {"encrypt": True, "dynamodb_table": backend.lock_table, "use_lockfile": True}.items():
            self.add_override(f"terraform.backend.s3.{argument}", value)
        self.add_override("terraform.required_version", ">= 1.11")

    def run_aspects(self) -> None:
        """Show every resource to every aspect. The engine's own Aspects.of(app) is a silent no-op."""
        for resource in resources(self):
            for aspect in self._aspects:
                aspect.visit(self, resource)

    def chart(self, folder: Path) -> str:
        """Take a chart of ours along, and give the path a helm_release names it by, from where Terraform runs."""
        self._charts[folder.name] = folder
        return f"./{CHARTS}/{folder.name}"

    def ship(self, outdir: Path) -> None:
        """Lay the stack's charts beside its document."""
        for name, folder in self._charts.items():
            shutil.copytree(folder, outdir / CHARTS / name, dirs_exist_ok=True)

    def ephemeral(self, kind: str, name: str, **arguments: Any) -> str:
        """A value that Terraform reads when it runs and keeps nowhere; gives the reference to it, for write-only arguments.
        The engine has no class for these blocks, which came with Terraform 1.10."""
        self.add_override(f"ephemeral.{kind}.{name}", arguments)
        return f"ephemeral.{kind}.{name}"

    def output(self, name: str, value: Any, *, description: str, sensitive: bool = False) -> None:
        """A Terraform output that people and `./hub status` read."""
        _engine.TerraformOutput(self, f"out-{name}", value=value, description=description, sensitive=sensitive).override_logical_id(name)


def resources(stack: Stack) -> Iterator[Any]:
    """Every managed resource of a stack, in the order of creation; data sources are none."""
    for node in stack.node.find_all():
        if isinstance(node, _engine.TerraformResource):
            yield node


def local(stack: Stack, name: str, expression: Any) -> str:
    """A named Terraform local, for an expression that several places use; gives the reference to it."""
    made = TerraformLocal(stack, name, expression)
    made.override_logical_id(name)
    return str(made.as_string)


def number(expression: str) -> Any:
    """An expression of Terraform's for an argument that the bindings want to be a number."""
    return _engine.Token.as_number(expression)


def literal(text: str) -> str:
    """`text` as Terraform must be told it, so that `${` and `%{` in it stay what they are."""
    return text.replace("${", "$${").replace("%{", "%%{")


def keep(protect: bool) -> Any:
    """The lifecycle of a resource that holds users' data: Terraform refuses to destroy it while `protect` is true."""
    return Lifecycle(prevent_destroy=True) if protect else None
