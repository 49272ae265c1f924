"""What must hold for every stack of every env, read from the synthesised Terraform."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from modules.aspects.document import Body, bodies
from modules.common import names, tags
from tests.synth.conftest import Documents

#: Types of ours whose AWS resource takes no tags (or, for the autoscaling tag, is one).
UNTAGGABLE = {
    "aws_acm_certificate_validation",
    "aws_autoscaling_group_tag",
    "aws_backup_selection",
    "aws_cloudwatch_event_target",
    "aws_cognito_user_group",
    "aws_cognito_user_pool_client",
    "aws_cognito_user_pool_domain",
    "aws_efs_file_system_policy",
    "aws_efs_mount_target",
    "aws_eks_access_policy_association",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kms_alias",
    "aws_route",
    "aws_route53_record",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_version",
    "aws_sqs_queue_policy",
    "aws_vpc_ipv4_cidr_block_association",
}


#: Nothing of AWS's.
IN_CLUSTER = ("kubernetes_", "helm_release")


def everything(stacks: Documents) -> Iterator[tuple[str, Body]]:
    for name, document in stacks.items():
        for body in bodies(document):
            yield name, body


def of_type(stacks: Documents, type_: str) -> list[tuple[str, Body]]:
    found = [(name, body) for name, body in everything(stacks) if body.type == type_]
    assert found, f"no {type_} in any env"
    return found


def test_every_taggable_resource_says_whose_it_is_and_where_it_belongs(stacks: Documents) -> None:
    seen = 0
    for name, body in everything(stacks):
        if body.type in UNTAGGABLE or body.type.startswith(IN_CLUSTER):
            assert "tags" not in body.values, body.address
            continue
        seen += 1
        assert body.values["tags"][tags.ADDRESS] == f"{name}/{body.address}"
        assert set(body.values["tags"]) >= {tags.DEPLOYMENT, tags.ENV}
    assert seen > 400


def test_the_backend_locks_twice_and_encrypts(stacks: Documents) -> None:
    for name, document in stacks.items():
        backend = document["terraform"]["backend"]["s3"]
        assert (backend["encrypt"], backend["use_lockfile"]) == (True, True), name
        assert backend["dynamodb_table"], name
        assert backend["key"].endswith(f"/{name}.tfstate")
        assert not set(backend) & {"access_key", "secret_key", "token", "profile", "endpoint", "endpoints"}, name


def test_other_stacks_are_read_by_bucket_key_and_region_alone(stacks: Documents) -> None:
    read = 0
    for document in stacks.values():
        for source in document.get("data", {}).get("terraform_remote_state", {}).values():
            assert set(source["config"]) == {"bucket", "key", "region"}
            read += 1
    assert read >= len(stacks) / 3


@pytest.mark.parametrize("stack", ["data", "network"])
def test_the_cluster_waits_for_the_others_and_they_for_nobody(stacks: Documents, stack: str) -> None:
    assert not stacks[f"demo-{stack}"].get("data", {}).get("terraform_remote_state")


def test_service_accounts_assume_roles_by_exact_name_and_audience(stacks: Documents) -> None:
    trusts = 0
    for name, body in of_type(stacks, "aws_iam_role"):
        for statement in json.loads(body.values["assume_role_policy"])["Statement"]:
            if statement["Action"] != "sts:AssumeRoleWithWebIdentity":
                continue
            trusts += 1
            (operator,) = statement["Condition"]
            claims = {key.rsplit(":", 1)[1]: value for key, value in statement["Condition"][operator].items()}
            assert operator == "StringEquals", (name, body.address)
            assert claims["aud"] == "sts.amazonaws.com"
            subjects = claims["sub"] if isinstance(claims["sub"], list) else [claims["sub"]]
            for subject in subjects:
                assert re.fullmatch(r"system:serviceaccount:[a-z0-9-]+:[a-z0-9-]+", subject)
    assert trusts > 10


def test_roles_live_under_the_deployments_path(stacks: Documents) -> None:
    for _, body in of_type(stacks, "aws_iam_role"):
        assert body.values["path"] == f"/hubsmith/{body.values['tags'][tags.DEPLOYMENT]}/"
        assert len(body.values["name"]) <= names.ROLE_NAME_MAX


def test_load_balancer_and_karpenter_tags_stand_only_where_they_belong(stacks: Documents) -> None:
    wanted = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb", "data-plane": "karpenter.sh/discovery"}
    for _, body in of_type(stacks, "aws_subnet"):
        tier = body.address.removeprefix("aws_subnet.").rpartition("-")[0]
        assert [key for key in body.values["tags"] if key in wanted.values()] == [wanted[tier]], body.path
        assert body.values["map_public_ip_on_launch"] is False


def test_network_plugin_before_nodes(stacks: Documents) -> None:
    for _, body in of_type(stacks, "aws_eks_node_group"):
        assert "aws_eks_addon.addon-vpc-cni" in body.values["depends_on"], body.path


def test_addons_whose_pods_talk_wait_for_the_policies(stacks: Documents) -> None:
    for name, body in of_type(stacks, "aws_eks_addon"):
        talks = body.values["addon_name"] in {"coredns", "aws-ebs-csi-driver", "aws-efs-csi-driver"}
        assert name.endswith("-platform" if talks else "-cluster"), body.path


def test_an_addon_goes_before_the_policies_of_its_role(stacks: Documents) -> None:
    with_role = [body for _, body in of_type(stacks, "aws_eks_addon") if "service_account_role_arn" in body.values]
    assert {body.values["addon_name"] for body in with_role} == {"vpc-cni", "aws-ebs-csi-driver", "aws-efs-csi-driver"}
    for body in with_role:
        role = body.values["service_account_role_arn"].split(".")[1]
        assert f"aws_iam_role_policy_attachment.{role}-policy" in body.values["depends_on"], body.path


def test_policies_are_enforced_strictly(stacks: Documents) -> None:
    plugins = [body for _, body in of_type(stacks, "aws_eks_addon") if body.values["addon_name"] == "vpc-cni"]
    for body in plugins:
        settings = json.loads(body.values["configuration_values"])
        assert settings["enableNetworkPolicy"] == "true"
        assert settings["env"]["NETWORK_POLICY_ENFORCING_MODE"] == "strict"


def test_cluster_defaults(stacks: Documents) -> None:
    for _, body in of_type(stacks, "aws_eks_cluster"):
        values = body.values
        assert values["access_config"] == {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False}
        assert values["vpc_config"]["endpoint_private_access"] is True
        assert "0.0.0.0/0" not in values["vpc_config"].get("public_access_cidrs", [])
        assert values["vpc_config"]["endpoint_public_access"] == bool(values["vpc_config"].get("public_access_cidrs"))
        assert len(values["enabled_cluster_log_types"]) == 5
        assert values["encryption_config"]["resources"] == ["secrets"]


def test_nothing_is_open_to_the_world(stacks: Documents) -> None:
    for _, body in of_type(stacks, "aws_vpc_security_group_ingress_rule"):
        assert body.values.get("cidr_ipv4") != "0.0.0.0/0", body.path
        assert body.values["description"]
    for _, body in of_type(stacks, "aws_security_group"):
        assert not {"ingress", "egress"} & set(body.values), "rules are resources of their own, so that drift shows"


def test_node_groups_can_start_from_zero(stacks: Documents) -> None:
    present = {(name, body.values["tag"]["key"]) for name, body in of_type(stacks, "aws_autoscaling_group_tag")}
    for name, body in of_type(stacks, "aws_eks_node_group"):
        if body.address == "aws_eks_node_group.core":
            continue
        for key in body.values["labels"]:
            assert (name, f"k8s.io/cluster-autoscaler/node-template/label/{key}") in present
        for taint in body.values["taint"]:
            assert (name, f"k8s.io/cluster-autoscaler/node-template/taint/{taint['key']}") in present


def test_no_two_envs_share_a_name(stacks: Documents) -> None:
    used: Counter[tuple[str, str]] = Counter()
    for _, body in everything(stacks):
        argument = {
            "aws_s3_bucket": "bucket",
            "aws_kms_alias": "name",
            "aws_backup_vault": "name",
            "aws_cognito_user_pool_domain": "domain",
        }
        if body.type in argument:
            used[body.type, body.values[argument[body.type]]] += 1
    assert used
    assert not [name for name, count in used.items() if count > 1]


def test_no_attribute_of_a_secret_value_is_ever_set(stacks: Documents) -> None:
    forbidden = {"secret_string", "secret_binary", "password", "client_secret", "token"}
    for name, body in everything(stacks):
        assert not forbidden & set(body.values), (name, body.address)


def test_outputs_are_described(stacks: Documents) -> None:
    for name, document in stacks.items():
        for key, output in document.get("output", {}).items():
            assert key.startswith("cross-stack-output") or output["description"], (name, key)


def test_two_zones_and_one_nat_unless_asked(stacks: Documents, root: Any) -> None:
    from modules.config.load import list_envs, load_env

    for env in list_envs(root):
        config = load_env(root, env)
        if config.network.existing:
            continue
        made = Counter(body.type for body in bodies(stacks[f"{env}-network"]))
        assert made["aws_subnet"] == 3 * len(config.network.azs) >= 6
        assert made["aws_nat_gateway"] == (1 if config.network.nat == "single" else len(config.network.azs))
