"""The same facts on a terminal, in a log, and not at all."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from modules.ops.failures.terraform import Failure
from modules.ops.live import Live
from modules.ops.progress import Display, Plain, human, make_display, short
from modules.ops.results import StackResult


class Clock:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (3.14, "3.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (64, "1 m 04 s"),
        (3599.4, "59 m 59 s"),
        (3720, "1 h 02 m"),
    ],
)
def test_times_in_human_units(seconds: float, text: str) -> None:
    assert human(seconds) == text


def test_short_names() -> None:
    assert short("demo", "demo-cluster") == "cluster"
    assert short("demo", "other-cluster") == "other-cluster"


def play(display: Display, clock: Clock) -> None:
    """A run of two stacks, one of which fails."""
    display.begin({"demo-data": 3, "demo-network": 2})
    display.phase("demo-data", "plan")
    display.phase("demo-data", "apply", 3)
    display.resource_started("demo-data", "aws_kms_key.a")
    display.resource_finished("demo-data", "aws_kms_key.a", True)
    display.resource_started("demo-data", "aws_efs_file_system.b")
    clock.now += 40
    display.tick()
    display.tick()
    display.phase("demo-network", "apply", 2)
    display.resource_started("demo-network", "aws_vpc.main")
    display.resource_finished("demo-network", "aws_vpc.main", False)
    display.note("demo-network: trying again in 10 s (1 of 3)")


def end(display: Display) -> None:
    display.finish(StackResult("demo-data", "applied", add=3), "3 added · 1.0 s")
    display.finish(StackResult("demo-network", "failed", failure=Failure("denied", "no", "no", "no")), "aws_vpc.main: no")
    display.end()


def test_plain_lines_have_time_stamps_and_a_heartbeat() -> None:
    out, clock = io.StringIO(), Clock()
    display = Plain("demo", out, clock)
    play(display, clock)
    end(display)
    lines = out.getvalue().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert [line[21:] for line in lines] == [
        "  data        apply: 3 resources",
        "  data        1/3 aws_efs_file_system.b (40 s)",
        "  network     apply: 2 resources",
        "  network     0/2 failed: aws_vpc.main (0.0 s)",
        "  demo-network: trying again in 10 s (1 of 3)",
        "ok data        3 added · 1.0 s",
        "FAILED network     aws_vpc.main: no",
    ]


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "✔"), ("ascii", "ok"), ("latin-1", "ok")])
def test_a_stream_that_cannot_write_the_marks_still_gets_the_words(encoding: str, mark: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    Plain("demo", stream).step("config", "ready · naïve →")
    stream.flush()
    assert f" {mark} config      ready" in raw.getvalue().decode(encoding)


def live(no_color: bool = False, width: int = 90) -> tuple[Live, io.StringIO, Clock]:
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, force_terminal=True, width=width, highlight=False, no_color=no_color, color_system="standard")
    return Live("demo", console, clock), out, clock


def text_of(display: Live) -> str:
    console = Console(file=io.StringIO(), width=display.console.width, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(display.render())
    return captured.get()


def test_the_region_shows_stacks_resources_elapsed_and_estimate() -> None:
    display, _, clock = live()
    play(display, clock)
    text = text_of(display)
    assert "1/5 · 40 s · about 2 m 40 s left" in text
    assert re.search(r"data +1/3 aws_efs_file_system.b \(40 s\)", text)
    assert re.search(r"network +0/2", text)
    end(display)
    assert "5/5 · 40 s · nearly done" in text_of(display)
    assert "data" not in text_of(display), "finished stacks scroll up"


def test_several_resources_in_work_and_narrow_terminals() -> None:
    display, _, _ = live(width=50)
    display.begin({"demo-data": 9})
    display.phase("demo-data", "apply", 9)
    for name in ("a", "b", "c"):
        display.resource_started("demo-data", f"aws_s3_bucket_lifecycle_configuration.{name}")
    assert all(len(line) <= 50 for line in text_of(display).splitlines())
    display.end()


@pytest.mark.parametrize("no_color", [True, False])
def test_colour_is_never_the_only_signal(no_color: bool) -> None:
    display, out, clock = live(no_color)
    play(display, clock)
    end(display)
    text = out.getvalue()
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
    assert "✔ data        3 added" in plain
    assert "✖ network     aws_vpc.main: no" in plain
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", text)) is not no_color


def test_json_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    display = make_display("demo", as_json=True)
    play(display, Clock())
    display.step("config", "ready")
    end(display)
    assert capsys.readouterr() == ("", "")
    assert display.ask("really? ") is None


def test_a_pipe_gets_plain_lines() -> None:
    assert isinstance(make_display("demo", as_json=False), Plain)
