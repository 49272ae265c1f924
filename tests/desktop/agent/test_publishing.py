"""The rows of the issue: each ends in the right ConfigMap and SSM state, or in an agent that is not ready and says why."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests._support.fake_kubernetes import FakeKubernetes, Fault
from tests.desktop.agent.aws import FakeAws
from tests.desktop.agent.desk import MAP, SSM, Desk


def test_normal_start(desk: Desk) -> None:
    desk.step()
    assert (desk.ready, desk.sentence) == (":0", "")
    assert desk.map["display"] == desk.map["display.node-a"] == ":0"
    assert desk.map["socket_mount_path"] == "/var/addf/dcv-eks/sockets"
    assert desk.status == {
        "display": ":0",
        "session": "default-session",
        "connections": 0,
        "last_disconnection": None,
        "since": "2026-11-21T08:59:30Z",
        "seen": "2026-11-21T09:00:00Z",
        "socket_mount_path": "/var/addf/dcv-eks/sockets",
    }
    assert desk.aws.parameters() == {
        f"{SSM}/dcv-display": ":0",
        f"{SSM}/dcv-display/node-a": ":0",
        f"{SSM}/dcv-socket-mount-path": "/var/addf/dcv-eks/sockets",
    }


def test_session_late(desks: Callable[..., Desk]) -> None:
    desk = desks(display="")
    desk.pass_time(60)
    assert not desk.ready
    assert desk.sentence == (
        "waiting for session default-session: there is no session default-session (dcv describe-session: exit 1: no such session)"
    )
    assert "display.node-a" not in desk.map
    desk.session(":0")
    desk.step()
    assert desk.ready == ":0"
    assert desk.parameter == ":0"


def test_the_sentence_of_the_session_command_is_passed_on(desks: Callable[..., Desk], aws: FakeAws) -> None:
    desk = desks(display="", DCV_CREDENTIALS="nobody-wrote-it")
    assert not desk.make_session(attempts=1)
    desk.step()
    assert (
        desk.sentence
        == "waiting for session default-session: AWS: GetSecretValue of secret nobody-wrote-it answered ResourceNotFoundException"
    )


def test_session_vanishes_and_comes_back(desk: Desk) -> None:
    desk.step()
    desk.no_session()
    desk.step()
    assert not desk.ready
    assert "there is no session default-session" in desk.sentence
    assert not [key for key in desk.map if "node-a" in key]
    assert desk.parameter is None
    desk.session(":3")
    desk.step()
    assert (desk.ready, desk.map["display.node-a"], desk.map["display"], desk.parameter) == (":3", ":3", ":3", ":3")


def test_the_entry_of_a_killed_agent_goes_while_its_session_is_late(desks: Callable[..., Desk], aws: FakeAws) -> None:
    killed = desks("node-a")
    killed.step()
    late = desks("again", display="", NODE_NAME="node-a")
    late.step()
    assert not [key for key in late.map if "node-a" in key]
    assert f"{SSM}/dcv-display/node-a" not in aws.parameters()


def test_an_entry_that_cannot_be_removed_is_removed_later(
    desk: Desk, kubernetes: FakeKubernetes, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.step()
    desk.no_session()
    kubernetes.faults = [Fault(500)]
    desk.pass_time(120)
    assert (desk.map["display.node-a"], desk.parameter) == (":0", None)
    assert capsys.readouterr().out.count("cannot remove this node's entry") == 1
    kubernetes.faults.clear()
    desk.pass_time(65)
    assert not [key for key in desk.map if "node-a" in key]
    desk.session(":0")
    desk.step()
    assert (desk.ready, desk.map["display.node-a"], desk.parameter) == (":0", ":0", ":0")


def test_display_changes(desk: Desk) -> None:
    desk.step()
    desk.session(":7")
    desk.step()
    assert desk.ready == ":7"
    assert desk.map["display"] == desk.map["display.node-a"] == desk.status["display"] == ":7"
    assert desk.aws.parameters()[f"{SSM}/dcv-display"] == desk.parameter == ":7"


@pytest.mark.parametrize(
    ("described", "sentence"),
    [
        ("Error: dbus went away", "dcv describe-session default-session answered something that is not a JSON object"),
        ("[]", "dcv describe-session default-session answered something that is not a JSON object"),
        ('{"x11-display": ""}', 'session default-session has no X display: dcv describe-session says x11-display=""'),
        ('{"x11-display": "; rm -rf /"}', 'session default-session has no X display: dcv describe-session says x11-display="; rm -rf /"'),
        ("{}", "session default-session has no X display: dcv describe-session says x11-display=null"),
        ('{"x11-display": ":5"}', "session default-session says display :5, but {sockets}/X5 is not a socket"),
        ('{"x11-display": ":0"}', "cannot read the session's X authority (none): not a plain file of at most 65536 bytes"),
    ],
)
def test_what_dcv_says_cannot_be_used(desk: Desk, described: str, sentence: str) -> None:
    desk.step()
    (desk.state / "session").write_text(described)
    desk.step()
    assert not desk.ready
    assert desk.sentence == sentence.format(sockets=desk.sockets)
    assert desk.map["display.node-a"] == ":0", "one unreadable answer must not take the entry away"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (0, "Kubernetes: get configmaps/dcv-agent-config-map got no answer (ProtocolError)"),
        (401, "Kubernetes: get configmaps/dcv-agent-config-map answered 401 Unauthorized: the pod's token is refused"),
        (403, "Kubernetes: get configmaps/dcv-agent-config-map answered 403 Forbidden: the Role dcv-agent-role must allow this"),
        (404, "Kubernetes: get configmaps/dcv-agent-config-map answered 404 NotFound: it is gone; apply the desktop stack again"),
        (429, "Kubernetes: get configmaps/dcv-agent-config-map answered 429 TooManyRequests"),
        (500, "Kubernetes: get configmaps/dcv-agent-config-map answered 500 InternalError"),
    ],
)
def test_kubernetes_api_down(desk: Desk, kubernetes: FakeKubernetes, status: int, sentence: str) -> None:
    kubernetes.faults = [Fault(status)]
    desk.pass_time(300)
    assert not desk.ready
    assert sentence in desk.sentence
    assert desk.parameter == ":0", "the other sink goes on"
    # 5 minutes at most every 60 s with a random half, faster at first: neither silence nor a storm.
    assert 5 <= len(kubernetes.requests) <= 20
    kubernetes.faults.clear()
    desk.pass_time(65)
    assert (desk.ready, desk.map["display.node-a"]) == (":0", ":0")


def test_kubernetes_refuses_the_write_alone(desk: Desk, kubernetes: FakeKubernetes) -> None:
    kubernetes.faults = [Fault(409, "PATCH", times=1)]
    desk.step()
    assert desk.sentence == "Kubernetes: patch configmaps/dcv-agent-config-map answered 409 Conflict"
    desk.pass_time(10)
    assert desk.ready == ":0"


def test_kubernetes_too_slow(desk: Desk, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dcv_agent.cluster._TIMES", (1, 0.05))
    kubernetes.delay = 0.1
    desk.step()
    assert desk.sentence == "Kubernetes: get configmaps/dcv-agent-config-map got no answer (ReadTimeoutError)"
    assert desk.parameter == ":0"


@pytest.mark.parametrize(
    ("action", "code", "sentence"),
    [
        ("PutParameter", "ThrottlingException", "AWS: PutParameter of /demo/demo/desktop/dcv-display/node-a answered ThrottlingException"),
        ("GetParameter", "InternalServerError", "AWS: GetParameter of /demo/demo/desktop/dcv-display/node-a answered InternalServerError"),
        (
            "PutParameter",
            "AccessDeniedException",
            "AWS: PutParameter of /demo/demo/desktop/dcv-display/node-a answered AccessDeniedException: the pod's role must allow it",
        ),
    ],
)
def test_ssm_refuses(desk: Desk, aws: FakeAws, action: str, code: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # botocore's own pause before its second attempt
    aws.faults = {action: (code, 1000)}
    desk.pass_time(300)
    assert (desk.ready, desk.sentence) == ("", sentence)
    assert desk.map["display.node-a"] == ":0", "the other sink goes on"
    assert 5 <= len([one for one in aws.calls if one == action]) <= 40
    aws.faults.clear()
    desk.pass_time(65)
    assert (desk.ready, desk.parameter) == (":0", ":0")


def test_a_published_desktop_outlives_a_short_outage(desk: Desk, kubernetes: FakeKubernetes) -> None:
    desk.step()
    kubernetes.faults = [Fault(500)]
    desk.pass_time(200, stride=20)
    assert desk.ready == ":0", "people who work on it are not cut off for a heartbeat"
    desk.pass_time(200, stride=20)
    assert not desk.ready
    assert "answered 500" in desk.sentence


def test_both_sinks_down_are_both_named(desk: Desk, kubernetes: FakeKubernetes, aws: FakeAws) -> None:
    kubernetes.faults, aws.faults = [Fault(500)], {"GetParameter": ("AccessDeniedException", 9)}
    desk.step()
    assert "Kubernetes: get configmaps" in desk.sentence
    assert "AWS: GetParameter" in desk.sentence


def test_heartbeat_and_nothing_else_is_written(desk: Desk, kubernetes: FakeKubernetes, aws: FakeAws) -> None:
    desk.pass_time(300)
    assert desk.status["seen"] == "2026-11-21T09:04:00Z"
    assert [list(request.body["data"]) for request in kubernetes.patches()[1:]] == [["status.node-a"]] * 4
    assert aws.calls.count("PutParameter") == 2 + 1, "two by the stack (the fixture), one by the agent: equal values are not written again"


def test_connections_are_published_at_once(desk: Desk) -> None:
    desk.step()
    desk.session(num_of_connections=2, last_disconnection_time="2026-11-21T08:59:59.9Z")
    desk.step()
    assert (desk.status["connections"], desk.status["last_disconnection"]) == (2, "2026-11-21T08:59:59Z")


def test_a_licence_that_is_not_valid_is_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.session(licenses=[{"product": "dcv", "status": "EXPIRED"}, {"product": "dcv-gl", "status": "licensed"}])
    desk.pass_time(30)
    assert desk.ready == ":0"
    assert desk.status["warnings"] == ["DCV licence not valid: dcv: EXPIRED"]
    assert capsys.readouterr().out.count("WARNING DCV licence not valid: dcv: EXPIRED") == 1


@pytest.mark.parametrize("change", [{"display.node-a": ":9"}, {"display.node-a": None, "status.node-a": None}, {"status.node-a": "?"}])
def test_foreign_edits_of_our_keys_are_undone(desk: Desk, kubernetes: FakeKubernetes, change: dict[str, str | None]) -> None:
    desk.step()
    kubernetes.edit(MAP, {**change, "note": "by hand"})
    desk.pass_time(60)
    assert (desk.map["display.node-a"], desk.status["display"]) == (":0", ":0")
    assert desk.map["note"] == "by hand", "keys of others stay"


def test_foreign_edit_of_the_parameter_is_undone(desk: Desk, aws: FakeAws) -> None:
    desk.step()
    aws.client("ssm").put_parameter(Name=f"{SSM}/dcv-display/node-a", Value=":9", Type="String", Overwrite=True)
    desk.pass_time(60)
    assert desk.parameter == ":0"


def test_two_nodes_keep_their_own_entries(desks: Callable[..., Desk], kubernetes: FakeKubernetes) -> None:
    one, two = desks("node-a", ":0"), desks("node-b", ":1")
    for _ in range(30):
        one.step()
        two.step()
    assert (one.map["display.node-a"], one.map["display.node-b"]) == (":0", ":1")
    assert (one.parameter, two.parameter) == (":0", ":1")
    assert one.map["display"] == ":1", "the last writer wins"
    shared = [request for request in kubernetes.patches() if "display" in request.body["data"]]
    assert len(shared) == 2, "and they do not fight for it"


def test_entry_of_a_vanished_node_is_removed(desks: Callable[..., Desk]) -> None:
    gone, here = desks("node-b", ":1"), desks("node-a", ":0")
    gone.step()
    here.pass_time(590, stride=30)
    assert "status.node-b" in here.map, "not before ten minutes"
    here.pass_time(60)
    assert sorted(key for key in here.map if "." in key) == ["display.node-a", "status.node-a"]
    assert (gone.parameter, here.parameter) == (None, ":0")


@pytest.mark.parametrize("status", ["not json", "{}", "[1]"])
def test_an_entry_nobody_can_read_is_removed_later(desk: Desk, kubernetes: FakeKubernetes, status: str) -> None:
    desk.step()
    kubernetes.edit(MAP, {"display.node-z": ":0", "status.node-z": status})
    desk.pass_time(300, stride=30)
    assert "status.node-z" in desk.map
    desk.pass_time(400, stride=30)
    assert not [key for key in desk.map if "node-z" in key]


@pytest.mark.parametrize("wrote_just_before", [True, False])
def test_a_node_that_comes_back_while_it_is_removed_keeps_its_entry(
    desk: Desk, kubernetes: FakeKubernetes, monkeypatch: pytest.MonkeyPatch, wrote_just_before: bool
) -> None:
    came_back = []

    def come_back(_sink: object, _node: str) -> None:
        """The other agent writes between our look and our removal: SSM's part lies between them."""
        came_back.append(True)
        kubernetes.edit(MAP, {"status.node-b": json.dumps({"seen": "2026-11-21T09:05:00Z"})})

    monkeypatch.setattr("dcv_agent.sinks.ParameterSink.remove", come_back)
    if not wrote_just_before:
        desk.step()
    kubernetes.edit(MAP, {"display.node-b": ":1", "status.node-b": json.dumps({"seen": "2026-11-21T08:00:00Z"})})
    desk.pass_time(45)
    assert came_back
    assert desk.map["display.node-b"] == ":1"
