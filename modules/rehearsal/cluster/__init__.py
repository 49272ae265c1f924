"""The Kubernetes cluster of a rehearsal: objects in memory, refused where an API server would refuse them."""
