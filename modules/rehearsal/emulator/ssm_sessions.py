"""Session Manager: sessions with running instances. Nothing answers at the stream a session names, so nobody is connected.

Every instance that runs is taken for a managed one; whether its role and its subnet would let an agent register is not asked.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from modules.common.arn import dns_suffix
from modules.rehearsal.emulator.answers import Answers, Call, Document, Refused, Regional, now

_answers = Answers()
_state: Regional[dict[str, Document]] = Regional(dict)
#: Amazon's session documents, and which of their parameters are ports.
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
_DOCUMENTS: dict[str, tuple[str, ...]] = {
    "AWS-StartPortForwardingSession": ("portNumber", "localPortNumber"),
    "AWS-StartPortForwardingSessionToRemoteHost": ("portNumber", "localPortNumber"),
    "AWS-StartSSHSession": ("portNumber",),
    "AWS-StartInteractiveCommand": (),
    "AWS-StartNonInteractiveCommand": (),
    "SSM-SessionManagerRunShell": (),
}
_STATES = {"Active": ("Connected",), "History": ("Terminated",)}


def install() -> None:
    """Complete moto's Systems Manager."""
    from moto.ssm.responses import SimpleSystemManagerResponse

    _answers.install(SimpleSystemManagerResponse)


@_answers("StartSession")
def _start(call: Call) -> Document:
    target, document = call["Target"], call.get("DocumentName", "SSM-SessionManagerRunShell")
    if target not in dict(_running(call)):
        raise Refused("TargetNotConnected", f"{target} is not connected.")
    if document not in _DOCUMENTS:
        raise Refused("InvalidDocument", f"Document with name {document} does not exist.")
    for port in _DOCUMENTS[document]:
        for value in call.get("Parameters", {}).get(port, ()):
            if not (value.isdigit() and 0 < int(value) < 65536):
                raise Refused("InvalidParameters", f"Parameter {port} has a value that is no port: {value}")
    id = f"rehearsal-{secrets.token_hex(9)[:17]}"
    held = {"SessionId": id, "Target": target, "Status": "Connected", "StartDate": now(), "DocumentName": document}
    _state.of(call.account, call.region)[id] = {**held, "Owner": f"arn:{call.partition}:iam::{call.account}:root"}
    return _opened(call, id)


@_answers("ResumeSession")
def _resume(call: Call) -> Document:
    held = _state.of(call.account, call.region).get(call["SessionId"])
    if held is None or held["Status"] != "Connected":
        raise Refused("DoesNotExistException", f"Session {call['SessionId']} does not exist.")
    return _opened(call, call["SessionId"])


@_answers("TerminateSession")
def _terminate(call: Call) -> Document:
    held = _state.of(call.account, call.region).get(call["SessionId"])
    # AWS takes the end of a session it does not know without a word.
    if held is not None:
        held.update(Status="Terminated", EndDate=now())
    return {"SessionId": call["SessionId"]}


@_answers("DescribeSessions")
def _describe(call: Call) -> Document:
    wanted = {each["key"]: each["value"] for each in call.get("Filters", [])}
    fields = {"Target": "Target", "SessionId": "SessionId", "Status": "Status", "Owner": "Owner"}
    sessions = [each for each in _state.of(call.account, call.region).values() if each["Status"] in _STATES[call["State"]]]
    return {"Sessions": [each for each in sessions if all(each[fields[key]] == value for key, value in wanted.items() if key in fields)]}


@_answers("GetConnectionStatus")
def _connection(call: Call) -> Document:
    return {"Target": call["Target"], "Status": "connected" if call["Target"] in dict(_running(call)) else "notconnected"}


@_answers("DescribeInstanceInformation")
def _information(call: Call) -> Document:
    filters = [(each["Key"], each["Values"]) for each in call.get("Filters", [])]
    filters += [(each["key"], each["valueSet"]) for each in call.get("InstanceInformationFilterList", [])]
    chosen = [set(values) for key, values in filters if key == "InstanceIds"]
    rows = [
        {"InstanceId": id, "PingStatus": "Online", "PlatformType": "Linux", "ResourceType": "EC2Instance", "IPAddress": address}
        for id, address in _running(call)
        if all(id in ids for ids in chosen)
    ]
    return {"InstanceInformationList": rows}


def _opened(call: Call, id: str) -> Document:
    # A reserved domain (RFC 2606): a plugin that is started all the same must not dial AWS from a rehearsal.
    stream = f"wss://ssmmessages.{call.region}.{dns_suffix(call.region)}.invalid/v1/data-channel/{id}?role=publish_subscribe"
    return {"SessionId": id, "TokenValue": secrets.token_urlsafe(48), "StreamUrl": stream}


def _running(call: Call) -> Iterator[tuple[str, str]]:
    """(id, address) of each instance that runs."""
    from moto.ec2.models import ec2_backends

    found: Any = ec2_backends[call.account][call.region].all_instances()
    return ((each.id, each.private_ip) for each in found if each.state == "running")
