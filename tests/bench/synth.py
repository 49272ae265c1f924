"""How long a synth takes with the two levers and without: paired runs in turn, so that a busy machine slows both.

    python -m tests.bench.synth [--env demo] [--pairs 3]

Prints seconds, peak memory of Python and Node together, and whether both wrote the same bytes. Never fails on a clock.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests._support.processes import descendants

ROOT = Path(__file__).resolve().parents[2]
_SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Run:
    """One synth. mib: peak resident memory of the process and its children, summed, sampled 50 times a second."""

    seconds: float
    mib: float


def resident_mib(pids: list[int]) -> float:
    """Resident memory of these processes together; those that ended meanwhile count nothing."""
    pages = 0
    for pid in pids:
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def synth(env: str, outdir: Path, *, stock: bool) -> Run:
    """One synth of `env` in a process of its own."""
    environment = {**os.environ, "HUB_ENV": env, "CDKTF_OUTDIR": str(outdir)}
    environment.pop("HUB_SYNTH_STOCK", None)
    if stock:
        environment["HUB_SYNTH_STOCK"] = "1"
    started, peak = time.monotonic(), 0.0
    child = subprocess.Popen([sys.executable, "main.py"], cwd=ROOT, env=environment)
    while child.poll() is None:
        peak = max(peak, resident_mib(descendants(child.pid)))
        time.sleep(_SAMPLE_SECONDS)
    if child.returncode:
        raise SystemExit(f"synth of {env} failed with exit code {child.returncode}")
    return Run(time.monotonic() - started, peak)


def line(name: str, runs: list[Run]) -> str:
    """Median and range of one variant."""
    seconds = [run.seconds for run in runs]
    peak = max(run.mib for run in runs)
    return f"{name:<8} {statistics.median(seconds):6.2f} s ({min(seconds):.2f}-{max(seconds):.2f})   {peak:6.0f} MiB"


def main() -> None:
    """Run the pairs and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", default="demo")
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = Path(folder, "ours"), Path(folder, "stock")
        synth(options.env, ours, stock=False)  # warms the jsii cache and the disk
        pairs = [(synth(options.env, ours, stock=False), synth(options.env, stock, stock=True)) for _ in range(options.pairs)]
        files = [str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file()]
        different = [*filecmp.cmpfiles(ours, stock, files, shallow=False)[1:]]
    ratios = [theirs.seconds / mine.seconds for mine, theirs in pairs]
    print(line("ours", [mine for mine, _ in pairs]))
    print(line("stock", [theirs for _, theirs in pairs]))
    span = f"({min(ratios):.1f}-{max(ratios):.1f})"
    equal = not any(different)
    print(f"ratio    {statistics.median(ratios):6.1f}x {span}   {len(files)} files, equal: {equal}")


if __name__ == "__main__":
    main()
