"""The process launcher in the cluster: its settings, its rights, its pod, and the namespaces its processes run in."""
