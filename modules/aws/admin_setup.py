"""What the admin box does when it first starts: fetch its tools, each against its checksum, and write down where the cluster is."""

from __future__ import annotations

from collections.abc import Sequence

from modules.catalog.admin_tools import TOOLS, Tool

#: HUB_BIN, HUB_LIB and HUB_ETC are only set by tests, which may not write there.
_HEAD = """#!/bin/bash
# Made by modules/aws/admin_setup.py. Its log: /var/log/cloud-init-output.log
set -euo pipefail
bin=${{HUB_BIN:-/usr/local/bin}} lib=${{HUB_LIB:-/usr/local/lib/hub}} etc=${{HUB_ETC:-/etc/hub}}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$bin" "$lib" "$etc"

# What does not have the checksum its makers published is not installed.
fetch() {{ # name url member algorithm sum
  curl --fail --silent --show-error --location --proto '=https' --retry 5 --retry-connrefused --max-time 300 --output "$work/$1.tgz" "$2"
  echo "$5  $work/$1.tgz" | "$4sum" --check --status || {{ echo "$1: $2 does not have its checksum" >&2; exit 1; }}
  tar --extract --gzip --file "$work/$1.tgz" --directory "$work" "$3"
  install -m 0755 "$work/$3" "$lib/$1"
  # A session's shell reads no profile, so the program itself is told where the cluster is.
  printf '#!/bin/sh\\nexec env KUBECONFIG="${{KUBECONFIG:-%s}}" "%s" "$@"\\n' "$etc/kubeconfig" "$lib/$1" > "$bin/$1"
  chmod 0755 "$bin/$1"
}}

"""
_TAIL = """
# IAM takes a moment to know a new role's policies. The file holds no secret: a token is asked for at each call.
for attempt in 1 2 3 4 5 6; do
  aws eks update-kubeconfig --name '{cluster}' --region '{region}' --kubeconfig "$etc/kubeconfig" && break
  [ "$attempt" -lt 6 ] || exit 1
  sleep "${{HUB_PAUSE:-10}}"
done
chmod 0644 "$etc/kubeconfig"
"""


def setup_script(*, cluster: str, region: str, arch: str, tools: Sequence[Tool] = TOOLS) -> str:
    """User data in bash. cluster: its name; arch: amd64 or arm64."""
    lines = (
        f"fetch {tool.name} '{tool.url.format(arch=arch)}' '{tool.member.format(arch=arch)}' {tool.algorithm} {tool.sums[arch]}"
        for tool in tools
    )
    return _HEAD.format() + "\n".join(lines) + "\n" + _TAIL.format(cluster=cluster, region=region)
