"""The bearer token of an EKS cluster: a signed question to STS that the API server sends on to learn who is asking.

The same few lines as in modules/ops/eks_token.py: the launcher ships in its own image, and modules/common is without botocore.
Source: https://github.com/kubernetes-sigs/aws-iam-authenticator, "API Authorization from Outside a Cluster".
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from modules.launcher.aws.credentials import Source
from modules.launcher.aws.sessions import sts_endpoint
from modules.launcher.renewed import Clock, Renewed, now

_PREFIX = "k8s-aws-v1."
_CLUSTER_HEADER = "x-k8s-aws-id"
#: What the signature says; the API server takes a token for 15 minutes whatever is said here.
_SIGNED_SECONDS = 60
#: One minute less than those 15, so that nobody uses a token that ends on its way.
_GOOD_FOR = timedelta(minutes=14)
_EARLY = timedelta(minutes=1)


def make_token(source: Source, cluster: str, region: str, clock: Clock = now) -> Renewed[str]:
    """Tokens for `cluster`, signed with the keys of the moment. A token ends with the keys that signed it."""

    endpoint = sts_endpoint(region)

    def sign() -> tuple[str, datetime]:
        keys = source()
        request = AWSRequest("GET", endpoint, params={"Action": "GetCallerIdentity", "Version": "2011-06-15"})
        request.headers[_CLUSTER_HEADER] = cluster
        SigV4QueryAuth(keys.frozen, "sts", region, expires=_SIGNED_SECONDS).add_auth(request)
        text = _PREFIX + base64.urlsafe_b64encode(str(request.url).encode()).decode().rstrip("=")
        ends = clock() + _GOOD_FOR
        return text, min(ends, keys.ends) if keys.ends else ends

    return Renewed(sign, early=_EARLY, clock=clock)
