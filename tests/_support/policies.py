"""Every policy document that modules/iam can make, with sample ARNs in place of tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.config.load import load_env
from modules.config.models import HubConfig
from modules.iam import (
    app,
    autoscaler,
    backup,
    buckets,
    desktop,
    efs,
    external_dns,
    flow_logs,
    fluent_bit,
    karpenter,
    kms,
    load_balancer,
    trust,
    vault,
)
from modules.iam.document import Document, document
from modules.iam.plan_role import plan_policies
from modules.iam.provisioning import provisioning_policies, provisioning_trust
from tests._support.config_cases import BASES

ROOT = Path(__file__).resolve().parents[2]

PARTITION, REGION, ACCOUNT = "aws", "us-east-2", "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/hubsmith/demo-1a2b3c/hub-node"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0"
BUCKET = "arn:aws:s3:::demo-1a2b3c-shared"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:hub-interruptions"
ISSUER = f"oidc.eks.{REGION}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
VPC = "vpc-0123456789abcdef0"
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/hubsmith/demo-1a2b3c/pods"
SECRETS = tuple(
    f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:demo-1a2b3c/{name}" for name in ("dcv-cred-user-aB3dE6", "dcv-cred-passwd-gH9jK2")
)
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/hub"
AGENT_TRUST = trust.irsa(provider_arn=PROVIDER, issuer=ISSUER, namespace="dcv", service_account="dcv-agent-src-account")
VAULT_TRUST = trust.irsa(provider_arn=PROVIDER, issuer=ISSUER, namespace="vault", service_account="vault")
HERE: dict[str, str] = {"partition": PARTITION, "region": REGION, "account": ACCOUNT}


@dataclass(frozen=True)
class Grant:
    """A bucket grant as the configuration has it."""

    name: str = "data"
    prefix: str = ""
    access: str = "read"


@dataclass(frozen=True)
class Role:
    """An application role as the configuration has it."""

    service_accounts: tuple[str, ...] = ("jupyterhub:hub",)
    allow_patterns: bool = False
    buckets: tuple[Grant, ...] = ()
    statements: tuple[dict[str, Any], ...] = ()
    managed_policies: tuple[str, ...] = field(default=())


def controller_policies(**changed: str) -> dict[str, Document]:
    """Karpenter's policies for the sample cluster."""
    arguments = {**HERE, "cluster_name": "hub", "node_role_arn": ROLE, "queue_arn": QUEUE, **changed}
    return karpenter.controller_policies(**arguments)


def balancer_policies(**changed: str) -> dict[str, Document]:
    """The load balancer controller's policies for the sample cluster."""
    return load_balancer.controller_policies(**{**HERE, "cluster_name": "hub", "vpc_id": VPC, **changed})


def agent_policy(**changed: Any) -> Document:
    """The desktop agent's policy, for both credentials of the DCV seed."""
    return desktop.agent_policy(**{**HERE, "secret_arns": SECRETS, "key_arn": KEY, "parameter_prefix": "/hubsmith/demo/dcv", **changed})


def env_names() -> list[str]:
    """Every env of the repository."""
    return sorted(path.parent.name for path in (ROOT / "envs").glob("*/hub.yaml"))


def identity_policies() -> dict[str, Document]:
    """Policies that hang on a role, by a name for the report; those of the provisioning role for every env."""
    grants = (Grant(), Grant(access="write"), Grant(prefix="team/data"), Grant(prefix="team/", access="write"))
    made: dict[str, Document | None] = {
        **{f"karpenter {name}": policy for name, policy in controller_policies().items()},
        "autoscaler": autoscaler.controller_policy(**HERE, cluster_name="hub"),
        **{f"load-balancer {name}": policy for name, policy in balancer_policies().items()},
        "external dns": external_dns.controller_policy(partition=PARTITION, zone_id="Z0123456789ABCDEFGHIJ", names=["hub.example.org"]),
        "fluent bit": fluent_bit.shipper_policy(LOG_GROUP),
        "flow logs": flow_logs.delivery(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/hubsmith/demo/vpc-flow-logs"),
        "eks secrets": document(kms.eks_secrets(KEY)),
        "volumes": document(*kms.volumes("Volumes", KEY, f"ec2.{REGION}.amazonaws.com")),
        "single user": buckets.single_user(
            partition=PARTITION, shared_arn=BUCKET, scratch_arn=BUCKET, read=["open"], key_arn=KEY, s3_endpoint=f"s3.{REGION}.amazonaws.com"
        ),
        "application role": app.role_policy(Role(buckets=grants), partition=PARTITION),
        "desktop agent": agent_policy(),
        "vault": vault.server_policy(key_arn=KEY, user_roles=["arn:aws:iam::*:role/hubsmith-vault-*"]),
        "desktop licence": desktop.licence_policy(partition=PARTITION, region=REGION),
    }
    configs = {env: load_env(ROOT, env) for env in env_names()}
    # No env of ours stands on somebody else's cluster.
    configs["existing"] = HubConfig.model_validate({**BASES["existing"], "env": "lab"})
    for env, config in configs.items():
        made.update({f"provisioning {env} {name}": policy for name, policy in provisioning_policies(config).items()})
        if config.aws.account:
            made.update(plan_policies(config))
    return {name: policy for name, policy in made.items() if policy is not None}


def resource_policies() -> dict[str, Document]:
    """Policies that hang on a queue, a bucket, a file system or a key."""
    return {
        "queue": karpenter.queue_policy(QUEUE, [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/hub-rebalance"]),
        "bucket": buckets.tls_only(BUCKET),
        "file system": efs.file_system_policy(FILES, through=efs.access_points(**HERE), root=[ROLE]),
        "key": document(
            kms.account_root(PARTITION, ACCOUNT),
            kms.for_logs(**HERE, groups="/aws/eks/hub/cluster"),
            kms.for_role("EksUses", ROLE, via=f"s3.{REGION}.amazonaws.com"),
            kms.for_role_grants("EksGrants", ROLE),
            *kms.for_autoscaling(PARTITION, ACCOUNT),
        ),
    }


def trust_policies() -> dict[str, Document]:
    """Who may become a role."""
    return {
        "service": trust.service("eks.amazonaws.com"),
        "ec2": trust.ec2(),
        "irsa": trust.irsa(provider_arn=PROVIDER, issuer=ISSUER, namespace="jupyterhub", service_account="hub"),
        "irsa many": trust.irsa_many(PROVIDER, ISSUER, ["jupyterhub:hub", "ray:head"]),
        "irsa pattern": trust.irsa_pattern(PROVIDER, ISSUER, ["jupyterhub:user-*"]),
        "pod identity": trust.pod_identity(namespace="jupyterhub", service_account="hub", cluster_arn=CLUSTER),
        "principals": trust.principals([ROLE], session_tags=True),
        "github": trust.github_oidc(provider_arn=PROVIDER, repository="owner/hub", environment="prod"),
        "flow logs": flow_logs.role_trust(**HERE),
        "backup": backup.role_trust(ACCOUNT),
        "application role": app.role_trust(Role(), provider_arn=PROVIDER, issuer=ISSUER),
        "desktop agent": AGENT_TRUST,
        "vault": VAULT_TRUST,
        "provisioning": provisioning_trust(load_env(ROOT, "demo"), [ROLE]),
    }
