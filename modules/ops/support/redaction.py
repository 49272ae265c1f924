"""Takes secrets out of text and data: those it was told of, those it knows by their shape, and what stands under a telling name."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from modules.config.redact import redact

#: What stands where something was taken out.
HIDDEN, ACCOUNT = "(hidden)", "ACCOUNT"
#: A shorter secret would be taken out of ordinary words; its own line still hides it where its name stands before it.
_SHORTEST = 6
_NAME = r"(?:secret|token|passw|passphrase|credential|api[_-]?key|private[_-]?key|access[_-]?key|crypt[_-]?key|cookie|signature)"
_TELLING = re.compile(_NAME, re.IGNORECASE)
#: Of variables more names are telling, for there a value that is taken out costs nothing.
_VARIABLE = re.compile(rf"^TF_VAR_|{_NAME}|(?:^|_)(?:KEY|AUTH|PASS|PWD)(?:_|$)", re.IGNORECASE)
#: What Terraform says after an address, which has a dot before such a name.
_PROGRESS = r"(?!(?:Creat|Destr|Modif|Refresh|Read|Still|Open|Clos|Plan|Drift|Import|Provision)[a-z]*(?:\.\.\.)?(?:\s|$|\\?\"))"
#: Something that an earlier rule has put there.
_DONE = r"(?!\\?[\"']?\(hidden)"


def _keyed(before: str, but: str = "") -> re.Pattern[str]:
    """What follows a telling name and `=`, `:` or `=>`. before: what stands before the name. but: a lookahead that spares a value."""
    name = rf"{before}(?!secretsmanager:)(?=[\w-]*?{_NAME})([\w-]++)"
    value = r"(?:\\?\"(?:[^\"\\]|\\[^\"])*\\?\"|'[^']*'|[^\s\"]+)"
    return re.compile(rf"(?i){name}(\\?[\"']?\s*(?:=>|[:=])\s*){_DONE}{but}{value}")


#: Each begins only where a word does, and takes the whole of it: otherwise a line of a megabyte costs minutes.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?im)\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?[\"']?\s*[:=]\s*)[^\r\n]+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (_keyed(r"(?<![\w.-])"), rf"\1\2{HIDDEN}"),
    (_keyed(r"(?<=\.)", _PROGRESS), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)([?&](?:code|state|sig)=)[^\s&\"']+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "(an address)"),
    # Machine-made secrets: hex, base64, and base64 for URLs. Digests of images stay, for they come after "sha256:".
    (re.compile(r"(?<![0-9A-Za-z:@-])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{32,}(?![0-9A-Za-z])"), HIDDEN),
    (re.compile(r"(?<![\w/+=.-])(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)[A-Za-z0-9+/]{32,}={0,2}(?![\w/+=.-])"), HIDDEN),
    (re.compile(r"(?<![\w.-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=(?:[A-Za-z_-]*\d){3})[A-Za-z0-9_-]{40,}(?![\w.-])"), HIDDEN),
)
_IN_ARN = re.compile(r"(arn:aws[\w-]*:[\w-]*:[\w-]*:)\d{12}(?=:)")


class Redactor:
    """secrets: values to be found anywhere. accounts: AWS account ids to be masked; with None every one stays."""

    def __init__(self, secrets: Iterable[str], accounts: Iterable[str] | None = None) -> None:
        forms = {form for each in secrets if len(each) >= _SHORTEST for form in _forms(each)}
        # The longest first, so that a secret inside another leaves no rest of the other.
        self._known = re.compile("|".join(re.escape(each) for each in sorted(forms, key=len, reverse=True))) if forms else None
        self._accounts = None if accounts is None else [each for each in accounts if each]

    def text(self, text: str) -> str:
        """`text` without secrets and mail addresses."""
        text = self._known.sub(HIDDEN, text) if self._known else text
        # The shapes come first: they know the whole of a key of many lines, a rule below sees one line.
        text = redact(text)
        for rule, instead in _RULES:
            text = rule.sub(instead, text)
        return self._masked(text)

    def data(self, value: Any, *, secret: bool = False) -> Any:
        """JSON data without them. What stands under a telling name goes, whatever it looks like. secret: whether `value` does."""
        if isinstance(value, dict):
            return {self.text(str(key)): self.data(inner, secret=secret or is_telling(str(key))) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(each, secret=secret) for each in value]
        if isinstance(value, str):
            return HIDDEN if secret and value else self.text(value)
        return value

    def _masked(self, text: str) -> str:
        if self._accounts is None:
            return text
        for account in self._accounts:
            text = text.replace(account, ACCOUNT)
        return _IN_ARN.sub(rf"\1{ACCOUNT}", text)


def is_telling(name: str) -> bool:
    """Whether what stands under this name is likely to be a secret."""
    return _TELLING.search(name) is not None


def secrets_of(environ: Mapping[str, str]) -> set[str]:
    """Values of variables that are likely to be secrets, and passwords inside URLs of any."""
    found = {value for name, value in environ.items() if _VARIABLE.search(name)}
    return found | {match for value in environ.values() for match in re.findall(r"://[^/\s:@]*:([^/\s:@]+)@", value)}


def secrets_in(value: Any, *, secret: bool = False) -> set[str]:
    """Strings that stand under a telling name anywhere in `value`. secret: whether all of it does."""
    if isinstance(value, dict):
        return {each for key, inner in value.items() for each in secrets_in(inner, secret=secret or is_telling(str(key)))}
    if isinstance(value, list):
        return {each for inner in value for each in secrets_in(inner, secret=secret)}
    return {value} if secret and isinstance(value, str) else set()


def _forms(secret: str) -> set[str]:
    """A secret as logs may hold it: as it is, inside JSON, inside a URL, in base64; of several lines, each line too."""
    lines = {line for line in secret.splitlines() if len(line) >= _SHORTEST}
    raw = {secret, secret.strip(), *lines}
    encoded = {base64.b64encode(each.encode()).decode() for each in raw}
    return raw | encoded | {json.dumps(each)[1:-1] for each in raw} | {quote(each, safe="") for each in raw}
