"""Reading a dandihub terraform.tfvars and writing the hub.yaml that says the same.

Parsing is python-hcl2's: HCL has strings, heredocs and comments enough to get wrong. It is imported only here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from modules.catalog.eks import support_of, supported_versions
from modules.config.problems import ConfigErrors, problem
from modules.config.redact import redact, secret_shape


@dataclass(frozen=True)
class Unmapped:
    """One variable that the hub.yaml does not carry, and what to do about it. Never its value."""

    name: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """A hub.yaml, and the variables that did not make it."""

    yaml: str
    unmapped: tuple[Unmapped, ...]


@dataclass
class _Target:
    today: date
    data: dict[str, Any] = field(default_factory=dict)
    unmapped: list[Unmapped] = field(default_factory=list)

    def put(self, path: str, value: Any) -> None:
        here = self.data
        *parents, last = path.split(".")
        for parent in parents:
            here = here.setdefault(parent, {})
        here[last] = value

    def leave(self, name: str, reason: str) -> None:
        self.unmapped.append(Unmapped(name, reason))


_HEAD = """\
# yaml-language-server: $schema=../schema.json
# Imported from {file}. Whatever says CHANGEME was not in it; ./hub validate lists those.
"""
_CHANGEME = "CHANGEME"


def import_tfvars(text: str, file: str, *, today: date | None = None) -> Imported:
    """The hub.yaml for a dandihub `terraform.tfvars`. Raises ConfigErrors when `text` is no HCL."""
    variables = _parse(text, file)
    target = _Target(today or date.today())
    target.data = {"extends": "../shared/dandihub.yaml", "name": _CHANGEME, "region": _CHANGEME, "aws": {"account": _CHANGEME}}
    target.data |= {"domain": _CHANGEME, "auth": {"kind": "github"}}
    for name, value in variables.items():
        if isinstance(value, str) and ("${" in value or "%{" in value):
            target.leave(name, "is an expression. Write its value into hub.yaml.")
        elif name in _MAP:
            _MAP[name](target, name, value)
        elif name in _LEFT:
            target.leave(name, _LEFT[name])
        else:
            target.leave(name, "is no variable of dandihub. If it matters, find its setting in docs/config.md.")
    body = yaml.safe_dump(target.data, sort_keys=False, default_flow_style=False, allow_unicode=True, width=120)
    return Imported(_HEAD.format(file=redact(file)) + body, tuple(target.unmapped))


def _parse(text: str, file: str) -> dict[str, Any]:
    import hcl2

    options = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False, preserve_heredocs=False, strip_string_quotes=True)
    try:
        return dict(hcl2.load(io.StringIO(text if text.endswith("\n") else text + "\n"), serialization_options=options))
    except Exception as error:  # the parser's errors quote the text, which may hold a secret, and share no base class
        line = getattr(error, "line", None)
        where = f"line {line} is not HCL" if isinstance(line, int) and line > 0 else "is not HCL to its end"
        raise ConfigErrors([problem(file, (), f"{where}. Check quotes and brackets; `terraform fmt` names the place.")]) from None


def _text(path: str) -> Callable[[_Target, str, Any], None]:
    def put(target: _Target, name: str, value: Any) -> None:
        if not isinstance(value, str):
            target.leave(name, "is not a string.")
        elif secret_shape(value):
            target.leave(name, "looks like a secret. Store it with ./hub secrets set.")
        elif value:
            target.put(path, value)

    return put


def _names(path: str) -> Callable[[_Target, str, Any], None]:
    def put(target: _Target, name: str, value: Any) -> None:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            target.put(path, value)
        else:
            target.leave(name, "is not a list of strings.")

    return put


def _version(target: _Target, name: str, value: Any) -> None:
    version = str(value)
    if support_of(version, target.today) == "standard":
        target.put("cluster.version", version)
    else:
        known = ", ".join(supported_versions(target.today))
        target.leave(name, f"{version} is out of standard support, so the default stands (supported: {known}).")


def _secondary(target: _Target, name: str, value: Any) -> None:
    if not isinstance(value, list) or not value:
        target.leave(name, "is not a list of ranges.")
        return
    target.put("network.data_plane_cidr", value[0])
    if len(value) > 1:
        target.leave(name, "holds several ranges; the first became network.data_plane_cidr, and there is no place for more.")


def _login(target: _Target, name: str, value: Any) -> None:
    if value != "oauth":
        target.leave(
            name, f'"{redact(str(value))}" was never wired up in dandihub; auth.kind github stands. docs/config.md has the others.'
        )


def _api(target: _Target, name: str, value: Any) -> None:
    servers = value if isinstance(value, list) else [value]
    target.put("auth.allow.dandi_registered", [str(each).rstrip("/") for each in servers])


def _tag(target: _Target, name: str, value: Any) -> None:
    if value in {"latest", "stable", "main", "master"}:
        target.put("hub.images.standard.tag", _CHANGEME)
        target.leave(name, f'"{value}" moves from day to day; write a fixed tag.')
    else:
        target.put("hub.images.standard.tag", str(value))


_MAP: dict[str, Callable[[_Target, str, Any], None]] = {
    "name": _text("name"),
    "region": _text("region"),
    "eks_cluster_version": _version,
    "vpc_cidr": _text("network.cidr"),
    "secondary_cidr_blocks": _secondary,
    "jupyter_hub_auth_mechanism": _login,
    "jupyterhub_domain": _text("domain"),
    "github_client_id": _text("auth.client_id"),
    "dandi_api_domain": _api,
    "admin_users": _names("auth.admins"),
    "singleuser_image_repo": _text("hub.images.standard.repo"),
    "singleuser_image_tag": _tag,
}
_LEFT: dict[str, str] = {
    "github_client_secret": "is a secret. Store it with ./hub secrets set <env> oauth-client-secret.",
    "danditoken": "is a secret. Store it with ./hub secrets set <env> dandi-api-credentials, as JSON from server to token.",
    "dandi_api_credentials": "is a secret. Store it with ./hub secrets set <env> dandi-api-credentials.",
    "aws_certificate_arn": "is not needed: the certificate is made and validated for domain.",
    "acm_certificate_domain": "was unused in dandihub, and the certificate is made for domain.",
    "cognito_custom_domain": "was unused in dandihub.",
    "dandi_authenticator": "is Python that the hub now has built in; auth.allow.dandi_registered says the same.",
}
