"""Who reaches the instance metadata: the rules the script makes, evaluated as the kernel would, and every way it can fail."""

from __future__ import annotations

import pytest

from tests._support.scripts import Bench

LOOPBACK = "00000000000000000000000000000001 01 80 10 80       lo\n"
POD = "26001f18000000000000000000000001 02 40 00 80     eth0\n"
ADDRESS = {"iptables": "169.254.169.254/32", "ip6tables": "fd00:ec2::254/128"}


@pytest.fixture
def guard(bench: Bench) -> Bench:
    """A pod with IPv4 only and a firewall without rules."""
    bench.environ["DESKTOP_INET6"] = str(bench.file("if_inet6", LOOPBACK))
    for name in ADDRESS:
        firewall(bench, name)
    return bench


def firewall(bench: Bench, name: str, refuses: str = "nothing", has: str = "nothing") -> None:
    """A fake iptables that refuses and that already has the rules with these words."""
    bench.fake(name, f'case "$*" in *" -C "*{has}*) exit 0 ;; *" -C "*) exit 1 ;; *"{refuses}"*) echo "no such match" >&2; exit 2 ;; esac')


def appended(bench: Bench, name: str) -> list[str]:
    """The rules that were added, in order."""
    return [call.partition(" -A OUTPUT ")[2] for call in bench.calls(name) if " -A " in call]


def verdict(rules: list[str], address: str, user: str) -> str:
    """What the first fitting rule says; ACCEPT is the chain's own policy."""
    for rule in rules:
        words = rule.split()
        owner = words[words.index("--uid-owner") + 1] if "--uid-owner" in words else user
        if words[words.index("-d") + 1] == address and owner == user:
            return words[-1]
    return "ACCEPT"


@pytest.mark.parametrize("family", ADDRESS)
@pytest.mark.parametrize(("user", "expected"), [("root", "ACCEPT"), ("dcv", "ACCEPT"), ("researcher", "REJECT"), ("nobody", "REJECT")])
def test_only_root_and_dcv_reach_the_metadata(guard: Bench, family: str, user: str, expected: str) -> None:
    guard.file("if_inet6", LOOPBACK + POD)
    done = guard.run("guard_metadata.sh")
    assert done.returncode == 0, done.stdout
    assert verdict(appended(guard, family), ADDRESS[family], user) == expected
    assert verdict(appended(guard, family), "10.0.0.1/32", user) == "ACCEPT"


def test_without_ipv6_its_firewall_is_not_asked(guard: Bench) -> None:
    """Its kernel part may be missing on such a node."""
    firewall(guard, "ip6tables", refuses="-A")
    assert guard.run("guard_metadata.sh").returncode == 0
    assert guard.calls("ip6tables") == []


def test_rules_that_are_there_are_not_added_again(guard: Bench) -> None:
    firewall(guard, "iptables", has="169.254")
    assert guard.run("guard_metadata.sh").returncode == 0
    assert appended(guard, "iptables") == []


@pytest.mark.parametrize("refuses", ["-A OUTPUT", "--uid-owner root", "--uid-owner dcv", "REJECT"])
def test_a_rule_that_is_refused_stops_the_desktop(guard: Bench, refuses: str) -> None:
    firewall(guard, "iptables", refuses=refuses)
    done = guard.run("guard_metadata.sh")
    assert done.returncode == 1
    assert "no session is started" in (guard.run_dir / "failed-guard_metadata").read_text()


def test_a_refused_ipv6_rule_stops_the_desktop(guard: Bench) -> None:
    guard.file("if_inet6", LOOPBACK + POD)
    firewall(guard, "ip6tables", refuses="-A")
    assert guard.run("guard_metadata.sh").returncode == 1
    assert "ip6tables" in (guard.run_dir / "failed-guard_metadata").read_text()


def test_a_missing_firewall_stops_the_desktop(guard: Bench) -> None:
    guard.fake("iptables", "exit 127")
    assert guard.run("guard_metadata.sh").returncode == 1
