"""Names that AWS accepts, the same on every run.

Each limit carries its source, because a name that is one character too long fails after minutes of applying.
"""

from __future__ import annotations

import hashlib

#: IAM role name, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROLE_NAME_MAX = 64
#: S3 bucket name, https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET_NAME_MAX = 63
#: EKS cluster name; AWS allows 100, but our longest suffix (`-karpenter-controller`, 21) must fit an IAM role name.
CLUSTER_NAME_MAX = ROLE_NAME_MAX - 21
#: Managed node group name, https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
NODE_GROUP_NAME_MAX = 63
#: Kubernetes label value and name part, https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
LABEL_MAX = 63
#: Cognito hosted domain prefix, https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html
COGNITO_DOMAIN_MAX = 63

_DIGEST = 6


def digest(text: str, length: int = _DIGEST) -> str:
    """`length` hex characters that depend on `text` alone."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def fit(name: str, limit: int) -> str:
    """`name`, or a shortened form with a digest of the whole, so that two long names never meet."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - _DIGEST - 1].rstrip('-_.')}-{digest(name)}"


def role_name(cluster: str, purpose: str) -> str:
    """The IAM role name for one purpose of one cluster, at most 64 characters."""
    return fit(f"{cluster}-{purpose}", ROLE_NAME_MAX)


def bucket_name(deployment: str, purpose: str) -> str:
    """A bucket name that is unique because the deployment id carries a digest of account, region and env."""
    return fit(f"{deployment}-{purpose}", BUCKET_NAME_MAX)


def deployment_id(env: str, account: str, region: str) -> str:
    """The id stamped on every resource of one env: stable for as long as env, account and region are.

    `account` is "" for a rehearsal, whose account exists only in the emulator.
    """
    return f"{env}-{digest(f'{account}/{region}/{env}')}"


def parameter_prefix(project: str, env: str, module: str) -> str:
    """Where the parameters of one module of an env stand in Parameter Store, as the DCV seed has it: `/hubsmith/demo/dcv`."""
    return f"/{project}/{env}/{module}"
