"""./hub vault status: each member, what it says of its key, and what is kept outside Vault. Needs no token."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from modules.common import vault as refs
from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.config.redact import redact
from modules.ops.say import out
from modules.ops.vault.reach import ADDRESS, Member, members, reach
from modules.ops.vault.scene import Scene, open_scene
from modules.ops.vault.words import finish, table

_HEAD = ("member", "state", "role", "version")
#: Lines of a pod's log that may say why it is sealed, and how many of them are read.
_TELLING = re.compile(r"\b(?:kms|seal|unseal)", re.IGNORECASE)
_ERROR = re.compile(r"error|denied|fail|refus", re.IGNORECASE)
_LINES, _LONGEST = 200, 300


@dataclass(frozen=True)
class Row:
    """One member. state: open, sealed, not initialised, or why it does not answer. says: of a log, what explains that."""

    member: str
    state: str
    role: str = ""
    version: str = ""
    says: str = ""


def status(root: Path, config: HubConfig, *, address: str, as_json: bool) -> int:
    """Print one line a member, and the secrets. Exit 0 when a member is open, else 1."""
    scene = open_scene(root, config)
    named = address or os.environ.get(ADDRESS, "")
    rows = [_at(scene, named)] if named else [_row(scene, each) for each in members(scene)]
    code = 0 if any(each.state == "open" for each in rows) else 1
    facts = _kept(scene)
    if as_json:
        return finish(config, "status", {"members": [asdict(each) for each in rows], **facts}, code=code)
    up = sum(each.state == "open" for each in rows)
    out(f"{config.env}: {up} of {max(len(rows), scene.settings.replicas if not named else 1)} members open")
    if rows:
        for line in table([_HEAD, *((each.member, each.state, each.role or "-", each.version or "-") for each in rows)]):
            out(line)
    for line in (*_words(scene, rows), *_about(facts)):
        out(f"  {line}")
    return code


def _row(scene: Scene, each: Member) -> Row:
    if each.state:
        return Row(each.name, each.state, says=_log(scene, each.name))
    try:
        return _asked(scene, each.name, member=each.name)
    except HubError as error:
        return Row(each.name, "no answer", says=error.what)


def _at(scene: Scene, address: str) -> Row:
    return _asked(scene, address, address=address)


def _asked(scene: Scene, name: str, *, address: str = "", member: str = "") -> Row:
    with reach(scene, address, member=member) as vault:
        seal = vault.seal("ask Vault whether it is sealed")
        if not seal.initialised:
            return Row(name, "not initialised", version=seal.version)
        if seal.sealed:
            return Row(name, "sealed", version=seal.version, says=_log(scene, name) if member else "")
        return Row(name, "open", "leader" if vault.leads() else "standby", seal.version)


def _log(scene: Scene, pod: str) -> str:
    """The last line of the pod's log that tells of its seal; of the run before where this one says nothing yet."""
    base = f"/api/v1/namespaces/{scene.settings.namespace}/pods/{pod}/log?container=vault&tailLines={_LINES}"
    for path in (base, f"{base}&previous=true"):
        try:
            text = (scene.cluster.ask("GET", path, f"read the log of {pod}") or b"").decode("utf-8", "replace")
        except HubError:
            continue
        told = [line for line in text.splitlines() if _TELLING.search(line) and _ERROR.search(line)]
        if told:
            return redact(told[-1].strip())[:_LONGEST]
    return ""


def _kept(scene: Scene) -> dict[str, str | None]:
    keeper = scene.keeper
    keys = keeper.kept_since(refs.RECOVERY_KEYS_SECRET) if keeper.recovery_keys() else None
    return {
        "recovery_keys": keys,
        "root_token": keeper.kept_since(refs.ROOT_TOKEN_SECRET) if keeper.root_token() else None,
        "certificate_until": _until(keeper.certificate()),
    }


def _until(certificate: str) -> str | None:
    if not certificate:
        return None
    from cryptography import x509

    end: datetime = x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
    return f"{end:%Y-%m-%d}"


def _about(facts: dict[str, str | None]) -> list[str]:
    lines = [f"{'recovery keys':<18}{'kept since ' + facts['recovery_keys'] if facts['recovery_keys'] else 'none kept'}"]
    if facts["root_token"]:
        lines.append(f"{'root token':<18}still valid: ./hub vault configure revokes it")
    return [*lines, f"{'certificate':<18}{'good until ' + facts['certificate_until'] if facts['certificate_until'] else 'none'}"]


def _words(scene: Scene, rows: list[Row]) -> list[str]:
    env, states = scene.config.env, {each.state for each in rows}
    lines = [f"{each.member}: {each.says}" for each in rows if each.says]
    if not rows:
        why = "no pod runs in a rehearsal" if scene.config.rehearsal else f"no pod is there: kubectl get pods -n {scene.settings.namespace}"
        return [why]
    if "not initialised" in states and "open" not in states:
        lines.append(f"next: ./hub vault init {env}")
    if "sealed" in states:
        key = scene.outputs.get(refs.KEY_OUTPUT, "its key")
        lines.append(f"a sealed member opens by itself once KMS lets its role use {key}: ./install.sh {env} sets both right")
    return lines
