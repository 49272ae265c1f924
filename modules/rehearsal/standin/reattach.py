"""Stand-ins inside a test's own process: Terraform is told where they are, no mirror and no child process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from modules.rehearsal.standin.backend import Backend
from modules.rehearsal.standin.host import Host
from modules.rehearsal.standin.servicer import Provider


@contextmanager
def reattach(backends: Mapping[str, Backend]) -> Iterator[str]:
    """Serve "kubernetes", "helm" or both while the context lasts; gives the value of TF_REATTACH_PROVIDERS."""
    with ExitStack() as stack, subprocess.Popen(["sleep", "infinity"]) as scapegoat:
        try:
            served = {}
            for name, backend in backends.items():
                host = Host(Provider(name, backend), secure=False)
                stack.callback(host.close)
                # Terraform kills the process it is told of when a provider breaks; that must not be the test's.
                served[f"registry.terraform.io/hashicorp/{name}"] = {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": scapegoat.pid,
                    "Test": True,
                    "Addr": {"Network": "unix", "String": host.socket},
                }
            yield json.dumps(served)
        finally:
            scapegoat.kill()
