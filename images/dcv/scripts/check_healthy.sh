#!/usr/bin/env bash
# The pod's probes: exits 1 with one sentence when server, session or display is gone; `ready` asks the agent's file too.
set -euo pipefail
mode="${1:-live}"
run_dir="${DCV_AGENT_RUN:-/run/desktop}"
sockets="${DCV_AGENT_SOCKETS:-/tmp/.X11-unix}"
proc="${DESKTOP_PROC:-/proc}"
port="${DESKTOP_PORT:-8443}"
session="${DCV_SESSION:-default-session}"

unhealthy() {
  printf '%s\n' "$1"
  exit 1
}

# A boot step that failed explains everything that follows from it.
first_failure() {
  local file
  for file in "$run_dir"/failed-*; do
    if [[ -s "$file" ]]; then
      head -n 1 "$file"
      return 0
    fi
  done
  return 1
}

# State 0A is LISTEN (include/net/tcp_states.h); the port is the address' last four digits.
server_listens() {
  local files=("$proc/net/tcp")
  [[ ! -r "$proc/net/tcp6" ]] || files+=("$proc/net/tcp6")
  awk -v port="$(printf ':%04X' "$port")" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }' "${files[@]}"
}

# Sockets that listen at the path, by inode. /proc/net/unix shows this pod's only, so what other pods leave in the shared
# folder is not counted, and a file that a dead X server left has no line. 00010000 is __SO_ACCEPTCON.
listeners() { awk -v path="$1" '$4 == "00010000" && $8 == path { print $7 }' "$proc/net/unix"; }

# One of the sockets belongs to a process named Xdcv.
xdcv_serves() {
  local folder name inode
  for folder in "$proc"/[0-9]*; do
    { read -r name <"$folder/comm"; } 2>/dev/null || continue
    [[ "$name" == Xdcv* ]] || continue
    for inode in "$@"; do
      if [[ -n "$(find "$folder/fd" -lname "socket:\[$inode\]" -print -quit 2>/dev/null)" ]]; then return 0; fi
    done
  done
  return 1
}

check_display() {
  local number path inodes
  number="$(sed -n 's/.*"x11-display" *: *":\([0-9]*\)[^"]*".*/\1/p' <<<"$1" | head -n 1)"
  [[ -n "$number" ]] || unhealthy "session $session has no X display yet"
  path="$sockets/X$number"
  [[ -S "$path" ]] || unhealthy "the X socket $path of session $session is gone"
  mapfile -t inodes < <(listeners "$path")
  if ((${#inodes[@]} == 0)) || ! xdcv_serves "${inodes[@]}"; then unhealthy "no Xdcv serves display :$number of session $session"; fi
}

case "$mode" in live | ready) ;; *) unhealthy "usage: check_healthy.sh live|ready" ;; esac
if failure="$(first_failure)"; then unhealthy "$failure"; fi
server_listens || unhealthy "the DCV server is gone: nothing listens on port $port"
# 3 s: it answers in a tenth of that; a server that does not answer at all is as good as gone.
described="$(timeout 3 dcv describe-session "$session" --json 2>/dev/null)" || unhealthy "DCV session $session is gone"
check_display "$described"
if [[ "$mode" == ready && ! -e "$run_dir/ready" ]]; then
  reason="$(head -n 1 "$run_dir/not-ready" 2>/dev/null || true)"
  unhealthy "${reason:-the agent has not published the display yet}"
fi
