#!/usr/bin/env bash
# Runs as the desktop's user inside the DCV session (DISPLAY and XAUTHORITY are DCV's): the desktop itself.
set -euo pipefail
export XDG_CURRENT_DESKTOP=XFCE XDG_SESSION_TYPE=x11
pause="${DESKTOP_PAUSE:-1}"

# A blanked screen is a black picture to the person who connects next, and to the application pods' users.
xset s off -dpms || true

# Logging out gives a fresh desktop: were the session to end, application pods would lose the display they draw on.
# xset fails when the X server is gone; then the session is over indeed.
while xset q >/dev/null 2>&1; do
  dbus-run-session -- xfce4-session || true
  sleep "$pause"
done
