"""From envs/<env>/hub.yaml to a HubConfig, or to everything that is wrong with it. No network, no environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from modules.config.checks import ALL, ESSENTIAL, run_checks, run_text_checks, valid_sections
from modules.config.merge import leftover_appends, merge
from modules.config.models import HubConfig
from modules.config.problems import ConfigErrors, Path, Problem, did_you_mean, problem
from modules.config.renamed import renamed_keys
from modules.config.translate import translate
from modules.config.yaml_file import Document, Source, parse

#: Below the repository root.
ENVS = "envs"
FILE = "hub.yaml"


@dataclass(frozen=True)
class Loaded:
    """One env's files laid over each other, before anything is validated."""

    file: str
    document: Document
    problems: tuple[Problem, ...]

    def source(self, path: Path) -> Source:
        """Where the value at `path`, or the nearest thing around it, was written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.document.sources:
                return self.document.sources[path[:length]]
        return Source(self.file, 0)


def list_envs(root: FilePath) -> tuple[str, ...]:
    """The names of all envs below `root`: the folders of envs/ that hold a hub.yaml."""
    return tuple(sorted(found.parent.name for found in (root / ENVS).glob(f"*/{FILE}")))


def load_env(root: FilePath, env: str, *, today: date | None = None, judged: bool = True) -> HubConfig:
    """The validated config of one env. Raises ConfigErrors with every problem at once.

    today: the day EKS support is judged on; default: the present one. judged: False leaves out the checks of whether this
    is a good env to build, for commands that look at one or take it away: a version whose support ended since must not
    stand in the way of removing it.
    """
    loaded = read_env(root, env)
    problems = [*loaded.problems, *renamed_keys(loaded), *(run_text_checks(loaded) if judged else ())]
    data = {**loaded.document.data, "env": env}
    config: HubConfig | None = None
    try:
        config = HubConfig.model_validate(data)
        sections = frozenset(HubConfig.model_fields)
        subject = config
    except ValidationError as error:
        problems += _fresh(translate(error, loaded), problems)
        subject, sections = valid_sections(data, error)
    problems += _fresh(run_checks(subject, sections, loaded, today or date.today(), ALL if judged else ESSENTIAL), problems)
    if problems or config is None:
        raise ConfigErrors(problems)
    return config


def _fresh(found: list[Problem], known: list[Problem]) -> list[Problem]:
    """What was found about values that nothing is said about yet: one sentence about a value is enough."""
    said = {each.path for each in known}
    return [each for each in found if each.path not in said]


def read_env(root: FilePath, env: str) -> Loaded:
    """The merged files of one env. Raises ConfigErrors when a file cannot be read or is no YAML at all."""
    envs = list_envs(root)
    file = f"{ENVS}/{env}/{FILE}"
    if env not in envs:
        raise ConfigErrors([problem(file, (), f'there is no env "{env}"{did_you_mean(env, envs)}')])
    merged = Document()
    problems: list[Problem] = []
    for document, found in reversed(list(_chain(root, file))):
        problems += found
        merged = merge(merged, document)
    if problems and (not merged.data or any(each.path == "extends" for each in problems)):
        # Without the file below, everything it says would look missing.
        raise ConfigErrors(problems)
    if "env" in merged.data:
        at = merged.sources[("env",)]
        problems.append(problem(at.file, ("env",), f"is the folder's name, {env}, and cannot be set. Remove the line.", at.line))
        del merged.data["env"]
    return Loaded(file, merged, (*problems, *leftover_appends(merged)))


def _chain(root: FilePath, file: str) -> Iterator[tuple[Document, list[Problem]]]:
    """Each file of an extends chain, the env's own first."""
    seen: list[str] = []
    while True:
        seen.append(file)
        document, problems = _read(root, file)
        extends: Any = document.data.pop("extends", None)
        source = document.sources.pop(("extends",), Source(file, 0))
        yield document, problems
        if extends is None:
            return
        refusal, base = _base_of(root, file, extends, seen)
        if refusal:
            yield Document(), [problem(file, ("extends",), refusal, source.line)]
            return
        file = base


def _read(root: FilePath, file: str) -> tuple[Document, list[Problem]]:
    try:
        text = (root / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return Document(), [problem(file, (), "is not UTF-8 text. Save it as UTF-8.")]
    except OSError as error:
        return Document(), [problem(file, (), f"cannot be read: {error.strerror}. Check that it is a file and its permissions.")]
    return parse(text, file)


def _base_of(root: FilePath, file: str, extends: Any, seen: list[str]) -> tuple[str, str]:
    """("", path below root) of the file that `file` extends, or (why not, "")."""
    if not isinstance(extends, str):
        return "must be one path, such as ../shared/base.yaml. Chain files when there are several.", ""
    top = (root / ENVS).resolve()
    target = (root / file).parent.joinpath(extends).resolve()
    if not target.is_relative_to(top):
        return f'"{extends}" lies outside {ENVS}/. Keep shared files below {ENVS}/shared/.', ""
    base = f"{ENVS}/{target.relative_to(top).as_posix()}"
    if not target.is_file():
        here = {found.relative_to(top).as_posix() for found in top.glob("*/*.yaml")}
        return f'"{extends}" does not exist{did_you_mean(base.removeprefix(ENVS + "/"), here)}', ""
    if base in seen:
        return f"goes in a circle: {' -> '.join([*seen, base])}. Take one extends out.", ""
    return "", base
