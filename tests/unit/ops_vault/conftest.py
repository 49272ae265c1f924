"""An env with Vault whose account is moto's, and whose Vault is the stand-in, by TLS with the certificate an install makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modules.common import vault as refs
from modules.config.models import HubConfig
from modules.ops.cli import main, parts
from modules.ops.target import Target
from modules.ops.vault_certificate import current
from tests.unit.ops_aws.support import ACCOUNT, make_config, new_session
from tests.vault.double import FakeVault
from tests.vault.serving import serve

VAULT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/lab-vault"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/Admins"
#: As a login shows it: IAM's paths are not in it.
ADMIN_SEEN = f"arn:aws:iam::{ACCOUNT}:role/Admins"
ROLE = "arn:aws:iam::210987654321:role/hubsmith-vault-ada"
ADA, BOB = "ada@example.org", "bob@example.org"


def vault_config(**changes: Any) -> HubConfig:
    """An env with Vault, Auth0 and one application role; keyword arguments replace fields of section vault, `top` others."""
    top = changes.pop("top", {})
    fields = {
        "aws": {"account": ACCOUNT, "deployer_role_arn": f"arn:aws:iam::{ACCOUNT}:role/Deployer"},
        "auth": {"kind": "auth0", "domain": "lab.us.auth0.com", "client_id": "x", "admins": [BOB], "allowed": [ADA]},
        "cluster": {"admins": [ADMIN]},
        "pools": {
            "default": {"families": ["m5"], "sizes": ["xlarge"]},
            "vault": {"purpose": "vault", "families": ["m5"], "sizes": ["large"], "capacity": ["on-demand"]},
        },
        "roles": {"daft": {"service_accounts": ["jupyterhub:daft"]}},
        "vault": {"pool": "vault", **changes},
    }
    return make_config(**(fields | top))


@dataclass
class Lab:
    """vault: the stand-in. run: `./hub vault …` with words, its exit code. said: everything printed so far. root: the repository."""

    config: HubConfig
    vault: FakeVault
    session: boto3.Session
    root: Path
    url: str = ""
    said: list[str] = field(default_factory=list)
    capture: Any = None

    def run(self, action: str, *words: str, address: str | None = None) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one verb."""
        place = self.url if address is None else address
        code = main(["vault", action, "lab", *words, *(["--address", place] if place else [])])
        found = self.capture.readouterr()
        self.said += [found.out, found.err]
        return code, found.out, found.err

    def json(self, action: str, *words: str) -> dict[str, Any]:
        """The object of `--json`."""
        return dict(json.loads(self.run(action, *words, "--json")[1]))

    def secret(self, name: str) -> dict[str, Any]:
        """What Secrets Manager has."""
        client = self.session.client("secretsmanager", region_name=self.config.region)
        return dict(json.loads(client.get_secret_value(SecretId=f"{self.config.deployment}/{name}")["SecretString"]))

    def ready(self) -> Lab:
        """Initialised and configured."""
        assert self.run("init")[0] == 0
        assert self.run("configure")[0] == 0
        return self

    def allow(self, email: str = ADA, role: str = ROLE) -> None:
        """The person's account trusts Vault, as the printed policy says."""
        self.vault.trusting[role] = f"{self.config.deployment}/{email}"


@pytest.fixture(scope="session")
def bundle() -> dict[str, str]:
    """CA, certificate and key, as the first install makes them."""
    config = vault_config()
    made: dict[str, str] = json.loads(current(None, refs.certificate_names("vault"), deployment=config.deployment, now=datetime.now(UTC)))
    return made


@pytest.fixture
def make_lab(
    bundle: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Lab]]:
    """Builds the lab for one config."""
    with mock_aws():
        session = new_session()
        # Half of a test's time would go into clients that are made again and again.
        monkeypatch.setattr(session, "client", _remembered(session.client))
        for name in ("VAULT_ADDR", "VAULT_TOKEN", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        target = Target({}, {}, session, ACCOUNT, False, "account in moto")
        monkeypatch.setattr("modules.ops.installed.resolve_target", lambda root, config: target)
        monkeypatch.setattr(parts, "ROOT", tmp_path)
        monkeypatch.setattr(parts, "_known", lambda env: None)
        open_now = []

        def make(config: HubConfig | None = None, *, vault: FakeVault | None = None) -> Lab:
            lab = Lab(config or vault_config(), vault or FakeVault(), session, tmp_path, capture=capsys)
            monkeypatch.setattr("modules.config.load.load_env", lambda root, env, judged=True: lab.config)
            _account(lab, bundle)
            lab.vault.callers["testing"] = ADMIN_SEEN
            serving = serve(lab.vault, bundle["certificate"], bundle["key"], tmp_path)
            lab.url = serving.__enter__()
            open_now.append(serving)
            return lab

        yield make
        for each in open_now:
            each.__exit__(None, None, None)


@pytest.fixture
def lab(make_lab: Callable[..., Lab]) -> Lab:
    """Of the usual config, before init."""
    return make_lab()


def _remembered(make: Callable[..., Any]) -> Callable[..., Any]:
    """`make`, once for each service and region."""
    made: dict[tuple[str, str], Any] = {}

    def client(service: str, region_name: str = "us-east-2", **more: Any) -> Any:
        if (service, region_name) not in made:
            made[service, region_name] = make(service, region_name=region_name, **more)
        return made[service, region_name]

    return client


def _account(lab: Lab, bundle: dict[str, str]) -> None:
    """What an install leaves: the state of stack vault, the cluster and the certificate's secrets."""
    config, region = lab.config, lab.config.region
    s3 = lab.session.client("s3", region_name=region)
    s3.create_bucket(Bucket=config.state_bucket, CreateBucketConfiguration={"LocationConstraint": region})
    resource = {"mode": "managed", "type": "helm_release", "name": "vault", "instances": [{"attributes": {"id": "vault"}}]}
    outputs = {refs.ROLE_OUTPUT: {"value": VAULT_ROLE}, refs.KEY_OUTPUT: {"value": "arn:aws:kms:us-east-2:1:key/k"}}
    body = {"version": 4, "serial": 1, "resources": [resource], "outputs": outputs}
    s3.put_object(Bucket=config.state_bucket, Key="lab/lab-vault.tfstate", Body=json.dumps(body))
    eks = lab.session.client("eks", region_name=region)
    vpc = {"subnetIds": ["subnet-1", "subnet-2"]}
    eks.create_cluster(name=config.cluster_name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/eks", resourcesVpcConfig=vpc)
    secrets = lab.session.client("secretsmanager", region_name=region)
    tags = [{"Key": "hubsmith:deployment", "Value": config.deployment}]
    for name, value in ((refs.TLS_SECRET, json.dumps(bundle)), (refs.CA_SECRET, bundle["ca"])):
        secrets.create_secret(Name=f"{config.deployment}/{name}", SecretString=value, Tags=tags)
    # Their containers are Terraform's, without a value.
    for name in (refs.RECOVERY_KEYS_SECRET, refs.ROOT_TOKEN_SECRET):
        secrets.create_secret(Name=f"{config.deployment}/{name}", Tags=tags)
