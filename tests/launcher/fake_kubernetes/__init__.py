"""A stand-in for a cluster's API as the launcher uses it: the rehearsal's API server with controllers, faults and a count of calls.

What it is: real HTTP on loopback; requests are judged by Kubernetes' published schemas and the rehearsal's rules (names, ports,
pod security), stored and listed as the rehearsal does it. Deployments get a replica set and a pod, pods a node, Services their
addresses, owned objects go with their owner.

Its limits: everything that controllers do is done before the request that caused it is answered, unless a test asks for less
(`Cluster.scheduling`, `Cluster.reaping`); no container runs, so that readiness is decided by the image's name; there is one
replica at most; RBAC is not evaluated; one lock serves all requests, so its own speed says nothing of a real API server's.
"""

from tests.launcher.fake_kubernetes.cluster import Call, Cluster
from tests.launcher.fake_kubernetes.faults import Fault
from tests.launcher.fake_kubernetes.serving import serve

__all__ = ["Call", "Cluster", "Fault", "serve"]
