"""Vault in the cluster: the chart's values, the servers' own configuration, and who may talk to whom."""
