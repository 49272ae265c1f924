"""A real Dask gateway beside a real hub: what stands in for its cluster, and the notebooks of its users."""
