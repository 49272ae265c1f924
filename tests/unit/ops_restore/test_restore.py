"""./hub restore on the rehearsal's AWS Backup: what is listed, refused, started, followed, and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from modules.common.errors import HubError
from modules.ops.cli import main
from modules.ops.data_removal import remove_data
from modules.ops.homes.command import _file_systems
from modules.ops.inventory import inventory
from modules.ops.restore import command, place
from modules.ops.restore.jobs import start_restore
from modules.ops.restore.patience import Watch
from modules.ops.restore.points import list_points
from modules.ops.sweep import is_kept
from modules.ops.target import Target
from tests.unit.ops_aws.support import ACCOUNT, make_config
from tests.unit.ops_restore.conftest import Account, wait

Hub = Callable[..., dict[str, Any]]
NIGHT, MORNING = "2026-11-20T05:00:12+00:00", "2026-11-20T09:30:00+00:00"


def test_a_backup_is_made_and_listed(account: Account, hub: Hub) -> None:
    made = hub("--backup-now")
    assert (made["status"], made["point"]["status"]) == ("COMPLETED", "COMPLETED")
    (listed,) = hub("--list")["points"]
    assert listed == made["point"]
    assert (listed["file_system"], listed["cold"], listed["kept_until"] > listed["point"]) == (account.system, False, True)


def test_a_backup_that_the_list_does_not_show_yet(account: Account, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "list_points", lambda place: ())
    assert hub("--backup-now")["point"] == {"arn": next(iter(account.jobs.points))}


def test_the_list_as_a_person_reads_it(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "lab", "--list"]) == 0
    assert "no recovery point yet: the plan makes the first at its next time, cron(0 5 * * ? *) in UTC" in capsys.readouterr().out
    account.point(NIGHT)
    account.point(MORNING, status="CREATING")
    assert main(["restore", "lab", "--list"]) == 0
    first, head, newest, oldest = capsys.readouterr().out.splitlines()
    assert first == f"lab: 2 recovery points in the vault lab, of {account.system}"
    assert head.split("  ")[1] == "made (UTC)"
    assert newest.split()[:4] == ["2026-11-20T09:30:00Z", "0.0", "GiB", "CREATING"]
    assert oldest.split()[-3:] == ["good", "warm", account.system]


@pytest.mark.parametrize(
    ("words", "items"),
    [
        ([], []),
        (["--path", "/home/ada", "--path", "/shared/x"], ["/home/ada", "/shared/x"]),
        (["--point", "2026-11-20 05"], []),
    ],
)
def test_a_restore_lies_beside_what_is_there(account: Account, hub: Hub, words: list[str], items: list[str]) -> None:
    arn = account.point(NIGHT)
    found = hub(*words, "--yes")
    assert (found["restored_into"], found["new_file_system"], found["paths"]) == (account.system, None, items)
    (made,) = account.jobs.directories[account.system]
    assert (made["items"], made["point"], made["directory"][:19]) == (items, arn, "aws-backup-restore_")
    assert account.client("backup").describe_restore_job(RestoreJobId=found["job"])["IamRoleArn"].endswith("lab-backup")
    assert "nothing was overwritten" in found["next"][0]


def test_a_new_file_system_is_found_by_cleanup_and_kept(account: Account, hub: Hub) -> None:
    account.point(NIGHT)
    new = hub("--new-file-system", "--yes")["new_file_system"]
    assert new in account.jobs.directories
    described = account.client("efs").describe_file_systems(FileSystemId=new)["FileSystems"][0]
    assert (described["Encrypted"], described["Name"]) == (True, f"{account.config.deployment}-restored")
    (found,) = [each for each in inventory(account.session, account.config) if each.id == new]
    assert is_kept(account.config, found, {"lab-data"})
    target = Target({}, {}, account.session, ACCOUNT, False, "moto")
    assert [each["id"] for each in _file_systems(target, account.config)] == [new]


def test_a_new_file_system_goes_with_the_data(account: Account, hub: Hub) -> None:
    """With the mount target that somebody gave it; the env's own is Terraform's."""
    account.point(NIGHT)
    new, efs, ec2 = hub("--new-file-system", "--yes")["new_file_system"], account.client("efs"), account.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    efs.create_mount_target(FileSystemId=new, SubnetId=subnet)
    said: list[str] = []
    found = [each for each in inventory(account.session, account.config) if each.kind == "elasticfilesystem:file-system"]
    remove_data(account.session, account.config, found, note=said.append, pause=0)
    assert [each["FileSystemId"] for each in efs.describe_file_systems()["FileSystems"]] == [account.system]
    assert said == [f"file system {new}: waiting for 1 mount targets to go", f"file system {new}: deleted"]


def test_a_dry_run_starts_nothing(account: Account, hub: Hub) -> None:
    account.point(NIGHT)
    assert hub("--path", "/home/ada", "--dry-run")["dry_run"]
    assert account.jobs.restores == {}


ROWS = [
    ([], [], "the vault lab holds no recovery point yet"),
    ([(NIGHT, "CREATING")], [], "no recovery point of fs-.* is complete; the newest is 2026-11-20T05:00:12Z, CREATING"),
    ([(NIGHT, "EXPIRED")], ["--point", "2026-11-20T05"], "the recovery point 2026-11-20T05:00:12Z is EXPIRED, not COMPLETED"),
    ([(NIGHT, "COMPLETED"), (MORNING, "COMPLETED")], ["--point", "2026-11"], '"2026-11" fits 2 recovery points'),
    ([(NIGHT, "COMPLETED")], ["--point", "2025"], 'no recovery point is called "2025"; there are 2026-11-20T05:00:12Z'),
    ([(NIGHT, "COMPLETED")], ["--point", "arn:aws:backup:x"], "no recovery point is called"),
    ([], ["--path", "home/ada"], '"home/ada" is no path in the file system'),
    ([], ["--path", "/home/*"], "is no path in the file system"),
    ([], ["--path", "/"], "is no path in the file system"),
    ([], ["--path", "/home/../x"], "is no path in the file system"),
    ([], [word for i in range(6) for word in ("--path", f"/home/u{i}")], "6 paths, and AWS Backup takes 5 in a job"),
    ([(NIGHT, "COMPLETED")], [], "nobody agreed; nothing was touched"),
]


@pytest.mark.parametrize(("points", "words", "said"), ROWS)
def test_what_is_refused(account: Account, points: list[tuple[str, str]], words: list[str], said: str) -> None:
    for made, status in points:
        account.point(made, status=status)
    with pytest.raises(HubError, match=said):
        main(["restore", "lab", *words])
    assert account.jobs.restores == {}


def test_a_point_of_a_file_system_that_was_replaced(account: Account, hub: Hub) -> None:
    old = account.make_system("old")
    arn = account.point(NIGHT, system=old)
    with pytest.raises(HubError, match=f"was made of {old}, which lab no longer uses") as refused:
        hub("--point", arn, "--yes")
    assert "--new-file-system" in refused.value.fix
    assert hub("--point", arn, "--new-file-system", "--yes")["new_file_system"] not in (old, account.system)


def test_the_same_restore_twice_at_once(account: Account, hub: Hub) -> None:
    account.point(NIGHT)
    here = place.open_place(None, account.config)  # type: ignore[arg-type]
    job = start_restore(here, list_points(here)[0], [], new=False)
    with pytest.raises(HubError, match=f"is running already: job {job}") as refused:
        hub("--yes")
    assert refused.value.fix.startswith(f"./hub restore lab --follow {job}")
    assert hub("--follow", job)["status"] == "COMPLETED"


@pytest.mark.parametrize("words", [["--backup-now"], ["--new-file-system", "--yes"]])
def test_ctrl_c_leaves_the_job_and_follow_ends_it(account: Account, hub: Hub, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    account.point(NIGHT)
    wait(monkeypatch, Watch(pause=0, sleep=interrupt))
    with pytest.raises(HubError, match="goes on in AWS") as stopped:
        hub(*words)
    assert stopped.value.exit_code == 130
    job = stopped.value.fix.split()[4]
    wait(monkeypatch, Watch(pause=0))
    ended = hub("--follow", job)
    assert ended["status"] == "COMPLETED"
    if "--new-file-system" in words:
        tags = account.client("efs").describe_file_systems(FileSystemId=ended["new_file_system"])["FileSystems"][0]["Tags"]
        assert {"Key": "hubsmith:deployment", "Value": account.config.deployment} in tags


def test_patience_ends(account: Account, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    account.point(NIGHT)
    times = iter(range(0, 1000, 100))
    wait(monkeypatch, Watch(seconds=50, pause=0, clock=lambda: float(next(times))))
    with pytest.raises(HubError, match=r"is not done after 1 m 40 s \(running 50.00 %\); it goes on in AWS"):
        hub("--yes")


def test_a_job_that_fails(account: Account, hub: Hub) -> None:
    account.point(NIGHT)
    account.jobs.failure = "Item /home/nobody not found"
    with pytest.raises(HubError, match="ended as FAILED: Item /home/nobody not found") as failed:
        hub("--path", "/home/nobody", "--yes")
    assert "nothing was overwritten" in failed.value.fix
    assert account.jobs.directories == {}


def test_no_such_job(account: Account, hub: Hub) -> None:
    with pytest.raises(HubError, match="AWS Backup knows no job 1234"):
        hub("--follow", "1234")


INSTALLED = ["aws_efs_file_system", "aws_backup_vault", "aws_backup_selection"]
PLACES: list[tuple[dict[str, Any], list[str], str]] = [
    ({}, [], "lab has no file system yet: its stack data is not installed"),
    ({}, INSTALLED[:1], "lab has no backup vault yet"),
    ({"backup": {"enabled": False}}, INSTALLED[:1], "lab has no backup vault yet; storage.backup is off in hub.yaml"),
    ({"homes": {"kind": "ebs"}, "efs": {"enabled": False, "trees": {}}}, INSTALLED, "lab has no file system, and AWS Backup keeps nothing"),
]


@pytest.mark.parametrize(("storage", "kinds", "said"), PLACES)
def test_where_there_is_nothing_to_restore(account: Account, storage: dict[str, Any], kinds: list[str], said: str) -> None:
    account.config = make_config(storage=storage)
    account.write_state(*kinds)
    with pytest.raises(HubError, match=said):
        main(["restore", "lab", "--list"])


def test_a_rehearsal_that_does_not_run(tmp_path: Any) -> None:
    config = make_config(aws={}, rehearsal=True)
    with pytest.raises(HubError, match="the rehearsal of lab does not run, so it has no backups"):
        command.list_all(tmp_path, config, as_json=True)


@pytest.mark.parametrize("words", [["--list", "--backup-now"], ["--list", "--new-file-system"], ["--follow", "1", "--dry-run"]])
def test_two_wishes_at_once(account: Account, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "lab", *words]) == 1
    assert "ask for one of them" in capsys.readouterr().err


def test_the_metadata(account: Account, hub: Hub) -> None:
    account.point(NIGHT)
    job = hub("--path", "/home/ada", "--yes")["job"]
    asked = account.jobs.asked[job]
    assert asked.pop("CreationToken").startswith(f"{account.config.deployment}-restored-")
    assert asked == {
        "file-system-id": account.system,
        "newFileSystem": "false",
        "Encrypted": "true",
        "PerformanceMode": "generalPurpose",
        "itemsToRestore": json.dumps(["/home/ada"]),
    }
