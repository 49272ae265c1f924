"""What the launcher, the stack that runs it, the hub and `./hub launcher` must agree on."""

from __future__ import annotations

from typing import Final

#: The stack; in its namespace the Deployment, the Service, the service account, the ConfigMap; and the hub's name for it as a service.
STACK = NAME = "launcher"
#: Labels of the server's pod.
LABELS = {"app.kubernetes.io/name": NAME}
#: Of the Service; the pod listens on PORT.
SERVICE_PORT = 80
#: What the hub knows the service by, made once. Not `launcher-…`: those are for processes.
HUB_TOKEN = "hub-launcher-token"
#: What names of the secrets that processes may have begin with, in the env's folder of Secrets Manager; processes leave it out.
SECRET_PREFIX = "launcher-"
#: The Kubernetes group of people who run the server outside the cluster, and what the stack tells of the role that is in it.
OPERATORS = "hubsmith:launcher-operators"
OPERATOR_OUTPUT, URL_OUTPUT = "launcher_operator_role_arn", "launcher_url"

#: Where the server listens in its pod.
PORT = 8000
#: Labels of every object of a process; a network policy selects processes by the first. Hydroplane's, so that its processes are found.
PROCESS_LABEL, GROUP_LABEL = "hydroplane/process-id", "hydroplane/group-id"
#: Annotations: the owner's name as it is, and when the process ends.
OWNER, EXPIRES = "hydroplane/owner", "hydroplane/expires"
#: Ports of nodes that Kubernetes gives to public processes, https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
NODE_PORTS = (30000, 32767)
#: Pod security standard that the namespace of processes can enforce: plain, and with run_as_non_root.
POD_SECURITY: Final = "baseline"
POD_SECURITY_STRICT: Final = "restricted"

#: All that the server asks of Kubernetes in a namespace of processes, as rules of a Role: (API group, resource, verbs).
#: Secrets are made and never read; they go with the Deployment that owns them.
NAMESPACE_RULES = (
    ("apps", "deployments", ("create", "delete", "list")),
    ("", "services", ("create", "delete", "list")),
    ("", "secrets", ("create",)),
    ("", "pods", ("list",)),
    ("", "pods/log", ("get",)),
)
#: And of the cluster, for the addresses of public processes; without it these are listed as UNREACHABLE.
CLUSTER_RULES = (("", "nodes", ("list",)),)


def url(namespace: str) -> str:
    """Where the server answers inside the cluster. namespace: the server's own."""
    return f"http://{NAME}.{namespace}:{SERVICE_PORT}"
