"""modules/hub/gateway as it is shipped: inside the chart's own configuration file, because the chart mounts nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.k8s.dask.refs import PACKAGE

_GATEWAY = Path(__file__).resolve().parents[2] / "hub" / "gateway"
_SNIPPET = """\
import json, pathlib, sys, tempfile

_folder = pathlib.Path(tempfile.mkdtemp())
(_folder / "{package}").mkdir()
for _name, _text in json.loads({files!r}).items():
    (_folder / "{package}" / _name).write_text(_text, encoding="utf-8")
sys.path.insert(0, str(_folder))
from {package}.configure import configure

configure(c, json.loads({settings!r}))
"""


def snippet(settings: Mapping[str, Any]) -> str:
    """Python for the chart's `gateway.extraConfig`: writes the package where Python finds it, and applies `settings`.

    Holds no `${`, which Terraform would take for its own: a row of the tests sees to it. The chart puts a digest of it on the
    pod, so the gateway restarts when the package or the settings change.
    """
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(_GATEWAY.glob("*.py"))}
    return _SNIPPET.format(package=PACKAGE, files=json.dumps(files), settings=json.dumps(settings, sort_keys=True))
