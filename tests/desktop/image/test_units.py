"""The systemd units: what they start is in the image, what the agent reads reaches it, and the order that safety needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

#: Settings of a unit by section and name; a name may come more than once.
Unit = dict[str, list[str]]

#: Where programs that no COPY brings come from.
PROVIDED = {"/opt/dcv_agent/bin/python3": "python3 -m venv /opt/dcv_agent", "/bin/rm": "FROM"}


def parse(path: Path) -> Unit:
    """Every setting of a unit file, by name."""
    found: Unit = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="module")
def units(image: Path) -> dict[str, Unit]:
    """Units and drop-ins by name; a drop-in goes by its unit's."""
    paths = [path for path in (image / "units").rglob("*") if path.is_file()]
    found = {path.name if path.suffix == ".service" else path.parent.name.removesuffix(".d"): parse(path) for path in paths}
    assert len(found) >= 7
    return found


def words(unit: Unit, name: str) -> set[str]:
    """All words of a setting."""
    return {word for value in unit.get(name, []) for word in value.split()}


def test_every_program_is_in_the_image(units: dict[str, Unit], image: Path) -> None:
    dockerfile = (image / "Dockerfile").read_text()
    commands = [value for unit in units.values() for name in unit if name.startswith("Exec") for value in unit[name]]
    assert len(commands) >= 8
    for program in {command.split()[0] for command in commands}:
        if program.startswith("/usr/local/bin/"):
            assert (image / "scripts" / Path(program).name).exists(), program
            assert "COPY --chmod=0755 scripts/ /usr/local/bin/" in dockerfile
        else:
            assert PROVIDED[program] in dockerfile


def test_every_script_is_started_by_somebody(units: dict[str, Unit], image: Path) -> None:
    """The entrypoint and the probes by the pod, the session's script by DCV."""
    started = {Path(value.split()[0]).name for unit in units.values() for name in unit if name.startswith("Exec") for value in unit[name]}
    others = {"run_script.sh", "check_healthy.sh", "init_session.sh", "sentences.sh"}
    assert {path.name for path in (image / "scripts").glob("*.sh")} - others == {name for name in started if name.endswith(".sh")}


def test_every_unit_is_enabled(units: dict[str, Unit], image: Path) -> None:
    enabled = re.search(r"systemctl enable (.*)", (image / "Dockerfile").read_text().replace("\\\n", " "))
    assert enabled
    assert set(enabled[1].split()) == set(units)
    assert [name for name, unit in units.items() if name != "dcvserver.service" and not unit.get("WantedBy")] == []


@pytest.mark.parametrize("unit", ["desktop-session.service", "dcv-agent.service"])
def test_every_variable_the_agent_reads_is_passed(units: dict[str, Unit], image: Path, unit: str) -> None:
    """systemd hands a unit nothing of PID 1's environment that is not named. KUBECONFIG is for tests."""
    code = "\n".join(path.read_text() for path in (image / "agent" / "dcv_agent").glob("*.py"))
    read = set(re.findall(r'"((?:DCV|AWS|NODE|POD|KUBERNETES)_[A-Z_]+)"', code))
    assert len(read) >= 10
    passed = words(units[unit], "PassEnvironment")
    assert read - passed == set()
    # What boto3 and the kubernetes client read by themselves: the pod's role and the API's address.
    assert {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"} <= passed


def test_no_secret_travels_in_the_environment(units: dict[str, Unit]) -> None:
    """A unit's environment can be read with `systemctl show`; tokens are files, passwords go to chpasswd's stdin."""
    passed = set().union(*(words(unit, "PassEnvironment") for unit in units.values()))
    assert passed & {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"} == set()
    assert [name for name, unit in units.items() if "Environment" in unit] == []


@pytest.mark.parametrize("unit", ["dcvserver.service", "desktop-session.service"])
def test_nothing_serves_a_user_without_the_guard(units: dict[str, Unit], unit: str) -> None:
    assert "desktop-metadata-guard.service" in words(units[unit], "Requires") & words(units[unit], "After")


def test_no_server_with_a_driver_that_does_not_fit(units: dict[str, Unit]) -> None:
    assert "desktop-driver-check.service" in words(units["dcvserver.service"], "Requires") & words(units["dcvserver.service"], "After")
    steps = [Path(value).name for value in units["desktop-driver-check.service"]["ExecStart"]]
    assert steps.index("check_driver.sh") < steps.index("choose_gl.sh")


def test_the_agent_starts_without_the_session(units: dict[str, Unit]) -> None:
    """While the session is late or failing, the agent is who says so."""
    agent = units["dcv-agent.service"]
    assert words(agent, "After") & {"desktop-session.service", "dcvserver.service"} == set()
    assert "Requires" not in agent
    assert agent["Restart"] == ["always"]
    assert agent["ExecStopPost"] == ["/bin/rm -f /run/desktop/ready"]


def test_a_restarted_server_gets_its_session_again(units: dict[str, Unit]) -> None:
    assert units["desktop-session.service"]["PartOf"] == ["dcvserver.service"]
    assert units["dcvserver.service"]["Restart"] == ["always"]


def test_our_units_write_to_the_containers_stdout(units: dict[str, Unit]) -> None:
    for name, unit in units.items():
        if name != "dcvserver.service":
            assert unit["StandardOutput"] == unit["StandardError"] == ["file:/run/desktop/console"], name


def test_dcv_listens_where_the_service_points(image: Path) -> None:
    conf = parse(image / "etc" / "dcv.conf")
    settings = {name.strip(): values[0].strip() for name, values in conf.items()}
    assert settings["web-port"] == settings["quic-port"] == "8443"
    assert settings["enable-quic-frontend"] == "true"
    assert settings["create-session"] == "false"
    assert settings["authentication"] == '"system"'
    assert settings["primary-selection-copy"] == settings["primary-selection-paste"] == "true"
    assert int(settings["idle-timeout"]) > 0


def test_the_nodes_x_sockets_are_not_swept_at_boot(image: Path) -> None:
    """Ubuntu's own x11.conf empties /tmp/.X11-unix (D!) and ages it; ours has its name, and so takes its place."""
    lines = [line.split() for line in (image / "etc" / "x11.conf").read_text().splitlines() if not line.startswith("#")]
    assert ["d", "/tmp/.X11-unix", "1777", "root", "root", "-"] in lines
    assert "COPY --chmod=0644 etc/x11.conf /etc/tmpfiles.d/x11.conf" in (image / "Dockerfile").read_text()


def test_the_journal_keeps_off_the_nodes_kernel_log(image: Path) -> None:
    """A privileged container sees the node's /dev/kmsg; its lines are not the desktop's."""
    journal = parse(image / "etc" / "journald.conf")
    assert journal["ReadKMsg"] == ["no"]
    assert journal["Storage"] == ["volatile"]
    assert "etc/journald.conf /etc/systemd/journald.conf.d/desktop.conf" in (image / "Dockerfile").read_text()
