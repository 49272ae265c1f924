"""What Kubernetes accepts as a name, so that a caller is told before anything is made."""

from __future__ import annotations

import re

#: A Service's name (RFC 1035 label); a Deployment's may begin with a digit, but the two share one here.
#: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
NAME_MAX = 63
NAME = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
#: A label's value, https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
LABEL_VALUE_MAX = 63
LABEL_VALUE = r"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
#: A port's name (IANA_SVC_NAME: at most 15, no two dashes in a row, and a letter among them, which is checked apart).
PORT_NAME_MAX = 15
PORT_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
#: A variable's name, as every supported Kubernetes takes it (1.34 takes more).
VARIABLE_NAME = r"^[-._a-zA-Z][-._a-zA-Z0-9]*$"
#: What to tell someone whose text does not fit a pattern, and what Docker calls an image.
IMAGE = r"^[A-Za-z0-9][-A-Za-z0-9_.:/@+\[\]]*$"
RULES = {
    NAME: "small letters, digits and dashes, beginning with a letter and ending with a letter or digit (at most 63)",
    LABEL_VALUE: "letters, digits, dashes, dots and underscores, beginning and ending with a letter or digit (at most 63)",
    PORT_NAME: "small letters and digits with single dashes between them (at most 15)",
    VARIABLE_NAME: "letters, digits, dashes, dots and underscores, not beginning with a digit",
    IMAGE: "an image as Docker writes it, such as nginxdemos/hello or ghcr.io/lab/tool:1.2",
}
_PREFIX_MAX = 253
_LABEL_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")


def is_name(text: str) -> bool:
    """Whether a process can be called so; false also for what would change the meaning of a selector (`a,b`)."""
    return len(text) <= NAME_MAX and re.fullmatch(NAME[1:-1], text) is not None


def is_label_value(text: str) -> bool:
    """Whether a label may hold this; "" may not name a group, though Kubernetes would hold it."""
    return len(text) <= LABEL_VALUE_MAX and re.fullmatch(LABEL_VALUE[1:-1], text) is not None


def is_label_key(text: str) -> bool:
    """Whether a label may be called so: `name`, or `prefix/name` where the prefix is a domain."""
    prefix, slash, name = text.rpartition("/")
    if slash and (len(prefix) > _PREFIX_MAX or not _LABEL_PREFIX.fullmatch(prefix)):
        return False
    return len(name) <= LABEL_VALUE_MAX and _LABEL_NAME.fullmatch(name) is not None


def port_name(port: int, protocol: str) -> str:
    """The name of a port that has none: `p8080-tcp`. Kubernetes wants one as soon as a Service has two."""
    return f"p{port}-{protocol}"
