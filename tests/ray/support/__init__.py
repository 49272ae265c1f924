"""A real Ray cluster on loopback, started with the command lines that helm/ray-static-cluster renders."""
