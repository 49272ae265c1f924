"""What runs in the cluster, and how it gets there: constructs on a stack, and the pure functions that fill them."""
