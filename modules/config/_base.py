"""What every part of the configuration shares: strictness and the field types with their units."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from modules.common import arn as arns


class Model(BaseModel):
    """Frozen, and refuses keys it does not know: a misspelt key must never be a silently lost setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True)


def _text(pattern: str, what: str, *, also: Callable[[str], None] = lambda _: None, **limits: Any) -> Any:
    """A string type whose error says what it should look like rather than quoting a regular expression. `also` refuses by raising."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"{value!r} is not {what}")
        also(value)
        return value

    return Annotated[str, StringConstraints(**limits), AfterValidator(check), Field(json_schema_extra={"pattern": f"^(?:{pattern})$"})]


def _arn(value: str) -> str:
    try:
        arns.parse(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an ARN such as arn:aws:iam::123456789012:role/name") from None
    return value


def _cidr(value: str) -> str:
    from ipaddress import IPv4Network

    try:
        net = IPv4Network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} is not an IPv4 range such as 10.1.0.0/21") from None
    if "/" not in value:
        raise ValueError(f"{value!r} has no length; write {value}/32 for one address")
    if str(net) != value:
        raise ValueError(f"{value!r} is not the start of its range; write {net}")
    return value


def _not_floating(tag: str) -> None:
    if tag in {"latest", "stable", "main", "master"}:
        raise ValueError(f"{tag!r} moves; name a fixed tag, so that the same file always gives the same hub")


#: Twelve digits, quoted in YAML because a leading zero is significant.
AccountId = _text(r"\d{12}", "an AWS account id (twelve digits, in quotes)")
#: An ARN of any service.
ArnText = Annotated[str, AfterValidator(_arn)]
#: An ARN of IAM roles, with `*` in the account or at the name's end.
RolePattern = _text(
    r"arn:aws[a-z-]*:iam::(\d{12}|\*):role/[\w+=,.@/*-]+", "an ARN of roles such as arn:aws:iam::*:role/hubsmith-vault-*", max_length=512
)
#: `10.0.0.0/16`, with no host bits set.
Cidr = Annotated[str, AfterValidator(_cidr)]
#: `us-east-2`.
Region = _text(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region such as us-east-2")
#: A key of a mapping that becomes part of Terraform addresses and AWS names: lower case, digits, single hyphens.
Key = _text(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a short name (lower-case letters, digits, hyphens; starts with a letter)", max_length=40)
#: A DNS name, at least two labels.
DnsName = _text(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", "a DNS name such as hub.example.org")
#: A Kubernetes namespace or service-account name (RFC 1123 label).
K8sName = _text(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "a Kubernetes name (lower-case letters, digits, hyphens, at most 63)")
#: Memory as JupyterHub counts it: K, M, G and T are powers of 1024 (jupyterhub.traitlets.ByteSpecification).
Memory = _text(r"\d+(\.\d+)?[KMGT]", "an amount of memory such as 512M or 16G")
#: A Kubernetes volume size.
VolumeSize = _text(r"\d+[MGT]i", "a volume size such as 100Gi")
#: CPUs; fractions allowed.
Cpu = Annotated[float, Field(gt=0, le=448)]
#: An instance family such as m5 or g4dn.
Family = _text(r"[a-z][a-z0-9-]*\d[a-z0-9-]*", "an instance family such as m5 or g4dn")
#: An instance type such as m5.2xlarge.
InstanceType = _text(r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "an instance type such as m5.2xlarge")
#: A bucket's name.
BucketName = _text(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket name (3 to 63 lower-case letters, digits, dots, hyphens)")
#: A TCP or UDP port.
Port = Annotated[int, Field(ge=1, le=65535)]
#: The name of a Secrets Manager secret of this env, without the env's prefix.
SecretName = _text(r"[a-z0-9][a-z0-9-]{0,62}", "a secret's name (lower-case letters, digits, hyphens)")
#: A container image tag that stays put.
FixedTag = _text(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "an image tag", also=_not_floating)
#: `key=value:Effect` as kubectl writes a taint.
Taint = _text(r"[a-zA-Z0-9./_-]+(=[a-zA-Z0-9._-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)", "a taint such as dedicated=ray:NoSchedule")
