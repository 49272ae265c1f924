"""The process launcher: run a container on the cluster by one HTTP call, as Hydroplane does."""
