"""The engine with real Terraform, the stand-in providers and an emulated cluster: a kill, a lost secret, a lost cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.ops import plugins
from modules.ops.engine import Engine
from modules.ops.layout import Layout
from modules.ops.progress import Display
from modules.ops.results import RunResult
from modules.ops.synth import Stack
from modules.ops.target import Target
from modules.ops.tools import find_terraform
from modules.rehearsal.standin.mirror import write_mirror
from tests._support.emulator import Emulator
from tests.unit.ops_engine.test_real_terraform import BUCKET, REGION, TABLE

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANARY = "canary-4711-never-shown"
STATE = "${data.terraform_remote_state.cluster.outputs"
EXEC = {"api_version": "client.authentication.k8s.io/v1", "command": "../../../hub", "args": ["eks-token", "fx"]}
PLACE = {"host": f"{STATE}.host}}", "cluster_ca_certificate": f"${{base64decode({STATE[2:]}.ca)}}"}
SPACE = "${kubernetes_namespace_v1.hub.metadata[0].name}"
SECRET = "fx/token"
ADDRESSES = {"kubernetes_namespace_v1.hub", "kubernetes_config_map_v1.code", "kubernetes_secret_v1.tokens", "helm_release.metrics"}


def backend(stack: str) -> dict[str, Any]:
    return {"bucket": BUCKET, "key": f"fx/{stack}.tfstate", "region": REGION}


def document(stack: str) -> dict[str, Any]:
    """One of two stacks: where the cluster is, and what is in it."""
    settings = {**backend(stack), "encrypt": True, "dynamodb_table": TABLE, "use_lockfile": True}
    made: dict[str, Any] = {
        "terraform": {"backend": {"s3": settings}, "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}},
        "provider": {"aws": [{"region": REGION}]},
        "data": {"aws_eks_cluster": {"main": {"name": "fx"}}},
    }
    if stack == "fx-cluster":
        made["output"] = {
            "host": {"value": "${data.aws_eks_cluster.main.endpoint}", "sensitive": True},
            "ca": {"value": "${data.aws_eks_cluster.main.certificate_authority[0].data}", "sensitive": True},
        }
        return made
    made["terraform"]["required_providers"] |= {
        "kubernetes": {"source": "kubernetes", "version": "2.38.0"},
        "helm": {"source": "helm", "version": "3.1.1"},
    }
    made["provider"] |= {"kubernetes": [{**PLACE, "exec": [EXEC]}], "helm": [{"kubernetes": {**PLACE, "exec": EXEC}}]}
    made["data"] = {"terraform_remote_state": {"cluster": {"backend": "s3", "config": backend("fx-cluster")}}}
    made["ephemeral"] = {"aws_secretsmanager_secret_version": {"token": {"secret_id": SECRET}}}
    token = {"token": "${ephemeral.aws_secretsmanager_secret_version.token.secret_string}"}
    made["resource"] = {
        "kubernetes_namespace_v1": {"hub": {"metadata": {"name": "jupyterhub"}}},
        "kubernetes_config_map_v1": {"code": {"metadata": {"name": "code", "namespace": SPACE}, "data": {"a.py": "x = 1"}}},
        "kubernetes_secret_v1": {"tokens": {"metadata": {"name": "tokens", "namespace": SPACE}, "data_wo": token, "data_wo_revision": 1}},
        "helm_release": {
            "metrics": {
                "name": "metrics-server",
                "namespace": SPACE,
                "repository": "https://kubernetes-sigs.github.io/metrics-server",
                "chart": "metrics-server",
                "version": "3.13.0",
                "values": ["{}"],
            }
        },
    }
    return made


@pytest.fixture
def account() -> Iterator[Emulator]:
    """An account with a state home, a cluster and a secret."""
    with Emulator(REGION) as emulator:
        session: Any = emulator.session()
        session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        key = {"KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}]}
        attributes = [{"AttributeName": "LockID", "AttributeType": "S"}]
        session.client("dynamodb").create_table(TableName=TABLE, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST", **key)
        subnets = [each["SubnetId"] for each in session.client("ec2").describe_subnets()["Subnets"][:2]]
        role = "arn:aws:iam::123456789012:role/eks"
        session.client("eks").create_cluster(name="fx", version="1.35", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
        session.client("secretsmanager").create_secret(Name=SECRET, SecretString=CANARY)
        yield emulator


@pytest.fixture
def stacks(tmp_path: Path) -> tuple[Stack, ...]:
    """Both on disk."""
    made = []
    for name, needs in {"fx-cluster": (), "fx-hub": ("fx-cluster",)}.items():
        path = tmp_path / "out" / name / "cdk.tf.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document(name)))
        made.append(Stack(name, needs, path))
    return tuple(made)


@pytest.fixture
def make_engine(tmp_path: Path, account: Emulator, stacks: tuple[Stack, ...]) -> Callable[..., Engine]:
    """Engines on the emulated account, as a rehearsal would make them."""
    layout = Layout(tmp_path, "fx")
    terraform = find_terraform(layout.tools, os.environ)
    standins = write_mirror(tmp_path / "standins", account.plugin_port)
    wanted = plugins.requirements([stack.document() for stack in stacks], terraform.flavour)
    found = plugins.prepare(layout.plugins, wanted, terraform, os.environ, standins=standins, config=layout.cli_config)
    override = {"provider": {"aws": [{"max_retries": 2}]}}

    def cluster_is_gone() -> bool:
        client: Any = account.session().client("eks")
        return "fx" not in client.list_clusters()["clusters"]

    def make(**environ: str) -> Engine:
        target = Target({**os.environ, **account.environment, **environ}, override, account.session(), "123456789012", True, "emulator")
        display = Display("fx")
        return Engine(
            layout,
            target,
            display,
            terraform,
            found,
            layout.start_run(),
            in_state=lambda stack: in_state(account, stack),
            cluster_is_gone=cluster_is_gone,
            pause=0.01,
        )

    return make


def in_state(account: Emulator, stack: str) -> frozenset[str] | None:
    client: Any = account.session().client("s3")
    if not client.list_objects_v2(Bucket=BUCKET, Prefix=f"fx/{stack}.tfstate").get("Contents"):
        return None
    state = json.loads(client.get_object(Bucket=BUCKET, Key=f"fx/{stack}.tfstate")["Body"].read())
    return frozenset(f"{each['type']}.{each['name']}" for each in state["resources"] if each["mode"] == "managed") or None


def outcomes(result: RunResult) -> dict[str, str]:
    assert not result.failures, [(each.stack, each.failure) for each in result.failures]
    return {each.stack: each.outcome for each in result.stacks}


def forget(account: Emulator, stack: str) -> None:
    """What is left of a state after a kill before it was written: nothing."""
    session: Any = account.session()
    session.client("s3").delete_object(Bucket=BUCKET, Key=f"fx/{stack}.tfstate")
    session.client("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/fx/{stack}.tfstate-md5"}})


def test_what_a_kill_left_in_the_cluster_is_taken_over(
    make_engine: Callable[..., Engine], account: Emulator, stacks: tuple[Stack, ...]
) -> None:
    engine = make_engine()
    assert set(outcomes(engine.up(stacks)).values()) == {"applied"}
    assert set(outcomes(make_engine().up(stacks)).values()) == {"unchanged"}
    forget(account, "fx-hub")
    refused = make_engine().up(stacks).failures
    assert [(each.stack, each.failure.kind) for each in refused if each.failure] == [("fx-hub", "exists")]
    engine.layout.unsettled("fx-hub").write_text("applying")
    assert outcomes(make_engine().up(stacks))["fx-hub"] == "applied"
    assert in_state(account, "fx-hub") == ADDRESSES
    again = make_engine().up(stacks)
    assert (set(outcomes(again).values()), again.has_changes) == ({"unchanged"}, False)
    logs = "".join(path.read_text() for path in engine.run.folder.parent.rglob("*.log"))
    assert CANARY not in logs


@pytest.mark.parametrize("lost", ["secret", "both"])
def test_what_a_stack_was_built_on_may_be_gone_before_it(
    make_engine: Callable[..., Engine], account: Emulator, stacks: tuple[Stack, ...], lost: str
) -> None:
    assert set(outcomes(make_engine().up(stacks)).values()) == {"applied"}
    session: Any = account.session()
    session.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    if lost == "both":
        session.client("eks").delete_cluster(name="fx")
    assert outcomes(make_engine().down(stacks[1:])) == {"fx-hub": "destroyed"}
    assert in_state(account, "fx-hub") is None
    left = account.cluster()
    assert left["releases"] == []


def test_a_kubeconfig_takes_the_place_of_host_and_command(
    make_engine: Callable[..., Engine], stacks: tuple[Stack, ...], tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("apiVersion: v1\nkind: Config\n")
    make_engine().up(stacks[:1])
    result = make_engine(HUB_KUBECONFIG=str(kubeconfig)).plan(stacks)
    assert not result.failures, [each.failure for each in result.failures]
    assert result.stacks[1].add == len(ADDRESSES)
