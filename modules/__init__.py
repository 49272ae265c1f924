"""Hubsmith: research computing hubs on AWS EKS. Each folder below is one room; docs/architecture.md draws them."""
