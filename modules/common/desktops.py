"""Names that the desktop stack, the agent in the image, the hub's profiles and `./hub desktop` agree on.

Those with "dcv" in them are the DCV seed's own: what people have built on it keeps working.
"""

from __future__ import annotations

SERVICE_ACCOUNT = "dcv-agent-src-account"
ROLE, ROLE_BINDING = "dcv-agent-role", "dcv-agent-role-binding"
CONFIG_MAP, SERVICE, DAEMON_SET, SEATS = "dcv-agent-config-map", "dcv-svc", "dcv-agent", "dcv-seats"
CONTAINER = "dcv"
#: The seed selected by env=dcv, which other applications of the namespace carry too.
LABELS = {"app.kubernetes.io/name": DAEMON_SET}
SEAT_LABELS = {"app.kubernetes.io/name": SEATS}
#: DCV's own port, for the web client (TCP) and for QUIC (UDP).
PORT = 8443
SESSION = "default-session"
DISPLAY_PARAMETER, SOCKET_PARAMETER = "dcv-display", "dcv-socket-mount-path"
#: Folders of a desktop node, below the env's host_path: X sockets, and the cookie that opens them.
SOCKETS, AUTH = "sockets", "auth"
#: Where the desktop's own container sees them.
SOCKETS_MOUNT, AUTH_MOUNT = "/tmp/.X11-unix", "/var/lib/dcv-agent/auth"
#: A Secret of type kubernetes.io/tls that the operator may put into the namespace, and where the image looks for it.
TLS, TLS_MOUNT = "dcv-tls", "/etc/dcv-tls"
#: The stack, and its outputs: the seed's five, which what people built on it reads, and where desktops answer.
STACK = "desktop"
OUTPUTS = ("DcvEksRoleArn", "DcvNamespace", "DcvNodeport", "DcvDisplayParameterName", "DcvSocketMountPathParameterName")
URL_OUTPUT = "desktop_url"
