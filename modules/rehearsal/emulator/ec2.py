"""EC2: detailed monitoring, account-wide metadata defaults, and launch templates whose tags stay their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, Regional

_answers = Answers()
_METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_UNSET = ("no-preference", -1)


@dataclass
class _Held:
    metadata_defaults: Document = field(default_factory=dict)


_state: Regional[_Held] = Regional(_Held)


def install() -> None:
    """Complete and mend moto's EC2."""
    from moto.ec2.models.launch_templates import LaunchTemplate
    from moto.ec2.responses import EC2Response

    _answers.install(EC2Response)
    create_version = LaunchTemplate.create_version

    def without_own_tags(self: Any, data: Document, description: str) -> Any:
        """Tags for the template itself are no part of what it launches; moto keeps them, and the provider sees a change."""
        launched = [spec for spec in data.get("TagSpecifications", []) if spec.get("ResourceType") != "launch-template"]
        rest = {key: value for key, value in data.items() if key != "TagSpecifications"}
        return create_version(self, {**rest, "TagSpecifications": launched} if launched else rest, description)

    LaunchTemplate.create_version = without_own_tags


@_answers("MonitorInstances")
def _monitor_instances(call: Call) -> Document:
    return _monitor(call, "enabled")


@_answers("UnmonitorInstances")
def _unmonitor_instances(call: Call) -> Document:
    return _monitor(call, "disabled")


@_answers("ModifyInstanceMetadataDefaults")
def _modify_metadata_defaults(call: Call) -> Document:
    defaults = _state.of(call.account, call.region).metadata_defaults
    for name in _METADATA:
        if name in call.params:
            defaults[name] = call[name]
    return {"Return": True}


@_answers("GetInstanceMetadataDefaults")
def _get_metadata_defaults(call: Call) -> Document:
    defaults = _state.of(call.account, call.region).metadata_defaults
    return {"AccountLevel": {name: value for name, value in defaults.items() if value not in _UNSET}}


def _monitor(call: Call, state: str) -> Document:
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[call.account][call.region]
    for id in call["InstanceIds"]:
        backend.get_instance(id).monitoring_state = state
    return {"InstanceMonitorings": [{"InstanceId": id, "Monitoring": {"State": state}} for id in call["InstanceIds"]]}
