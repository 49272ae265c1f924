"""Where processes run. One runtime: a Kubernetes cluster."""
