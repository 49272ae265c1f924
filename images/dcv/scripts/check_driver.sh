#!/usr/bin/env bash
# Compares the node's NVIDIA kernel driver with the image's user-space driver: OpenGL dies in odd ways when they differ.
set -euo pipefail
# shellcheck source=images/dcv/scripts/sentences.sh
source "$(dirname "${BASH_SOURCE[0]}")/sentences.sh"
kernel_file="${DESKTOP_KERNEL_DRIVER:-/proc/driver/nvidia/version}"
built_file="${DESKTOP_BUILT_DRIVER:-/etc/desktop/nvidia-driver}"
libraries="${DESKTOP_LIBRARIES:-/usr/lib/x86_64-linux-gnu:/usr/lib64:/usr/local/nvidia/lib64}"

# The first word of the NVRM line that is a version: "… Kernel Module  535.161.07  Sat …", "… for x86_64  560.35.03  …".
kernel_version() { awk '/^NVRM/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9.]+$/) { print $i; exit } }' "$kernel_file"; }

# Versions of the management library in the container, one a line; every user-space driver carries it under its version.
library_versions() {
  local folder
  while IFS= read -r -d: folder; do
    if [[ -d "$folder" ]]; then
      find "$folder" -maxdepth 1 -name 'libnvidia-ml.so.*.*' -printf '%f\n' | sed 's/^libnvidia-ml\.so\.//'
    fi
  done <<<"$libraries:"
}

rm -f "$run_dir/gpu"
if [[ ! -r "$kernel_file" ]]; then
  succeeded "no NVIDIA driver on this node: the desktop renders in software"
  exit 0
fi
kernel="$(kernel_version)"
[[ -n "$kernel" ]] || refuse "cannot read the driver's version in $kernel_file"
built="$(cat "$built_file" 2>/dev/null || true)"
if [[ -n "$built" && "$built" != "$kernel" ]]; then
  refuse "the node runs NVIDIA driver $kernel and this image was built for $built: build it again with NVIDIA_DRIVER=$kernel, or choose a node image with $built"
fi
found="$(library_versions | sort -u)"
if [[ -z "$found" ]]; then
  refuse "the node runs NVIDIA driver $kernel and the container has no NVIDIA libraries: build the image with NVIDIA_DRIVER=$kernel, or give the pod a GPU through the NVIDIA container toolkit"
fi
if ! grep -qxF "$kernel" <<<"$found"; then
  refuse "the node runs NVIDIA driver $kernel and the container's NVIDIA libraries are ${found//$'\n'/, }: build the image with NVIDIA_DRIVER=$kernel"
fi
printf '%s\n' "$kernel" >"$run_dir/gpu"
succeeded "NVIDIA driver $kernel on the node and in the container"
