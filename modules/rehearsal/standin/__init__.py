"""Stand-ins for hashicorp/kubernetes and hashicorp/helm: real schemas and a real protocol, with a cluster in memory behind them.

Terraform reaches them through a mirror of tiny scripts (`mirror`) or, in tests, in the test's own process (`reattach`).
"""
