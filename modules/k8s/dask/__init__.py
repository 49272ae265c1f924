"""The dask-gateway release: what its chart is told, and who its pods talk to."""
