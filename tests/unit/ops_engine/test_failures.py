"""Errors as Terraform and the AWS provider print them, and the class, words and advice each gets."""

from __future__ import annotations

import pytest

from modules.ops.events import Diagnostic
from modules.ops.failures.terraform import TRANSIENT, Failure, classify, worst

AWS = "operation error {service}: {call}, https response error StatusCode: {status}, RequestID: 1-2-3, {words}"


def aws(service: str, call: str, words: str, status: int = 400) -> Diagnostic:
    detail = AWS.format(service=service, call=call, status=status, words=words)
    return Diagnostic("error", f"creating thing: {detail}", "", "aws_thing.one")


ROWS = [
    ("throttled", aws("EC2", "CreateVpc", "api error RequestLimitExceeded: Request limit exceeded.", 503)),
    ("throttled", aws("IAM", "CreateRole", "api error Throttling: Rate exceeded")),
    ("throttled", aws("Route 53", "ChangeResourceRecordSets", "api error PriorRequestNotComplete: wait")),
    ("throttled", aws("EKS", "CreateAddon", "api error TooManyRequestsException: Too Many Requests", 429)),
    ("quota", aws("EC2", "CreateVpc", "api error VpcLimitExceeded: The maximum number of VPCs has been reached.")),
    ("quota", aws("EC2", "AllocateAddress", "api error AddressLimitExceeded: The maximum number of addresses has been reached.")),
    ("quota", aws("IAM", "CreateRole", "LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000", 409)),
    ("quota", aws("EKS", "CreateCluster", "ResourceLimitExceededException: Cluster limit exceeded")),
    ("denied", aws("EC2", "CreateSubnet", "api error UnauthorizedOperation: You are not authorized to perform this operation.", 403)),
    (
        "denied",
        aws(
            "EKS",
            "CreateCluster",
            "AccessDeniedException: User: arn:aws:iam::1:user/a is not authorized to perform: eks:CreateCluster",
            403,
        ),
    ),
    (
        "capacity",
        aws(
            "EKS",
            "CreateCluster",
            "UnsupportedAvailabilityZoneException: Cannot create cluster 'a' because us-east-1e, the targeted "
            "availability zone, lacks the capacity. Retry and choose from these availability zones: "
            "us-east-1a, us-east-1b",
        ),
    ),
    ("exists", aws("IAM", "CreateRole", "EntityAlreadyExists: Role with name a already exists.", 409)),
    ("exists", aws("EKS", "CreateCluster", "ResourceInUseException: Cluster already exists with name: a", 409)),
    ("exists", aws("S3", "CreateBucket", "BucketAlreadyExists: The requested bucket name is not available.", 409)),
    ("consistency", aws("IAM", "AddRoleToInstanceProfile", "api error NoSuchEntity: The role with name a cannot be found.", 404)),
    ("consistency", aws("EC2", "CreateRoute", "api error InvalidRouteTableID.NotFound: The routeTable ID 'rtb-1' does not exist")),
    (
        "consistency",
        aws("KMS", "PutKeyPolicy", "MalformedPolicyDocumentException: Policy contains a statement with one or more Invalid principals"),
    ),
    (
        "consistency",
        aws(
            "EKS",
            "CreateCluster",
            "InvalidParameterException: Role with arn: arn:aws:iam::1:role/a, could not be assumed because it does "
            "not exist or the trusted entity is not correct",
        ),
    ),
    ("busy", aws("EC2", "DeleteSubnet", "api error DependencyViolation: The subnet 'subnet-1' has dependencies and cannot be deleted.")),
    ("busy", aws("IAM", "DeleteRole", "DeleteConflict: Cannot delete entity, must detach all policies first.", 409)),
    ("credentials", aws("STS", "GetCallerIdentity", "api error ExpiredToken: The security token included in the request is expired", 403)),
    (
        "credentials",
        Diagnostic("error", "No valid credential sources found", "Please see https://registry.terraform.io/providers/hashicorp/aws", ""),
    ),
    ("credentials", aws("EC2", "CreateVpc", "api error RequestExpired: Request has expired.")),
    (
        "clock",
        aws("IAM", "CreateRole", "api error SignatureDoesNotMatch: Signature expired: 20261121T0 is now earlier than 20261121T1", 403),
    ),
    ("clock", aws("S3", "PutObject", "api error RequestTimeTooSkewed: The difference between the request time and ours is too large", 403)),
    ("disk", Diagnostic("error", "Failed to write plan file", "write /x/fx.tfplan: no space left on device", "")),
    ("lock-left", Diagnostic("error", "Error releasing the state lock", "Terraform acquires a lock to protect it", "")),
    ("account", Diagnostic("error", "AWS account ID not allowed: 123456789012", "", "")),
    (
        "connection",
        Diagnostic(
            "error", "reading VPC", 'Post "https://ec2.eu-west-1.amazonaws.com/": dial tcp: lookup ec2: no such host', "aws_vpc.main"
        ),
    ),
    ("connection", aws("EC2", "CreateVpc", "api error InternalError: An internal error has occurred", 500)),
    ("connection", aws("S3", "PutObject", "api error ServiceUnavailable: Please reduce your request rate", 503)),
    (
        "timeout",
        Diagnostic(
            "error",
            "waiting for EKS Cluster (a) create: timeout while waiting for state to become 'ACTIVE' (30m0s)",
            "",
            "aws_eks_cluster.main",
        ),
    ),
    ("timeout", Diagnostic("error", "reading S3", "context deadline exceeded (Client.Timeout exceeded)", "")),
    (
        "upstream",
        Diagnostic(
            "error", "Unable to find remote state", "No stored state was found for the given workspace", "data.terraform_remote_state.a"
        ),
    ),
    ("upstream", Diagnostic("error", "Unsupported attribute", 'This object does not have an attribute named "vpc_id".', "")),
    ("digest", Diagnostic("error", "Error refreshing state", "state data in S3 does not have the expected content.", "")),
    ("stale", Diagnostic("error", "Saved plan is stale", "The given plan file can no longer be applied", "")),
    (
        "providers",
        Diagnostic("error", "Failed to query available provider packages", "Could not retrieve the list of available versions", ""),
    ),
    (
        "protected",
        Diagnostic("error", "Instance cannot be destroyed", "Resource aws_efs_file_system.homes has lifecycle.prevent_destroy set", ""),
    ),
    ("crashed", Diagnostic("error", "Plugin did not respond", "The plugin encountered an error", "aws_vpc.main")),
    ("unreadable", Diagnostic("error", 'Error reading source state "errored.tfstate": The state file uses format version 5', "", "")),
    ("unsaved", Diagnostic("error", "Failed to save state", "Error saving state: AccessDenied. errored.tfstate", "")),
    ("invalid", aws("EKS", "CreateNodegroup", "InvalidParameterException: Instance type m5.nope is not valid")),
    ("refused", aws("EKS", "CreateCluster", "api error TeapotException: I am one", 418)),
    ("other", Diagnostic("error", "Invalid reference", "A reference to a resource type must be followed by a name", "")),
]


