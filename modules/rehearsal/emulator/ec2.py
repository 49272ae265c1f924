"""EC2: detailed monitoring, and account-wide defaults for instance metadata."""

from __future__ import annotations

from dataclasses import dataclass, field

from modules.rehearsal.emulator.answers import Answers, Call, Document, Regional

_answers = Answers()
_METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags")
_UNSET = ("no-preference", -1)


@dataclass
class _Held:
    metadata_defaults: Document = field(default_factory=dict)


_state: Regional[_Held] = Regional(_Held)


def install() -> None:
    """Complete moto's EC2."""
    from moto.ec2.responses import EC2Response

    _answers.install(EC2Response)


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
