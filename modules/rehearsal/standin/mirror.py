"""A provider mirror whose programs are scripts that lead Terraform to the process that holds the cluster.

Their text never depends on the port: Terraform notes a provider's checksum in its lock file, and would refuse the next
emulator's.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from modules.rehearsal.standin import catalogue

#: Where a script finds the port. The variable goes first: with a shared plugin cache the script's own place may be another env's.
PORT_VARIABLE = "HUBSMITH_STANDIN_PORT"
_PORT_FILE = "port"
_HOST = "registry.terraform.io"
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i386": "386", "i686": "386"}

_SCRIPT = """\
#!/usr/bin/env bash
# hashicorp/{provider} {version} of a rehearsal. The provider lives in the emulator's process; this brings Terraform to it.
if [ -z "${{TF_PLUGIN_MAGIC_COOKIE:-}}" ]; then
  echo "This is a provider of Terraform's, which starts it itself." >&2
  exit 1
fi
port="${{{variable}:-}}"
if [ -z "$port" ]; then
  # Terraform links here from its own folder; the port lies in the mirror.
  mirror="$(cd "${{BASH_SOURCE%/*}}" && pwd -P)/../../../../.."
  port="$(cat "$mirror/{port_file}" 2>/dev/null)"
fi
if ! exec 3<>"/dev/tcp/127.0.0.1/${{port:-0}}"; then
  echo "The rehearsal does not run (port ${{port:-unknown}}). ./install.sh starts it." >&2
  exit 1
fi
printf '%s %s\\n%s\\n' {provider} "${{PLUGIN_CLIENT_CERT:+tls}}" "$PWD" >&3
IFS= read -r handshake <&3 || exit 1
printf '%s\\n' "$handshake"
# Until the emulator hangs up, or Terraform is gone without a word: it may have been killed.
while kill -0 "$PPID" 2>/dev/null; do
  IFS= read -r -t 1 _ <&3 || [ $? -gt 128 ] || exit 0
done
"""


def write_mirror(folder: Path, port: int) -> Path:
    """Make `folder` a mirror (Terraform's "unpacked" layout) whose providers reach `port` on loopback; gives the folder."""
    for provider in catalogue.PROVIDERS:
        version = catalogue.load(provider)["version"]
        place = folder / _HOST / "hashicorp" / provider / version / platform_name()
        place.mkdir(parents=True, exist_ok=True)
        text = _SCRIPT.format(provider=provider, version=version, variable=PORT_VARIABLE, port_file=_PORT_FILE)
        _write(place / f"terraform-provider-{provider}_v{version}", text, 0o755)
    _write(folder / _PORT_FILE, f"{port}\n", 0o600)
    return folder


def platform_name() -> str:
    """This machine in Terraform's words: linux_amd64."""
    machine = platform.machine().lower()
    return f"{'darwin' if sys.platform == 'darwin' else 'linux'}_{_MACHINES.get(machine, machine)}"


def _write(path: Path, text: str, mode: int) -> None:
    """Only when it differs, in one step: a script that runs must not change under bash's hands."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)