POST = 'Post "https://0A1.gr7.us-east-2.eks.amazonaws.com/api/v1/namespaces": '
GET = 'Kubernetes cluster unreachable: Get "https://0A1.gr7.us-east-2.eks.amazonaws.com/version": '
NAMESPACE, RELEASE, SERVICE = "kubernetes_namespace_v1.hub", "helm_release.karpenter", "kubernetes_service_v1.public"


def inside(address: str, summary: str, detail: str = "") -> Diagnostic:
    return Diagnostic("error", summary, detail, address)


CLUSTER_ROWS = [
    ("cluster", inside(NAMESPACE, POST + "dial tcp: lookup 0A1.gr7.us-east-2.eks.amazonaws.com: no such host")),
    ("cluster", inside(NAMESPACE, POST + "dial tcp 10.1.0.9:443: i/o timeout")),
    ("cluster", inside(RELEASE, "Kubernetes cluster unreachable", GET + "dial tcp 10.1.0.9:443: connect: connection refused")),
    ("cluster", inside("", GET + "EOF")),
    ("cluster", inside(NAMESPACE, "etcdserver: request timed out")),
    ("sign-in", inside(NAMESPACE, "Unauthorized")),
    ("sign-in", inside(RELEASE, "Kubernetes cluster unreachable: the server has asked for the client to provide credentials")),
    ("command", inside(NAMESPACE, POST + "getting credentials: exec: executable /x/hub failed with exit code 1")),
    ("forbidden", inside(NAMESPACE, 'namespaces is forbidden: User "arn:aws:sts::1:x" cannot create resource "namespaces"')),
    ("not-ready", inside(RELEASE, "installation failed", "timed out waiting for the condition")),
    ("not-ready", inside(RELEASE, "Error upgrading chart", "context deadline exceeded")),
    ("not-ready", inside(SERVICE, "Waiting for service to get an external IP timed out: no controller")),
    ("not-ready", inside("kubernetes_daemon_set_v1.gpu", "Waiting for rollout to finish: 0 replicas wanted")),
    ("exists", inside(NAMESPACE, 'namespaces "hub" already exists')),
    ("exists", inside(RELEASE, "installation failed", "cannot re-use a name that is still in use")),
    ("release-busy", inside(RELEASE, "another operation (install/upgrade/rollback) is in progress")),
    ("stuck", inside(NAMESPACE, "timeout while waiting for resource to be gone (last state: 'Terminating', timeout: 5m0s)")),
    ("namespace", inside("kubernetes_secret_v1.hub", 'namespaces "hub" not found')),
    (
        "no-kind",
        inside("helm_release.nodepools", 'resource mapping not found: no matches for kind "NodePool" in version "karpenter.sh/v1"'),
    ),
    ("no-chart", inside(RELEASE, "could not download chart: public.ecr.aws/karpenter/karpenter:1.99.0: not found")),
    ("no-chart", inside(RELEASE, 'chart "jupyterhub" version "9.9.9" not found in https://hub.jupyter.org/helm-chart/ repository')),
    ("chart", inside(RELEASE, "could not download chart: failed to do request: Head: dial tcp: lookup public.ecr.aws: no such host")),
    ("chart", inside(RELEASE, 'looks like "https://x.test" is not a valid chart repository or cannot be reached')),
    ("values", inside(RELEASE, "values don't meet the specifications of the schema(s) in the following chart(s):")),
    ("values", inside(SERVICE, 'Service "public" is invalid: spec.ports[0].port: Invalid value: 99999')),
    ("webhook", inside(SERVICE, 'Internal error: failed calling webhook "mservice.elbv2.k8s.aws": no endpoints available')),
    ("webhook-denied", inside(SERVICE, 'admission webhook "v.example.org" denied the request: no')),
    (
        "secret",
        inside("ephemeral.aws_secretsmanager_secret_version.a", "reading AWS Secrets Manager Secret Version", "couldn't find resource"),
    ),
    ("secret", aws("Secrets Manager", "GetSecretValue", "ResourceNotFoundException: can't find the value for staging label: AWSCURRENT")),
    ("secret", aws("Secrets Manager", "ListSecretVersionIds", "ResourceNotFoundException: can't find the specified secret.")),
    ("connection", inside("aws_vpc.main", POST + "connection refused")),
]
ROWS += CLUSTER_ROWS


