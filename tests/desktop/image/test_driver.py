"""The node's driver against the image's, the choice of OpenGL, and the X server on the GPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests._support.scripts import Bench

CLOSED = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.07  Sat Feb 17 22:55:48 UTC 2024\nGCC version:  gcc version 11.4.0\n"
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22)  Tue Sep 23\n"


@pytest.fixture
def node(bench: Bench) -> Bench:
    """A node without a GPU, and an image without libraries."""
    bench.environ |= {
        "DESKTOP_KERNEL_DRIVER": str(bench.folder / "proc" / "version"),
        "DESKTOP_BUILT_DRIVER": str(bench.folder / "etc" / "nvidia-driver"),
        "DESKTOP_LIBRARIES": f"{bench.folder / 'absent'}:{bench.folder / 'lib'}",
        "DESKTOP_DCV_CONF": str(bench.folder / "dcv.conf"),
        "DESKTOP_X_DRIVERS": f"{bench.folder / 'absent'}:{bench.folder / 'xorg'}",
    }
    return bench


MATCHES = [
    ("no GPU", None, "", [], 0, "no NVIDIA driver on this node: the desktop renders in software"),
    ("toolkit", CLOSED, "", ["535.161.07"], 0, "NVIDIA driver 535.161.07 on the node and in the container"),
    ("built", CLOSED, "535.161.07", ["535.161.07"], 0, "NVIDIA driver 535.161.07 on the node and in the container"),
    ("open module", OPEN, "580.95.05", ["580.95.05"], 0, "NVIDIA driver 580.95.05 on the node and in the container"),
    (
        "built for another",
        OPEN,
        "535.161.07",
        ["535.161.07"],
        1,
        "driver 580.95.05 and this image was built for 535.161.07",
    ),
    ("no libraries", OPEN, "", [], 1, "the node runs NVIDIA driver 580.95.05 and the container has no NVIDIA libraries"),
    ("other libraries", OPEN, "", ["550.1", "535.2.3"], 1, "driver 580.95.05 and the container's NVIDIA libraries are 535.2.3, 550.1"),
    ("unreadable", "something else\n", "", [], 1, "cannot read the driver's version in"),
]


@pytest.mark.parametrize(
    ("kernel", "built", "libraries", "code", "sentence"), [row[1:] for row in MATCHES], ids=[row[0] for row in MATCHES]
)
def test_both_halves_of_the_driver_are_compared(
    node: Bench, kernel: str | None, built: str, libraries: list[str], code: int, sentence: str
) -> None:
    node.file("etc/nvidia-driver", built)
    node.file("run/gpu", "of an earlier start")
    if kernel is not None:
        node.file("proc/version", kernel)
    for version in libraries:
        node.file(f"lib/libnvidia-ml.so.{version}")
    node.file("lib/libnvidia-ml.so.1")
    done = node.run("check_driver.sh")
    assert (done.returncode, sentence in done.stdout) == (code, True), done.stdout
    assert (node.run_dir / "failed-check_driver").exists() == bool(code)
    assert (node.run_dir / "gpu").exists() == (kernel is not None and not code)


def test_a_mended_driver_takes_its_sentence_back(node: Bench) -> None:
    node.file("etc/nvidia-driver", "1.2")
    kernel = node.file("proc/version", OPEN)
    assert node.run("check_driver.sh").returncode == 1
    kernel.unlink()
    assert node.run("check_driver.sh").returncode == 0
    assert not (node.run_dir / "failed-check_driver").exists()


@pytest.mark.parametrize(
    ("gpu", "x_driver", "value", "reason"),
    [
        (False, False, "always-off", "no GPU"),
        (False, True, "always-off", "no GPU"),
        (True, False, "always-off", "the GPU has no X driver (nvidia_drv.so) in the container"),
        (True, True, "default-on", "GPU with driver 580.95.05"),
    ],
)
@pytest.mark.parametrize("before", ["always-off", "default-on"])
def test_opengl_is_on_only_where_a_gpu_draws(
    node: Bench, image: Path, gpu: bool, x_driver: bool, value: str, reason: str, before: str
) -> None:
    shipped = (image / "etc" / "dcv.conf").read_text()
    assert '"always-off"' in shipped
    conf = node.file("dcv.conf", shipped.replace('"always-off"', f'"{before}"'))
    node.file("run/gl", "of an earlier start")
    if gpu:
        node.file("run/gpu", "580.95.05\n")
    if x_driver:
        node.file("xorg/nvidia_drv.so")
    done = node.run("choose_gl.sh")
    assert done.returncode == 0, done.stdout
    assert f"OpenGL in sessions is {value}: {reason}" in done.stdout
    assert conf.read_text() == shipped.replace('"always-off"', f'"{value}"')
    assert (node.run_dir / "gl").exists() == (value == "default-on")


def test_a_configuration_without_the_line_is_refused(node: Bench) -> None:
    """A team's own dcv.conf: silence here would be a black session later."""
    node.file("dcv.conf", "[session-management]\n")
    done = node.run("choose_gl.sh")
    assert done.returncode == 1
    assert "has no line enable-gl-in-virtual-sessions" in (node.run_dir / "failed-choose_gl").read_text()


X_SERVER = """python3 - "$DCV_AGENT_SOCKETS/X9" "$CALLS" <<'PYTHON'
import pathlib, socket, sys, time
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
while "xhost" not in pathlib.Path(sys.argv[2]).read_text():
    time.sleep(0.01)
PYTHON
exit 1"""


@pytest.fixture
def gpu(node: Bench) -> Bench:
    """A GPU, and an X server that ends once somebody was let in."""
    node.fake("nvidia-smi", "echo 00000000:00:1E.0; echo 00000000:00:1F.0")
    node.fake("mcookie", "echo 0123456789abcdef0123456789abcdef")
    node.fake("xauth", 'cat >>"$CALLS.stdin"')
    node.fake("xhost")
    node.fake("Xorg", X_SERVER)
    return node


def test_the_gpu_server_lets_in_the_desktops_user_and_dcv_only(gpu: Bench) -> None:
    done = gpu.run("gl_server.sh")
    assert done.returncode == 1
    assert "the GPU's X server answers on :9" in done.stdout
    assert "the GPU's X server ended" in done.stdout
    assert gpu.calls("xhost") == ["xhost +si:localuser:#1000 +si:localuser:dcv"]
    assert 'BusID "PCI:0:30:0"' in (gpu.run_dir / "gl-server" / "xorg.conf").read_text()
    assert (gpu.run_dir / "gl-server").stat().st_mode & 0o777 == 0o700
    assert "0123456789abcdef" in (gpu.folder / "calls.stdin").read_text()
    assert not [call for call in gpu.calls() if "0123456789abcdef" in call]


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("nvidia-smi", "exit 9", "nvidia-smi names no GPU on this node"),
        ("nvidia-smi", "echo No devices were found", "nvidia-smi names no GPU on this node"),
        ("Xorg", "exit 1", "the GPU's X server did not start"),
    ],
)
def test_a_gpu_server_that_cannot_start_says_why(gpu: Bench, name: str, body: str, sentence: str) -> None:
    gpu.fake(name, body)
    done = gpu.run("gl_server.sh")
    assert done.returncode == 1
    assert sentence in (gpu.run_dir / "failed-gl_server").read_text()
