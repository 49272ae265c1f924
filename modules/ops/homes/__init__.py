"""Homes and the hub's database: found by their tags, given back to a new cluster, kept by a cleanup."""
