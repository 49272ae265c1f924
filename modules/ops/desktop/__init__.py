"""./hub desktop: what desktops an env has, starting and stopping them, and the way to one."""
