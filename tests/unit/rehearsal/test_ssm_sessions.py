"""Session Manager and Parameter Store as a desktop's way in and its agent need them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests._support.emulator import Emulator

FORWARD = "AWS-StartPortForwardingSession"
PREFIX = "/addf/demo/dcv/dcv-display"


@pytest.fixture
def ssm(emulator: Emulator) -> Any:
    return emulator.session().client("ssm")


@pytest.fixture
def instance(emulator: Emulator) -> str:
    """A running instance."""
    made = emulator.session().client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    return str(made["Instances"][0]["InstanceId"])


def active(ssm: Any, **filters: str) -> list[str]:
    wanted = {"Filters": [{"key": key, "value": value} for key, value in filters.items()]} if filters else {}
    return [each["SessionId"] for each in ssm.describe_sessions(State="Active", **wanted)["Sessions"]]


def test_a_session_begins_and_ends(emulator: Emulator, ssm: Any, instance: str) -> None:
    ports = {"portNumber": ["8443"], "localPortNumber": ["8443"]}
    opened = ssm.start_session(Target=instance, DocumentName=FORWARD, Parameters=ports)
    assert opened["StreamUrl"].startswith("wss://ssmmessages.eu-west-1.")
    # Nobody must be reached by a rehearsal's session.
    assert opened["StreamUrl"].split("/")[2].endswith(".invalid")
    assert active(ssm, Target=instance) == [opened["SessionId"]]
    assert active(ssm, Target="i-0") == []
    again = ssm.resume_session(SessionId=opened["SessionId"])
    assert again["TokenValue"] not in ("", opened["TokenValue"])
    ssm.terminate_session(SessionId=opened["SessionId"])
    assert active(ssm) == []
    assert [each["Status"] for each in ssm.describe_sessions(State="History")["Sessions"]] == ["Terminated"]
    assert emulator.faults() == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Target": "i-0123456789abcdef0"}, "TargetNotConnected"),
        ({"DocumentName": "Nobodys"}, "InvalidDocument"),
        ({"DocumentName": FORWARD, "Parameters": {"portNumber": ["https"]}}, "InvalidParameters"),
        ({"DocumentName": FORWARD, "Parameters": {"portNumber": ["70000"]}}, "InvalidParameters"),
    ],
)
def test_a_session_is_refused(ssm: Any, instance: str, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        ssm.start_session(**{"Target": instance, **asked})
    assert refused.value.response["Error"]["Code"] == code
    assert active(ssm) == []


def test_who_is_connected(emulator: Emulator, ssm: Any, instance: str) -> None:
    assert ssm.get_connection_status(Target=instance)["Status"] == "connected"
    assert [each["InstanceId"] for each in ssm.describe_instance_information()["InstanceInformationList"]] == [instance]
    emulator.session().client("ec2").stop_instances(InstanceIds=[instance])
    assert ssm.get_connection_status(Target=instance)["Status"] == "notconnected"
    chosen = [{"Key": "InstanceIds", "Values": [instance]}]
    assert ssm.describe_instance_information(Filters=chosen)["InstanceInformationList"] == []


def test_displays_by_node(ssm: Any) -> None:
    """What agents write beside Terraform's parameter, and what a sweep finds and takes away."""
    ssm.put_parameter(Name=PREFIX, Value=":0", Type="String")
    for node in ("a", "b"):
        ssm.put_parameter(Name=f"{PREFIX}/{node}", Value=":0", Type="String", Overwrite=True)
    ssm.put_parameter(Name=f"{PREFIX}/b", Value=":1", Type="String", Overwrite=True)
    found = ssm.get_parameters_by_path(Path=PREFIX, Recursive=True)["Parameters"]
    assert {each["Name"].removeprefix(PREFIX): each["Value"] for each in found} == {"/a": ":0", "/b": ":1"}
    ssm.delete_parameter(Name=f"{PREFIX}/a")
    assert ssm.delete_parameters(Names=[f"{PREFIX}/b", f"{PREFIX}/c"])["InvalidParameters"] == [f"{PREFIX}/c"]
    assert ssm.get_parameters_by_path(Path=PREFIX)["Parameters"] == []
    assert ssm.get_parameter(Name=PREFIX)["Parameter"]["Value"] == ":0"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.delete_parameter(Name=f"{PREFIX}/a")
