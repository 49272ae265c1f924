"""A small env on an emulated account of its own, with a proxy in between: what the rows of faults are run on."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from modules.config import HubConfig
from modules.config.load import load_env
from modules.ops.inventory import inventory
from modules.ops.state import stack_state
from tests._support.account import contents
from tests._support.checkout import Checkout, Done
from tests._support.emulator import Emulator, loopback_session
from tests.faults.proxy import Proxy

HERE = Path(__file__).parent
ENV, STACK, REGION = "fx", "fx-network", "eu-west-1"
#: A key that must show nowhere.
CANARY = "canary-aws-key-31c9e4"
_HUB = f"""extends: ../shared/base.yaml
name: {ENV}
region: {REGION}
aws: {{account: "123456789012"}}
domain: hub.fx.test
pools:
  default: {{families: [m5], sizes: [xlarge]}}
auth: {{kind: github, client_id: fx-client, admins: [ada]}}
hub:
  images: {{base: {{repo: quay.io/jupyter/base-notebook, tag: "2026-10-05", default: true}}}}
  profiles: [{{name: Base, default: true, cpu: [1, 2], memory: [2G, 4G], pool: default}}]
"""
#: Everything the small stack and the state's home are; what AWS makes beside a VPC comes with it.
WHOLE = Counter({"vpc": 1, "subnet": 2, "route-table": 1, "security-group": 1, "role": 1, "log-group": 1, "bucket": 1, "table": 1})


@dataclass
class Small:
    """One small env in one checkout, behind one proxy."""

    config: HubConfig
    checkout: Checkout
    proxy: Proxy
    session: boto3.Session
    whole: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, checkout: Checkout | None = None, file_size: int = 0) -> subprocess.Popen[str]:
        """`./hub <arguments>` with quick retries. file_size: bytes that a file may have, as on a disk that fills up."""
        place = checkout or self.checkout
        return subprocess.Popen(
            [sys.executable, str(HERE / "quick.py"), *arguments],
            cwd=place.root,
            env={**_environ(place), **self.extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            preexec_fn=(lambda: _small_disk(file_size)) if file_size else None,
        )

    def hub(self, *arguments: str, checkout: Checkout | None = None, file_size: int = 0) -> Done:
        """The same, to its end; nothing it says may be a traceback or hold the key."""
        started = time.monotonic()
        process = self.start(*arguments, checkout=checkout, file_size=file_size)
        return self.ended(process, started)

    def ended(self, process: subprocess.Popen[str], started: float) -> Done:
        """What a started command said."""
        out, err = process.communicate(timeout=600)
        done = Done(process.returncode, out, err, time.monotonic() - started)
        assert "Traceback" not in out + err, done.said
        assert CANARY not in out + err, done.said
        return done

    def install(self) -> Done:
        """`./install.sh fx`, for a machine to read."""
        self.whole = False
        return self.hub("install", ENV, "--yes", "--skip-preflight", "--json")

    def fails(self, kind: str, *words: str) -> dict[str, Any]:
        """One install that ends with 1 and a failure of `kind` that says all `words`; gives the failure."""
        done = self.install()
        assert done.code == 1, done.said
        failure: dict[str, Any] = done.json["stacks"][STACK]["failure"]
        said = f"{failure['what']}\n{failure['why']}\n{failure['fix']}"
        assert failure["kind"] == kind, said
        assert [each for each in words if each not in said] == [], said
        return failure

    def completes(self, *, added: int | None = None) -> Done:
        """The cause is gone: one install completes, the account holds each thing once, and the state all of them."""
        self.proxy.heal()
        done = self.install()
        assert done.code == 0, done.said
        if added is not None:
            assert (done.json["add"], done.json["change"], done.json["replace"], done.json["destroy"]) == (added, 0, 0, 0), done.said
        self.is_whole()
        return done

    def is_whole(self) -> None:
        """No duplicate, no orphan: AWS's own lists, our inventory by tag and the state tell the same."""
        assert Counter(each.partition(":")[0] for each in contents(self.session)) == WHOLE
        document = json.loads((self.checkout.root / f".hubsmith/{ENV}/out/stacks/{STACK}/cdk.tf.json").read_text())
        wanted = {f"{kind}.{name}" for kind, named in document["resource"].items() for name in named}
        state = stack_state(self.session, self.config, STACK)
        assert state is not None
        assert state.addresses == wanted
        tagged = Counter(each.address for each in inventory(self.session, self.config) if each.address)
        assert tagged == Counter(dict.fromkeys(wanted, 1))
        self.whole = True

    def is_calm(self) -> None:
        """A second run has nothing to do."""
        done = self.hub("install", ENV, "--yes", "--skip-preflight", "--json")
        assert done.code == 0, done.said
        assert done.json["stacks"][STACK]["outcome"] == "unchanged", done.said
        self.is_whole()

    def lose_subnet(self) -> None:
        """Somebody deletes a subnet by hand, so that the next install has one to make."""
        ec2: Any = self.session.client("ec2")
        address = [{"Name": "tag:hubsmith:address", "Values": [f"{STACK}/aws_subnet.private-b"]}]
        for subnet in ec2.describe_subnets(Filters=address)["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])

    def unlock(self) -> None:
        """What the refusal of a locked state says to do."""
        done = self.hub("unlock", ENV, "--yes")
        assert done.code == 0, done.said

    def unsaved(self) -> Path:
        """Where Terraform leaves a state it could not save."""
        return self.checkout.root / f".hubsmith/{ENV}/work/{STACK}/errored.tfstate"


def _environ(checkout: Checkout) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(checkout.root), **checkout.environment}


def _small_disk(size: int) -> None:
    # Ignored, so that the write fails as on a full disk instead of killing who writes; programs started from here inherit it.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _small_checkout(folder: Path, **environment: str) -> Checkout:
    """A checkout with one env, whose synth leaves a handful of resources."""
    checkout = Checkout.make(folder, **environment)
    for path in (checkout.root / "envs").iterdir():
        if path.is_dir() and path.name != "shared":
            shutil.rmtree(path)
    hub = checkout.root / "envs" / ENV / "hub.yaml"
    hub.parent.mkdir()
    hub.write_text(_HUB)
    (checkout.root / "main.py").rename(checkout.root / "whole_main.py")
    shutil.copy(HERE / "small_main.py", checkout.root / "main.py")
    return checkout


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """The env, not installed yet; the tests of a module share it, in their order."""
    with Emulator(REGION) as emulator, Proxy(emulator.url) as proxy:
        environment = {**emulator.environment, "AWS_ENDPOINT_URL": proxy.url, "AWS_SECRET_ACCESS_KEY": CANARY}
        checkout = _small_checkout(tmp_path_factory.mktemp("checkout"), **environment)
        yield Small(load_env(checkout.root, ENV), checkout, proxy, loopback_session(emulator.url, REGION))


@pytest.fixture
def fx(small: Small) -> Iterator[Small]:
    """The env, whole, and the way to it free."""
    small.proxy.heal()
    small.extra.clear()
    if not small.whole:
        # A row that failed may have left its lock.
        small.hub("unlock", ENV, "--yes")
        small.completes()
    yield small
    small.proxy.heal()
    small.extra.clear()


Recorder = Callable[[str, str], None]


@pytest.fixture
def row(evidence: Any) -> Recorder:
    """row(point, outcome): one line of the table of faults."""

    def record(point: str, outcome: str) -> None:
        evidence.record(f"fault: {point}", "faulted", outcome)

    return record
