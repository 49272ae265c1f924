"""Faults between the real AWS provider and AWS, on real installs of a small env: what is said, and that one more install completes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests._support.checkout import Checkout
from tests._support.processes import wait_until
from tests.faults.conftest import ENV, STACK, Recorder, Small
from tests.faults.proxy import Delay, GoDark, Refuse, Rewrite, Rule

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ONCE_MORE = "one more install completes; no duplicate, no orphan"
FULL_VPC = Refuse("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
BUSY = Refuse("RequestLimitExceeded", "Request limit exceeded.", 503)
BROKEN = Refuse("InternalError", "An internal error has occurred", 500)
DENIED = Refuse(
    "UnauthorizedOperation", "You are not authorized to perform this operation. Encoded authorization failure message: AbCd", 403
)
EXPIRED = Refuse("ExpiredToken", "The security token included in the request is expired", 403)
STATE = "PUT /*-state/fx/fx-network.tfstate"


def test_the_first_install(small: Small, row: Recorder) -> None:
    """From nothing, one cause after the other, each in the way of the next thing to be made."""
    proxy = small.proxy
    full = small.hub("install", ENV, "--yes", "--skip-preflight", file_size=65_000)
    assert full.code == 1, full.said
    assert "the disk is full" in full.err, full.said
    assert "df -h" in full.err, full.said
    assert proxy.count("s3", "PUT *") == 0, "nothing was made"
    row("disk full on synth", f"refused before anything is made, with the folder; {ONCE_MORE}")

    proxy.plant(Rule("ec2", "CreateVpc", FULL_VPC))
    small.fails("quota", "aws_vpc.main", "CreateVpc", "maximum number of VPCs", "Service Quotas")
    assert proxy.heal() == {"ec2 CreateVpc": 1}
    row("quota used up (VpcLimitExceeded)", f"exit 1 at once, names the quota and the console; {ONCE_MORE}")

    # Absorbed by the provider itself, on the way to what stops the run.
    proxy.plant(
        Rule("ec2", "CreateVpc", BUSY, times=1), Rule("ec2", "ModifyVpcAttribute", BROKEN, times=1), Rule("ec2", "CreateSubnet", DENIED)
    )
    denied = small.fails("denied", "aws_subnet.private-", "CreateSubnet", f"./hub iam-policy {ENV}", "EC2: CreateSubnet")
    assert "AbCd" not in denied["why"]
    assert proxy.heal() == {"ec2 CreateVpc": 1, "ec2 ModifyVpcAttribute": 1, "ec2 CreateSubnet": 2}
    row("throttled or answered 5xx now and then", "absorbed by the provider")
    row("an action is denied", f"exit 1, names the action and how to allow it; {ONCE_MORE}")

    proxy.plant(Rule("ec2", "CreateSubnet", BUSY))
    small.fails("throttled", "CreateSubnet", "wait a minute")
    assert proxy.heal()["ec2 CreateSubnet"] == 8, "two subnets, two tries of the provider, two of ours"
    row("throttled without end", f"tried again by us, then exit 1; {ONCE_MORE}")

    # Two subnets, two tries of the provider each: our second try meets a healthy AWS.
    proxy.plant(Rule("ec2", "CreateSubnet", BROKEN, times=4))
    done = small.install()
    assert done.code == 0, done.said
    assert done.json["add"] == 2, done.said
    assert proxy.heal() == {"ec2 CreateSubnet": 4}
    small.is_whole()
    small.is_calm()
    row("5xx for longer than the provider is patient", "our own retry completes the same install")


def test_credentials_expire_in_mid_apply(fx: Small, row: Recorder) -> None:
    """A subnet is made, and from then on nothing is allowed: neither the state nor the lock can be written."""
    fx.lose_subnet()
    fx.proxy.plant(Rule("ec2", "CreateSubnet", GoDark(passed_on=True, answer=EXPIRED)))
    fx.fails("credentials", "CreateSubnet", "sign in again")
    _unlock_and_complete(fx)
    row("credentials expire in mid-apply", f"exit 1, says to sign in; the state is kept aside; after ./hub unlock {ONCE_MORE}")


def test_the_network_is_lost_in_mid_apply(fx: Small, row: Recorder) -> None:
    """AWS made the subnet, and nobody heard of it: it is in no state, and must not be made twice."""
    fx.lose_subnet()
    fx.proxy.plant(Rule("ec2", "CreateSubnet", GoDark(passed_on=True)))
    fx.fails("unsaved", "could not save its state", "run the same command again")
    _unlock_and_complete(fx)
    row(
        "the network is lost in mid-apply, after AWS took the request",
        f"state kept aside, what was made is adopted; after ./hub unlock {ONCE_MORE}",
    )


def _unlock_and_complete(fx: Small) -> None:
    fx.proxy.heal()
    assert fx.unsaved().stat().st_mode & 0o077 == 0, "it holds secrets"
    fx.fails("locked", f"./hub unlock {ENV}", "since")
    fx.unlock()
    said = fx.completes().out
    assert not fx.unsaved().exists(), said
    fx.is_calm()


def test_the_state_bucket_refuses_writes(fx: Small, row: Recorder) -> None:
    fx.lose_subnet()
    fx.proxy.plant(Rule("s3", STATE, Refuse("AccessDenied", "Access Denied", 403)))
    fx.fails("unsaved", "could not save its state", "run the same command again", f".hubsmith/{ENV}/work")
    assert fx.unsaved().is_file()
    fx.completes(added=0)
    assert not fx.unsaved().exists()
    fx.is_calm()
    row("the state bucket refuses the state", f"kept in the work folder, pushed by the next install; {ONCE_MORE}")


def test_two_installs_at_once(fx: Small, tmp_path: Path, row: Recorder) -> None:
    fx.lose_subnet()
    fx.proxy.plant(Rule("ec2", "CreateSubnet", Delay(25)))
    started = time.monotonic()
    before = fx.proxy.count("ec2", "CreateSubnet")
    first = fx.start("install", ENV, "--yes", "--skip-preflight", "--json")
    wait_until(lambda: fx.proxy.count("ec2", "CreateSubnet") > before or first.poll() is not None, "the first install's subnet")
    here = fx.hub("install", ENV, "--yes", "--skip-preflight")
    assert here.code == 1, here.said
    assert f"./install.sh (process {first.pid}) works on {ENV} in this checkout" in here.err, here.said
    elsewhere = Checkout(tmp_path / "other", fx.checkout.environment)
    shutil.copytree(fx.checkout.root, elsewhere.root, symlinks=True)
    second = fx.hub("install", ENV, "--yes", "--skip-preflight", "--json", checkout=elsewhere)
    assert second.code == 1, second.said
    failure = second.json["stacks"][STACK]["failure"]
    assert failure["kind"] == "locked", second.said
    assert "@" in failure["why"], "names the holder"
    done = fx.ended(first, started)
    assert done.code == 0, done.said
    assert done.json["add"] == 1, done.said
    fx.proxy.heal()
    fx.is_calm()
    row("two installs at once, from one checkout and from two", "the second is refused and names the first, which completes")


def test_the_wrong_account(fx: Small, row: Recorder) -> None:
    other = Rewrite("123456789012", "999999999999")
    writes = fx.proxy.count("*", "Create*") + fx.proxy.count("s3", "PUT *")
    fx.proxy.plant(Rule("sts", "GetCallerIdentity", other))
    refused = fx.hub("install", ENV, "--yes", "--skip-preflight")
    assert refused.code == 1, refused.said
    assert "belong to account 999999999999, the env to 123456789012. Nothing was touched" in refused.err
    assert fx.proxy.count("*", "Create*") + fx.proxy.count("s3", "PUT *") == writes
    fx.proxy.heal()
    fx.proxy.plant(Rule("sts", "GetCallerIdentity", other, agent="*Terraform*"))
    fx.fails("account", "another account", "choose the profile")
    fx.proxy.heal()
    fx.is_calm()
    row("credentials of another account", "refused before anything is made, by us and again by the provider")


def test_an_endpoint_without_an_address(fx: Small, row: Recorder) -> None:
    fx.extra["AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"] = "http://logs.nowhere.invalid"
    fx.fails("connection", "no such host", "check the network")
    fx.extra.clear()
    fx.is_calm()
    row("the name of an endpoint cannot be resolved", "tried again by us, then exit 1 and `check the network`; the next install is whole")


SIGN_IN = [
    ("credentials expired before the start", EXPIRED, "sign in again (aws sso login)"),
    (
        "a clock that is off",
        Refuse("SignatureDoesNotMatch", "Signature expired: 20261121T000000Z is now earlier than 20261121T234500Z", 403),
        "set the clock",
    ),
    ("a request from the past", Refuse("RequestExpired", "Request has expired.", 400), "set the clock"),
    ("signing in is denied", Refuse("AccessDenied", "Access Denied", 403), "give the role the permission"),
]


@pytest.mark.parametrize(("point", "fault", "fix"), SIGN_IN, ids=[row[0] for row in SIGN_IN])
def test_who_cannot_sign_in_makes_nothing(fx: Small, row: Recorder, point: str, fault: Refuse, fix: str) -> None:
    fx.proxy.plant(Rule("sts", "GetCallerIdentity", fault))
    seen = len(fx.proxy.calls)
    done = fx.hub("install", ENV, "--yes", "--skip-preflight")
    assert done.code == 1, done.said
    assert fix in done.err, done.said
    assert fault.code in done.err, done.said
    assert {each.service for each in fx.proxy.calls[seen:]} == {"sts"}
    row(point, "exit 1 before anything is made, with the way out")
