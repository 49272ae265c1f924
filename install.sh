#!/usr/bin/env bash
# Builds an env, or brings it up to date: ./install.sh <env> [--plan] [--json] [--yes]. The work is in modules/ops.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
exec "$here/hub" install "$@"
