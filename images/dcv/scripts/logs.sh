#!/usr/bin/env bash
# Brings to the container's stdout what does not write there itself: DCV's log files and systemd's complaints.
set -euo pipefail
folder="${DESKTOP_DCV_LOGS:-/var/log/dcv}"

# -F waits for files that are not there yet and follows a rotation.
tail -q -n 500 -F "$folder/server.log" "$folder/sessionlauncher.log" 2>/dev/null | sed -u 's/^/dcv: /' &
# notice and worse: a started unit is no news, a failed one is.
journalctl --follow --lines=all --output=cat --priority=notice 2>/dev/null | sed -u 's/^/systemd: /' &
# Either reader's end ends the unit, and systemd starts both again.
wait -n
kill 0
