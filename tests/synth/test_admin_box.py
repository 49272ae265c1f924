"""The admin box, synthesised for an env that has one: who gets in, where it gets out, and what it may do."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from modules.aws.admin_setup import setup_script
from modules.rehearsal import session
from tests._support import terraform
from tests._support.checkout import Checkout
from tests._support.emulator import Emulator
from tests._support.graph import Graph
from tests.synth.conftest import Documents, read_stacks, synthesise

ENVS = {
    "viewer": "{}",
    "admin": "{access: admin, instance_type: t4g.small}",
}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """Stack cluster of helio with an admin box, by what the box may do."""
    checkout = Checkout.make(tmp_path_factory.mktemp("checkout"))
    found: Documents = {}
    for name, box in ENVS.items():
        folder = checkout.root / "envs" / name
        folder.mkdir()
        (folder / "hub.yaml").write_text(f"extends: ../helio/hub.yaml\nname: eks-{name}\ncluster:\n  admin_box: {box}\n")
        outdir = tmp_path_factory.mktemp(name)
        synthesise(checkout.root, outdir, HUB_ENV=name, PYTHONPATH=str(checkout.root))
        found[name] = read_stacks(outdir)[f"{name}-cluster"]
    return found


@pytest.fixture(params=ENVS)
def graph(request: pytest.FixtureRequest, documents: Documents) -> Graph:
    return Graph(documents[request.param])


def of(graph: Graph, address: str) -> dict[str, Any]:
    return dict(graph.bodies[address].values)


def test_nobody_gets_in_but_by_ssm(graph: Graph) -> None:
    box = of(graph, "aws_instance.admin-box")
    assert box["associate_public_ip_address"] is False
    assert "key_name" not in box
    group = "${aws_security_group.admin-box-group.id}"
    assert box["vpc_security_group_ids"] == [group]
    inward = [body.values for body in graph.of_type("aws_vpc_security_group_ingress_rule") if body.values["security_group_id"] == group]
    assert inward == []
    assert box["metadata_options"]["http_tokens"] == "required"
    assert box["metadata_options"]["http_put_response_hop_limit"] == 1
    assert box["root_block_device"]["encrypted"] is True


def test_it_gets_out_by_https_and_to_the_private_api(graph: Graph) -> None:
    outward = of(graph, "aws_vpc_security_group_egress_rule.admin-box-https")
    assert (outward["ip_protocol"], outward["from_port"], outward["to_port"]) == ("tcp", 443, 443)
    to_api = of(graph, "aws_vpc_security_group_ingress_rule.admin-box-to-api")
    assert to_api["referenced_security_group_id"] == "${aws_security_group.admin-box-group.id}"
    assert "cluster_security_group_id" in to_api["security_group_id"]
    assert (to_api["from_port"], to_api["to_port"]) == (443, 443)


def test_its_role_finds_its_own_cluster_and_nothing_else(graph: Graph) -> None:
    attached = [
        body.values["policy_arn"] for name, body in graph.bodies.items() if name.startswith("aws_iam_role_policy_attachment.admin-box")
    ]
    assert [arn.rsplit("/", 1)[1] for arn in attached] == ["AmazonSSMManagedInstanceCore"]
    (inline,) = [body.values for name, body in graph.bodies.items() if name.startswith("aws_iam_role_policy.admin-box")]
    (statement,) = json.loads(inline["policy"])["Statement"]
    assert statement["Action"] == "eks:DescribeCluster"
    assert statement["Resource"].endswith((":cluster/eks-viewer", ":cluster/eks-admin"))


@pytest.mark.parametrize(("name", "policy"), [("viewer", "AmazonEKSViewPolicy"), ("admin", "AmazonEKSClusterAdminPolicy")])
def test_what_it_may_do_in_the_cluster(documents: Documents, name: str, policy: str) -> None:
    graph = Graph(documents[name])
    assert of(graph, "aws_eks_access_entry.access-admin-box")["principal_arn"] == "${aws_iam_role.admin-box-role.arn}"
    assert of(graph, "aws_eks_access_policy_association.access-admin-box-policy")["policy_arn"].endswith(f"/{policy}")


@pytest.mark.parametrize(("name", "image", "arch"), [("viewer", "x86_64", "amd64"), ("admin", "arm64", "arm64")])
def test_image_and_tools_are_of_the_types_architecture(documents: Documents, name: str, image: str, arch: str) -> None:
    parameter = documents[name]["data"]["aws_ssm_parameter"]["admin-box-image"]["name"]
    assert parameter.endswith(f"-{image}")
    script = of(Graph(documents[name]), "aws_instance.admin-box")["user_data"]
    # Terraform reads ${} in it, and $${} as the text ${}.
    assert re.findall(r"(?<!\$)\$\{[^}]*}", script) == ["${aws_eks_cluster.main.name}"]
    read = script.replace("${aws_eks_cluster.main.name}", f"eks-{name}").replace("$${", "${")
    assert read == setup_script(cluster=f"eks-{name}", region="us-east-1", arch=arch)


def test_nothing_that_comes_later_restarts_it(graph: Graph) -> None:
    assert set(of(graph, "aws_instance.admin-box")["lifecycle"]["ignore_changes"]) >= {"ami", "user_data"}


#: What the box needs and no other part of the env; of the rest, Terraform is told only the two ids and the name.
_ADDRESSES = (
    "aws_iam_role.admin-box-role",
    "aws_iam_role_policy_attachment.admin-box-role-ssm",
    "aws_iam_role_policy.admin-box-role-cluster",
    "aws_iam_instance_profile.admin-box-profile",
    "aws_security_group.admin-box-group",
    "aws_vpc_security_group_egress_rule.admin-box-https",
    "aws_instance.admin-box",
)


@pytest.mark.engine
def test_terraform_makes_it_and_then_finds_nothing_to_do(documents: Documents, tmp_path: Path) -> None:
    with Emulator("us-east-1") as emulator:
        ec2 = emulator.session().client("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]
        folder = tmp_path / "stack"
        folder.mkdir()
        (folder / "main.tf.json").write_text(json.dumps(_alone(documents["viewer"], subnet)))
        (folder / "emulator_override.tf.json").write_text(json.dumps(session.terraform_override()))
        program, environment = terraform.settings(tmp_path, folder / "main.tf.json")
        for arguments in (["init"], ["apply", "-auto-approve"], ["plan", "-detailed-exitcode"]):
            ended = terraform.run([program, *arguments, "-no-color"], folder, {**environment, **emulator.environment})
            assert ended.returncode == 0, ended.stdout + ended.stderr
        filters: Any = [{"Name": "tag:Name", "Values": ["eks-viewer-admin-box"]}]
        (box,) = ec2.describe_instances(Filters=filters)["Reservations"][0]["Instances"]
        held = ec2.describe_instance_attribute(InstanceId=box["InstanceId"], Attribute="userData")["UserData"]["Value"]
        assert base64.b64decode(held).decode() == setup_script(cluster="lab", region="us-east-1", arch="amd64")


def _alone(document: dict[str, Any], subnet: Any) -> dict[str, Any]:
    """The box's own part of the stack; what it takes from others written out."""
    text = json.dumps(document).replace("${aws_eks_cluster.main.name}", "lab")
    text = re.sub(r"\$\{data\.terraform_remote_state\.[\w-]+\.outputs\.[^}]*vpc[^}]*\}", subnet["VpcId"], text)
    text = re.sub(r"\$\{data\.terraform_remote_state\.[\w-]+\.outputs\.[^}]*subnet[^}]*\}", subnet["SubnetId"], text)
    whole: dict[str, Any] = json.loads(text)
    resources: dict[str, Any] = {}
    for address in _ADDRESSES:
        kind, name = address.split(".")
        body = whole["resource"][kind][name]
        body["depends_on"] = [each for each in body.get("depends_on", ()) if each in _ADDRESSES]
        resources.setdefault(kind, {})[name] = body
    data = {
        "aws_ssm_parameter": {"admin-box-image": whole["data"]["aws_ssm_parameter"]["admin-box-image"]},
        "aws_caller_identity": whole["data"]["aws_caller_identity"],
    }
    terraform_block = {"required_providers": {"aws": whole["terraform"]["required_providers"]["aws"]}}
    return {"terraform": terraform_block, "provider": {"aws": [{"region": "us-east-1"}]}, "resource": resources, "data": data}
