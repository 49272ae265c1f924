"""The Dockerfile's own promises: sources that exist, versions that do not float, sums before anything is unpacked."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

from tests._support.pins import needed, pins


@pytest.fixture(scope="module")
def dockerfile(image: Path) -> list[str]:
    """Instructions, one an entry, without comments and line breaks."""
    text = re.sub(r"^\s*#.*\n", "", (image / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]


def instructions(dockerfile: list[str], name: str) -> list[str]:
    """The arguments of one kind of instruction."""
    found = [line.split(maxsplit=1)[1] for line in dockerfile if line.split()[0] == name]
    assert found, f"no {name}"
    return found


def test_everything_copied_exists(dockerfile: list[str], image: Path) -> None:
    ignored = (image / ".dockerignore").read_text().split()
    for line in instructions(dockerfile, "COPY"):
        *sources, _ = [word for word in line.split() if not word.startswith("--")]
        for source in sources:
            assert (image / source).exists(), source
            assert source not in ignored


def test_bases_are_named_by_version_or_digest(dockerfile: list[str]) -> None:
    base = next(line for line in instructions(dockerfile, "ARG") if line.startswith("BASE="))
    assert re.fullmatch(r"BASE=ubuntu:\d\d\.\d\d(@sha256:[0-9a-f]{64})?", base)
    assert {line.split()[0] for line in instructions(dockerfile, "FROM")} == {"${BASE}"}


def test_nothing_floats(dockerfile: list[str]) -> None:
    """Files are fetched by version and checked by sum; DCV's unversioned links always give the newest."""
    text = "\n".join(dockerfile)
    assert ":latest" not in text
    assert "apt-get upgrade" not in text
    assert "nice-dcv-ubuntu2404" not in text
    fetched = [line for line in dockerfile if "curl -f" in line]
    assert len(fetched) == 2
    for line in fetched:
        assert line.index("sha256sum --check --strict") > line.index("curl -f")
        assert "VERSION" in line or "NVIDIA_DRIVER" in line
    assert re.search(r"ARG DCV_SHA256=[0-9a-f]{64}$", text, re.MULTILINE)


def test_a_driver_without_its_sum_stops_the_build(dockerfile: list[str]) -> None:
    """No sum is known for a driver of somebody's choice, so there is no default."""
    assert {'NVIDIA_DRIVER=""', 'NVIDIA_SHA256=""'} <= set(instructions(dockerfile, "ARG"))
    line = next(line for line in dockerfile if "NVIDIA_SITE}" in line)
    assert line.index("needs NVIDIA_SHA256") < line.index("curl -f")


def test_the_agents_packages_are_pinned_to_the_last(dockerfile: list[str], image: Path) -> None:
    asked = pins(image / "agent" / "requirements.txt")
    pinned = asked | pins(image / "constraints.txt")
    seen: set[str] = set()
    for name in asked:
        needed(name, seen, python="3.12")
    assert len(seen) > 10
    assert seen == set(pinned)
    here = {name: importlib.metadata.version(name) for name in seen}
    assert pinned == here, "the image runs what the tests ran"
    installs = [line for line in dockerfile if "pip install" in line]
    assert installs
    assert all("-r " in line and "-c " in line for line in installs)


def test_no_secret_is_in_the_image(dockerfile: list[str], image: Path) -> None:
    assert "rm -f /etc/dcv/*.pem /etc/dcv/*.key" in "\n".join(dockerfile)
    assert not re.search(r"password|secret|token", "\n".join(line for line in dockerfile if line.startswith(("ARG", "ENV"))), re.IGNORECASE)
    assert [path for path in image.rglob("*") if path.suffix in {".pem", ".key", ".crt", ".lic"}] == []


def test_the_container_is_what_the_pod_expects(dockerfile: list[str]) -> None:
    assert instructions(dockerfile, "EXPOSE") == ["8443/tcp 8443/udp"]
    assert instructions(dockerfile, "STOPSIGNAL") == ["SIGRTMIN+3"]
    assert instructions(dockerfile, "CMD") == ['["/usr/local/bin/run_script.sh"]']


def test_the_nodes_own_business_is_masked(dockerfile: list[str]) -> None:
    """A privileged systemd would otherwise load modules, set kernel values and the clock, and trigger devices of the node."""
    masked = next(line for line in dockerfile if "systemctl mask" in line)
    for unit in (
        "systemd-udev-trigger.service",
        "systemd-modules-load.service",
        "systemd-sysctl.service",
        "systemd-timesyncd.service",
        "tmp.mount",
    ):
        assert f" {unit} " in masked
