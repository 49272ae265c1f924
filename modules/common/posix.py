"""As whom users' servers run; the file system's access points give files the same owner."""

#: `jovyan` and `users` of the Jupyter Docker stacks, https://github.com/jupyter/docker-stacks
NOTEBOOK_UID, NOTEBOOK_GID = 1000, 100
