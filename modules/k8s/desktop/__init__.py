"""Remote desktops with Amazon DCV: one on every node of the desktop pool, and what application pods need to draw on it."""
