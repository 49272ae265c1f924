"""The Kubernetes REST API of a rehearsal's cluster, for people's tools: the objects are those Terraform's stand-ins made.

A stand-in, and so: nobody is authenticated (any bearer token is let in, and none is) and nothing is authorised (no RBAC).
There are no controllers, no scheduler and no kubelet: a Deployment makes no pods, an owner that goes takes nothing with it.
Not there: logs, exec, port-forward, proxy, server-side apply, OpenAPI, paging (every list is whole).
"""
