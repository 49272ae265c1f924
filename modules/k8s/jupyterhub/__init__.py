"""The JupyterHub release: what its chart is told, and why."""
