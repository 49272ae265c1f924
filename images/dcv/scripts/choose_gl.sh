#!/usr/bin/env bash
# Says in dcv.conf whether sessions get OpenGL on the GPU: with dcv-gl on and no GPU behind it a session stays black.
set -euo pipefail
# shellcheck source=images/dcv/scripts/sentences.sh
source "$(dirname "${BASH_SOURCE[0]}")/sentences.sh"
conf="${DESKTOP_DCV_CONF:-/etc/dcv/dcv.conf}"
drivers="${DESKTOP_X_DRIVERS:-/usr/lib/xorg/modules/drivers:/usr/lib/x86_64-linux-gnu/nvidia/xorg:/usr/lib64/xorg/modules/drivers}"

has_x_driver() {
  local folder
  while IFS= read -r -d: folder; do
    if [[ -e "$folder/nvidia_drv.so" ]]; then return 0; fi
  done <<<"$drivers:"
  return 1
}

value=always-off reason="no GPU"
if [[ -e "$run_dir/gpu" ]]; then
  if has_x_driver; then
    value=default-on reason="GPU with driver $(cat "$run_dir/gpu")"
  else
    reason="the GPU has no X driver (nvidia_drv.so) in the container; build the image with NVIDIA_DRIVER"
  fi
fi
sed -i "s/^enable-gl-in-virtual-sessions *=.*/enable-gl-in-virtual-sessions = \"$value\"/" "$conf"
grep -qxF "enable-gl-in-virtual-sessions = \"$value\"" "$conf" || refuse "$conf has no line enable-gl-in-virtual-sessions"
# desktop-gl.service starts only where this file is.
if [[ "$value" == default-on ]]; then touch "$run_dir/gl"; else rm -f "$run_dir/gl"; fi
succeeded "OpenGL in sessions is $value: $reason"