@pytest.mark.parametrize(("kind", "found"), ROWS, ids=[f"{kind}-{number}" for number, (kind, _) in enumerate(ROWS)])
def test_classes(kind: str, found: Diagnostic) -> None:
    failure = classify(found, "demo")
    assert failure.kind == kind
    assert failure.is_transient == (kind in TRANSIENT)
    assert failure.what.startswith(found.address)
    assert failure.fix
    assert not {"{", "}"} & set(failure.what + failure.fix), "every placeholder is filled"
    assert "\n" not in failure.what + failure.why + failure.fix


def test_a_refusal_names_the_call_aws_s_words_and_the_way_out() -> None:
    (row,) = [found for kind, found in ROWS if kind == "capacity"]
    failure = classify(row, "demo")
    assert failure.what == "aws_thing.one: AWS refused CreateCluster: an availability zone cannot carry the cluster"
    assert failure.why.startswith("UnsupportedAvailabilityZoneException: Cannot create cluster")
    assert failure.fix == "set network.azs to zones of: us-east-1a, us-east-1b; then run the same command again"


LOCK = """Error message: operation error S3: PutObject, api error PreconditionFailed
Lock Info:
  ID:        6f5c1a52-0d7e
  Path:      demo-state/demo/demo-network.tfstate
  Operation: OperationTypeApply
  Who:       ada@workstation
  Version:   1.11.4
  Created:   2026-11-21 09:14:02.123 +0000 UTC
  Info:
"""


def test_a_held_lock_names_holder_time_and_the_command() -> None:
    failure = classify(Diagnostic("error", "Error acquiring the state lock", LOCK, ""), "demo")
    assert failure == Failure(
        "locked",
        "somebody else holds the state lock",
        "ada@workstation since 2026-11-21 09:14:02 UTC (apply of demo-state/demo/demo-network.tfstate)",
        "wait for that run. If it is dead: ./hub unlock demo (lock 6f5c1a52-0d7e)",
    )


def test_secrets_and_novels_stay_out() -> None:
    secret = "ghp_" + "a1B2" * 10
    found = classify(Diagnostic("error", f"provider said {secret}", "x " * 2000, "a.b"), "demo")
    assert secret not in found.why
    assert len(found.why) <= 600
    encoded = aws("EC2", "RunInstances", "api error UnauthorizedOperation: no. Encoded authorization failure message: Zm9vYmFy")
    assert "Zm9vYmFy" not in classify(encoded, "demo").why


def test_the_worst_of_many() -> None:
    slow, no = ROWS[0][1], ROWS[8][1]
    assert worst([], "demo") is None
    assert worst([Diagnostic("warning", "old", "", "")], "demo") is None
    first = worst([slow, no], "demo")
    assert first is not None
    assert (first.kind, first.why.endswith("(and 1 more, in the log)")) == ("denied", True)
    again = worst([slow, slow], "demo")
    assert again is not None
    assert (again.kind, "more" in again.why) == ("throttled", False)
