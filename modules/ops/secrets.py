"""The secrets an env's stacks read, and their values until they can be put where they belong.

Which there are is read from the synthesised documents, so a part of hub.yaml that needs one cannot be forgotten here.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.common.errors import HubError
from modules.common.tags import address_value
from modules.common.vault import SECRETS as OF_VAULT
from modules.config.models import HubConfig
from modules.ops.desktop.login import shape_problem
from modules.ops.synth import Stack

_CONTAINER, _VALUE = "aws_secretsmanager_secret", "aws_secretsmanager_secret_version"
_REFERENCE = re.compile(rf"\$\{{{_CONTAINER}\.(?P<name>[\w-]+)\.(?:arn|id|name)\}}")
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
_BYTES_MAX = 65536


@dataclass(frozen=True)
class Need:
    """One secret. id: its name in Secrets Manager. readers: the stacks that read it. made: no person fills it (see `by`).

    container: stack and address of the resource that makes it, as its tag has them; "" when none does.
    """

    id: str
    readers: tuple[str, ...] = ()
    made: bool = False
    container: str = ""

    @property
    def name(self) -> str:
        """What hub.yaml and people call it."""
        return self.id.rpartition("/")[2]

    @property
    def by(self) -> str:
        """Who fills it: Terraform what nobody has to know, Hubsmith (an install, `./hub vault`) what is Vault's, and else you."""
        if not self.made:
            return "you"
        return "Hubsmith" if self.name in OF_VAULT else "Terraform"

    @property
    def variable(self) -> str:
        """The environment variable that may bring its value."""
        return f"TF_VAR_{re.sub(r'[^0-9A-Za-z]', '_', self.name)}"


def needs(stacks: Sequence[Stack]) -> tuple[Need, ...]:
    """Every secret that the stacks read or make room for, sorted by name."""
    documents = {stack.name: stack.document() for stack in stacks}
    containers = {
        str(body["name"]): address_value(stack, f"{_CONTAINER}.{key}")
        for stack, document in documents.items()
        for key, body in _named(document, "resource", _CONTAINER).items()
    }
    made = {id for document in documents.values() for id in _ids(document, "resource")}
    readers: dict[str, list[str]] = {id: [] for id in containers}
    for stack, document in documents.items():
        for id in _read(document):
            readers.setdefault(id, []).append(stack)
    made |= {id for id in readers if id.rpartition("/")[2] in OF_VAULT}
    return tuple(Need(id, tuple(found), id in made, containers.get(id, "")) for id, found in sorted(readers.items()))


def read_by(stack: Stack) -> tuple[str, ...]:
    """The ids of the secrets that one stack reads."""
    return _read(stack.document())


def _read(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What one document reads: secrets as ephemeral values, and the one that is none (Vault's CA) as data."""
    return tuple(sorted({*_ids(document, "ephemeral"), *_ids(document, "data")}))


def check_value(config: HubConfig, name: str, value: str) -> str:
    """`value` as it is kept, without the end of its line. Raises HubError, which never repeats it, when it cannot be right."""
    value = value.rstrip("\r\n")
    if not value.strip():
        raise HubError(f"the value of {name} is empty. Nothing was changed", fix="give it on standard input, or type it when asked")
    if len(value.encode()) > _BYTES_MAX:
        raise HubError(f"the value of {name} is longer than {_BYTES_MAX} bytes", fix="Secrets Manager takes no more; name another file")
    if name == _dandi(config) and not _is_tokens(value):
        raise HubError(f"the value of {name} is no JSON object of tokens by server", fix='write it as {"https://api.example.org": "token"}')
    problem = shape_problem(config, name, value)
    if problem:
        raise HubError(f"the value of {name}: {problem[0]}. Nothing was changed", fix=problem[1])
    return value


def gather(
    config: HubConfig, missing: Sequence[Need], environ: Mapping[str, str], ask: Callable[[str], str | None]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Values of all `missing` by id, and the names of those that were made up, which only a rehearsal's are.

    ask: gives what a person types, None where nobody can. Raises HubError that names every secret still without a value.
    """
    found: dict[str, str] = {}
    made_up, still = [], []
    for need in missing:
        given = environ.get(need.variable)
        if not given and config.rehearsal:
            given = _made_up(config, need.name)
            made_up.append(need.name)
        if not given:
            given = ask(f"Value of the secret {need.name} of {config.env} (not shown): ")
        if given:
            found[need.id] = check_value(config, need.name, given)
        else:
            still.append(need)
    if still:
        raise lacking(config, still)
    return found, tuple(made_up)


def lacking(config: HubConfig, missing: Collection[Need]) -> HubError:
    """The refusal that names what has no value, and the command for each."""
    names = [need.name for need in missing]
    commands = "; ".join(f"./hub secrets set {config.env} {name}" for name in names)
    return HubError(f"{'this secret has' if len(names) == 1 else 'these secrets have'} no value yet: {', '.join(names)}", fix=commands)


def _named(document: Mapping[str, Any], section: str, kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (document.get(section) or {}).get(kind) or {}
    return found


def _ids(document: Mapping[str, Any], section: str) -> Iterator[str]:
    """The secrets' ids that the version blocks of one section name; a reference is followed to its container."""
    containers = _named(document, "resource", _CONTAINER)
    for body in _named(document, section, _VALUE).values():
        id = str(body.get("secret_id", ""))
        match = _REFERENCE.fullmatch(id)
        if match and match["name"] in containers:
            yield str(containers[match["name"]]["name"])
        elif "${" not in id:
            yield id


def _dandi(config: HubConfig) -> str:
    return config.auth.dandi_token if config.auth.kind == "github" else ""


def _is_tokens(value: str) -> bool:
    try:
        tokens = json.loads(value)
    except ValueError:
        return False
    return isinstance(tokens, dict) and bool(tokens) and all(isinstance(token, str) and token for token in tokens.values())


def _made_up(config: HubConfig, name: str) -> str:
    if config.auth.kind == "github" and name == config.auth.dandi_token:
        return json.dumps({server: secrets.token_hex(20) for server in config.auth.allow.dandi_registered})
    return secrets.token_hex(20)
