"""JupyterHub's configuration in a test: applies hub.json, then runs the chart's extraConfig snippets as the chart does."""

import json
import sys
from pathlib import Path
from types import ModuleType

from tornado.httpclient import AsyncHTTPClient

c = get_config()  # noqa: F821  # JupyterHub puts it here
given = json.loads(Path("hub.json").read_text())

AsyncHTTPClient.configure("tornado.curl_httpclient.CurlAsyncHTTPClient")
for name, traits in given["traits"].items():
    c[name].update(traits)

chart = ModuleType("z2jh")
chart.get_config = lambda path, default=None: given["custom"].get(path.removeprefix("custom."), default)
sys.modules["z2jh"] = chart
for name, source in given["snippets"]:
    print(f"Loading extra config: {name}")
    exec(compile(source, name, "exec"))  # noqa: S102  # what the chart does with extraConfig
