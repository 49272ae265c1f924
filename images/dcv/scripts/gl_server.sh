#!/usr/bin/env bash
# The X server on the GPU that dcv-gl draws on (display :9, see gl-displays in dcv.conf); nobody looks at it.
set -euo pipefail
# shellcheck source=images/dcv/scripts/sentences.sh
source "$(dirname "${BASH_SOURCE[0]}")/sentences.sh"
sockets="${DCV_AGENT_SOCKETS:-/tmp/.X11-unix}"
display=9
folder="$run_dir/gl-server"

# "00000000:00:1E.0" of nvidia-smi is hexadecimal; xorg.conf wants "PCI:0:30:0".
bus_id() {
  local address bus device function
  address="$(nvidia-smi --query-gpu=pci.bus_id --format=csv,noheader | head -n 1)"
  [[ "$address" =~ ^[0-9A-Fa-f]+:([0-9A-Fa-f]+):([0-9A-Fa-f]+)\.([0-9A-Fa-f])$ ]] || return 1
  bus="${BASH_REMATCH[1]}" device="${BASH_REMATCH[2]}" function="${BASH_REMATCH[3]}"
  printf 'PCI:%d:%d:%d\n' "0x$bus" "0x$device" "0x$function"
}

bus="$(bus_id)" || refuse "nvidia-smi names no GPU on this node; is nvidia.com/gpu in the pod's requests?"
install -d -m 0700 "$folder"
cat >"$folder/xorg.conf" <<CONF
Section "ServerLayout"
  Identifier "gl"
  Screen "gpu"
EndSection
Section "Device"
  Identifier "gpu"
  Driver "nvidia"
  BusID "$bus"
  Option "HardDPMS" "false"
EndSection
Section "Screen"
  Identifier "gpu"
  Device "gpu"
  DefaultDepth 24
  Option "AllowEmptyInitialConfiguration" "true"
EndSection
CONF
export XAUTHORITY="$folder/xauth"
: >"$XAUTHORITY"
# The cookie comes through stdin: an argument could be read by every process.
printf 'add :%s . %s\n' "$display" "$(mcookie)" | xauth -q source -
Xorg ":$display" -config "$folder/xorg.conf" -auth "$XAUTHORITY" -noreset -novtswitch -sharevts &
server=$!
# DCV's session and server by their users, and nobody else: the socket is in a folder that other pods see.
for _ in {1..100}; do
  if [[ -S "$sockets/X$display" ]] && DISPLAY=":$display" xhost '+si:localuser:#1000' +si:localuser:dcv >/dev/null 2>&1; then
    succeeded "the GPU's X server answers on :$display"
    wait "$server" || true
    refuse "the GPU's X server ended"
  fi
  kill -0 "$server" 2>/dev/null || refuse "the GPU's X server did not start; see /var/log/Xorg.$display.log"
  sleep 0.1
done
kill "$server" || true
refuse "the GPU's X server did not answer on :$display within 10 s"
