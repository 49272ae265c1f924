"""What a process may do on its node.

Plain images must still run: nginx and most of the Docker hub begin as root, take over their folders and then become another
user, for which they need the capabilities below. All of these act inside the container alone and are within Kubernetes'
`baseline` pod security standard; `strict` is within `restricted`.
"""

from __future__ import annotations

from typing import Any

#: What an image's start-up script does as root: own its folders, become its user, listen below 1024, end its children.
_PLAIN = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID")
_STRICT = ("NET_BIND_SERVICE",)
_TMP = "tmp"


def pod(*, strict: bool) -> dict[str, Any]:
    """The pod's part: no system calls past the runtime's list; strict: not as root, and a /tmp as the one place to write."""
    context: dict[str, Any] = {"seccompProfile": {"type": "RuntimeDefault"}}
    if not strict:
        return {"securityContext": context}
    return {"securityContext": {**context, "runAsNonRoot": True}, "volumes": [{"name": _TMP, "emptyDir": {}}]}


def container(*, strict: bool) -> dict[str, Any]:
    """The container's part: no way to more rights than it has, and few of these."""
    context: dict[str, Any] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": list(_STRICT if strict else _PLAIN)},
    }
    if not strict:
        return {"securityContext": context}
    return {"securityContext": {**context, "readOnlyRootFilesystem": True}, "volumeMounts": [{"name": _TMP, "mountPath": "/tmp"}]}
