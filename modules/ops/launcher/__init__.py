"""./hub launcher: what runs, and how to run the launcher outside the cluster."""
