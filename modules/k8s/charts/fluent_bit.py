"""Fluent Bit, chart 0.58.2: every pod's log goes to one CloudWatch group, which forgets after some days."""

from __future__ import annotations

from typing import Any

from modules.config.models import HubConfig
from modules.k8s.charts.parts import EVERYWHERE, resources, service_account, unprivileged_container

RELEASE = "fluent-bit"
SERVICE_ACCOUNT = "fluent-bit"
#: Where it remembers how far it has read, on the node: a restart neither repeats nor skips.
_STATE = "/var/lib/fluent-bit"
#: The chart runs these texts through Helm's templates, so they hold no double braces of ours; `$kubernetes[...]` is Fluent Bit's.
_SERVICE = """\
[SERVICE]
    Daemon Off
    Flush 5
    Log_Level warn
    Parsers_File /fluent-bit/etc/parsers.conf
    HTTP_Server On
    HTTP_Listen 0.0.0.0
    HTTP_Port 2020
    Health_Check On
"""
_INPUTS = f"""\
[INPUT]
    Name tail
    Tag kube.*
    Path /var/log/containers/*.log
    Exclude_Path /var/log/containers/*_{RELEASE}-*.log
    multiline.parser cri
    DB {_STATE}/tail.db
    Mem_Buf_Limit 20MB
    Skip_Long_Lines On
    Refresh_Interval 10
"""
# No parser and no exclusion by annotation: a pod must not decide how, or whether, it is logged. Labels and annotations are
# left out, because CloudWatch charges by the byte.
_FILTERS = """\
[FILTER]
    Name kubernetes
    Match kube.*
    Merge_Log Off
    Keep_Log On
    K8S-Logging.Parser Off
    K8S-Logging.Exclude Off
    Labels Off
    Annotations Off
"""


def wanted(config: HubConfig) -> bool:
    """Whether this env ships pods' logs."""
    return config.cluster.pod_logs.enabled


def log_group_name(config: HubConfig) -> str:
    """The one group all logs go to. Terraform makes it, with its retention; the role may not make another."""
    return f"/hubsmith/{config.deployment}/pods"


def values(config: HubConfig, *, role_arn: str) -> dict[str, Any]:
    """Values of release `fluent-bit`."""
    return {
        "kind": "DaemonSet",
        "image": {"pullPolicy": "IfNotPresent"},
        # A test pod of the chart, with an image whose tag floats.
        "testFramework": {"enabled": False},
        "serviceAccount": service_account(SERVICE_ACCOUNT, role_arn),
        "rbac": {"create": True, "nodeAccess": False},
        "tolerations": EVERYWHERE,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        # Logs matter most on a node that is full.
        "priorityClassName": "system-node-critical",
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%"}},
        "resources": resources("100m", "160Mi", "256Mi"),
        # Root, to read other pods' files, and with none of root's powers.
        "securityContext": unprivileged_container(),
        # Its role comes by a token; metadata would only be waited for.
        "env": [{"name": "AWS_EC2_METADATA_DISABLED", "value": "true"}],
        "config": {"service": _SERVICE, "inputs": _INPUTS, "filters": _FILTERS, "outputs": _outputs(config)},
        # Instead of the chart's, which name Docker's folders and may write below /var/log.
        "daemonSetVolumes": [
            {"name": "varlog", "hostPath": {"path": "/var/log"}},
            {"name": "state", "hostPath": {"path": _STATE, "type": "DirectoryOrCreate"}},
        ],
        "daemonSetVolumeMounts": [
            {"name": "varlog", "mountPath": "/var/log", "readOnly": True},
            {"name": "state", "mountPath": _STATE},
        ],
    }


def _outputs(config: HubConfig) -> str:
    return f"""\
[OUTPUT]
    Name cloudwatch_logs
    Match kube.*
    region {config.region}
    log_group_name {log_group_name(config)}
    log_stream_prefix unnamed-
    log_stream_template $kubernetes['namespace_name'].$kubernetes['pod_name'].$kubernetes['container_name']
    auto_create_group Off
    Retry_Limit 10
"""
