"""What the Dask gateway runs of ours: options, users' limits, and the pods they become. Shipped as package `hubsmith_gateway`."""
