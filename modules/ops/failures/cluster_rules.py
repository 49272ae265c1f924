"""What the kubernetes and helm providers print when something fails inside the cluster, or on the way to it.

These rows are asked before those of terraform_rules, and only for resources that live in the cluster: "connection refused"
means the API server there, and AWS here.
"""

from __future__ import annotations

import re

from modules.ops.cluster_access import is_in_cluster
from modules.ops.failures.terraform_rules import AGAIN, Rule

#: An error of a provider's own, before any resource, carries no address.
_SIGNS = re.compile(r"Kubernetes cluster unreachable|\.eks\.amazonaws\.com|getting credentials: exec", re.IGNORECASE)
_LOOK = "kubectl get events -A --sort-by=.lastTimestamp | tail -20"

CLUSTER_RULES = (
    Rule(
        "command",
        r"getting credentials: exec: (?P<words>.{0,200})",
        "the command that signs in to the cluster failed",
        "run ./hub eks-token {env} and do what it says",
    ),
    Rule(
        "sign-in",
        r"Unauthorized\b|asked for the client to provide credentials",
        "the cluster does not know these credentials",
        "give the caller an access entry: cluster.admins or aws.deployer_role_arn in hub.yaml, applied by somebody who has one",
    ),
    Rule(
        "webhook-denied",
        r"admission webhook \"(?P<hook>[^\"]+)\" denied the request",
        "the cluster's admission webhook {hook} refused it",
        "read its words; they name the value to change",
    ),
    Rule(
        "webhook",
        r"failed calling webhook \"(?P<hook>[^\"]+)\"",
        "the cluster's webhook {hook} does not answer yet",
        f"{AGAIN} in a minute; if it stays: kubectl get pods -A | grep -v Running",
    ),
    Rule(
        "forbidden",
        r"is forbidden: (?!.*exceeded quota)|forbidden: User",
        "the cluster refuses these credentials the call",
        "the caller needs the cluster-admin access policy: cluster.admins or aws.deployer_role_arn in hub.yaml",
    ),
    Rule(
        "release-busy",
        r"another operation \(install/upgrade/rollback\) is in progress",
        "another helm works on it, or one that was killed left it pending",
        f"wait for the other one; after a killed run of ours ./install.sh {{env}} frees it before it begins. {AGAIN.capitalize()}",
    ),
    Rule(
        "stuck",
        r"timeout while waiting for resource to be gone \(last state: 'Terminating'",
        "it was asked to go, and a finalizer holds it or something in it",
        "./cleanup.sh {env} names object, finalizer and whose it is at its end; kubectl get namespaces,nodeclaims says what is Terminating",
    ),
    Rule(
        "exists",
        r"cannot re-?use a name that is still in use|already exists",
        "it exists in the cluster and is in no state",
        f"{AGAIN}: after a run that was killed it is taken over. If somebody else made it, remove it there or change the name in hub.yaml",
    ),
    Rule(
        "not-ready",
        r"timed out waiting for the condition|context deadline exceeded|Waiting for (?P<thing>.{0,60}) timed out|timeout while waiting"
        r"|rollout to finish|Waiting for service .* to get an external IP",
        "it was made and did not become ready in time",
        f"look why: {_LOOK}; then {AGAIN}",
    ),
    Rule(
        "namespace",
        r"namespaces? \"(?P<namespace>[^\"]+)\" not found",
        'the namespace "{namespace}" is not in the cluster',
        f"{AGAIN}: it is made again; if it stays, report it",
    ),
    Rule(
        "no-kind",
        r"no matches for kind \"(?P<kind>[^\"]+)\"|could not find the requested resource",
        "the cluster does not know this kind of object",
        f"its definitions come with a release of stack platform: ./install.sh {{env}} applies it first, then {AGAIN}",
    ),
    Rule(
        "no-chart",
        r"chart \"[^\"]*\" version \"[^\"]*\" not found|manifest unknown|no chart version found|chart integrity"
        r"|(?:could not download chart|failed to (?:download|pull|fetch))[^\n]*(?:: not found|404|digest)",
        "the chart is not where helm/releases.yaml says",
        "compare chart, repository, version and digest there with what its project publishes",
    ),
    Rule(
        "chart",
        r"could not download chart|failed to (?:download|pull|fetch|authorize)|is not a valid chart repository|failed to do request",
        "the chart could not be fetched",
        f"check the network (and a proxy's sign-in) to its repository, named in helm/releases.yaml; then {AGAIN}",
    ),
    Rule(
        "values",
        r"values don't meet the specifications of the schema|error validating|ValidationError|is invalid:|strict decoding error",
        "the cluster or the chart refuses a value",
        "correct the value it names in hub.yaml; when hub.yaml does not hold it, report it: this is a defect of ours",
    ),
    Rule(
        "cluster",
        r"Kubernetes cluster unreachable|no such host|connection refused|connection reset|i/o timeout|TLS handshake timeout"
        r"|network is unreachable|unexpected EOF|: EOF|no route to host|etcdserver|the server is currently unable",
        "the cluster's API does not answer",
        "see that it is there (./hub status {env}) and that this machine may reach it (cluster.endpoint in hub.yaml: private,"
        f" public_cidrs); then {AGAIN}",
    ),
)


def is_of_cluster(address: str, text: str) -> bool:
    """Whether an error with this address ("" for none) and text comes from the kubernetes or the helm provider."""
    return is_in_cluster(address) or (not address and _SIGNS.search(text) is not None)
