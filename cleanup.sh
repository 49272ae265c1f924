#!/usr/bin/env bash
# Takes an env away and keeps its data: ./cleanup.sh <env> [--dry-run] [--delete-data] [--purge-state] [--confirm <env>] [--json].
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
exec "$here/hub" cleanup "$@"
