"""What runs in a notebook of a test: executes the cells it is sent, one a line, in one namespace. Runs in the Dask environment."""

import gc
import json
import os
import sys
from typing import Any

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a cell prints goes to the log
namespace: dict[str, Any] = {}
for line in sys.stdin:
    namespace["result"] = error = None
    try:
        exec(compile(json.loads(line), "cell", "exec"), namespace)  # noqa: S102  # it is a notebook
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
    # A GatewayCluster that was refused closes itself when it is collected, and waits for ever if that is on its loop's own thread.
    gc.collect()
    answers.write(json.dumps({"result": namespace["result"], "error": error}, default=str) + "\n")
    answers.flush()
