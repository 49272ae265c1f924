#!/usr/bin/env bash
# Only root and DCV's server (licence check) reach the instance metadata: a desktop's user would take the node's role there.
set -euo pipefail
# shellcheck source=images/dcv/scripts/sentences.sh
source "$(dirname "${BASH_SOURCE[0]}")/sentences.sh"
interfaces="${DESKTOP_INET6:-/proc/net/if_inet6}"

# ensure TOOL RULE…: appends to OUTPUT what is not there yet, so that a restart adds nothing.
ensure() {
  local tool="$1"
  shift
  "$tool" -w 5 -C OUTPUT "$@" 2>/dev/null || "$tool" -w 5 -A OUTPUT "$@"
}

# close TOOL ADDRESS: order matters, the first rule that fits decides.
close() {
  ensure "$1" -d "$2" -m owner --uid-owner root -j ACCEPT &&
    ensure "$1" -d "$2" -m owner --uid-owner dcv -j ACCEPT &&
    ensure "$1" -d "$2" -j REJECT
}

# has_ipv6: an address beyond the loopback's.
has_ipv6() { [[ -r "$interfaces" ]] && awk '$NF != "lo" { found = 1 } END { exit !found }' "$interfaces"; }

close iptables 169.254.169.254/32 ||
  refuse "iptables cannot close the instance metadata to the desktop's user: no session is started; the node's kernel needs xt_owner and the pod must be privileged"
if has_ipv6; then
  close ip6tables fd00:ec2::254/128 || refuse "ip6tables cannot close the instance metadata to the desktop's user: no session is started"
fi
succeeded "instance metadata is open to root and dcv only"
