#!/usr/bin/env bash
# Entrypoint of the pod: makes the container ready for systemd, keeps a way to the container's stdout, and becomes PID 1.
set -euo pipefail
runtime="${DESKTOP_RUNTIME:-/run}"
run_dir="${DCV_AGENT_RUN:-$runtime/desktop}"
console="${DESKTOP_CONSOLE:-$run_dir/console}"
init="${DESKTOP_INIT:-/sbin/init}"

# The desktop's user must not read the pod's tokens. Their mounts are read-only, so the folder above them is closed.
if [[ -d "$runtime/secrets" ]]; then chmod 0700 "$runtime/secrets"; fi

# /run is the pod's volume and outlives a container: an old socket or pid file in it would confuse the next systemd.
# Mounts (tokens, sockets of the GPU toolkit) are left alone: they are on other file systems, or busy.
find "$runtime" -mindepth 1 -maxdepth 1 ! -name secrets -exec rm -rf --one-file-system {} + 2>/dev/null || true
install -d -m 0755 "$run_dir"

# systemd points its own stdout at /dev/null and a pod has no /dev/console, so the reader below is started while stdout
# still is the container's. It holds the FIFO open for reading and writing: it sees no end of file, and no writer waits
# for a reader. Should cat die, the next one goes on.
mkfifo -m 0600 "$console"
(
  trap '' HUP
  exec <>"$console"
  while :; do
    cat || true
    sleep 1
  done
) &

# Without it systemd takes the container for a machine, with devices and clocks to manage.
export container=docker
printf '%s INFO the desktop starts session=%s node=%s\n' "$(date -u +%FT%TZ)" "${DCV_SESSION:-default-session}" "${NODE_NAME:-unknown}"
exec "$init"
