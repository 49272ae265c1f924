"""What each verb does. Each gives what is to be printed, "" for nothing."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable

from modules.common.errors import HubError
from modules.launcher.hpctl import show, specs, waiting
from modules.launcher.hpctl.client import Client


def start(client: Client, asked: Namespace) -> str:
    """Nothing, as Hydroplane's client; with --wait the process."""
    spec = specs.read(asked.spec, sys.stdin)
    if asked.group is not None:
        spec = {**spec, "group": asked.group}
    client.start(spec)
    if not asked.wait:
        return ""
    name = str(spec.get("process_name"))
    found = waiting.until_running(lambda: _named(client, name), f'"{name}"', asked.timeout)
    return _listed(found, asked)


def stop(client: Client, asked: Namespace) -> str:
    """Nothing. Raises HubError when it is not clear what to stop."""
    names = [each for each in (asked.name, asked.group) if isinstance(each, str)]
    if len(names) != 1:
        raise HubError("name one process, or one group with -g", fix="hpctl stop NAME, or hpctl stop -g GROUP")
    if asked.group is None:
        client.stop(names[0])
    else:
        client.stop_group(names[0])
    return ""


def listing(client: Client, asked: Namespace) -> str:
    """All of it as JSON with --json; else a table for a terminal, and for a pipe what Hydroplane's client printed."""
    return _listed(client.processes(asked.group), asked)


def logs(client: Client, asked: Namespace) -> str:
    """The log; with --json {"process_name", "logs"}."""
    text = client.logs(asked.name, asked.tail, previous=asked.previous)
    return show.document({"process_name": asked.name, "logs": text}) if asked.json else text.removesuffix("\n")


def opening(client: Client, asked: Namespace) -> str:
    """The address, which a browser shows unless --print or --json. Raises HubError for a process that has none."""
    process = client.process(asked.name)
    addresses = sorted(process.get("socket_addresses") or (), key=lambda each: not each.get("is_public"))
    if not addresses:
        why = show.clean(process.get("reason")) or show.clean(process.get("status")) or "it has no ports"
        raise HubError(f'"{asked.name}" has no address: {why}', fix="hpctl wait, if it is starting; else hpctl list")
    url = f"http://{show.location(addresses[0])}"
    if not (asked.print_only or asked.json):
        import webbrowser

        webbrowser.open(url)
    return show.document({"process_name": asked.name, "url": url}) if asked.json else url


def wait(client: Client, asked: Namespace) -> str:
    """Nothing but the end of waiting; with --json the processes."""
    if (asked.name is None) == (asked.group is None):
        raise HubError("name one process, or one group with -g", fix="hpctl wait NAME, or hpctl wait -g GROUP")
    if asked.group is not None:
        found = waiting.until_running(lambda: client.processes(asked.group), f'group "{asked.group}"', asked.timeout)
    else:
        found = waiting.until_running(lambda: _named(client, asked.name), f'"{asked.name}"', asked.timeout)
    return show.document(found) if asked.json else ""


VERBS: dict[str, Callable[[Client, Namespace], str]] = {
    "start": start,
    "stop": stop,
    "list": listing,
    "logs": logs,
    "open": opening,
    "wait": wait,
}


def _named(client: Client, name: str) -> list[dict[str, object]]:
    return [each for each in client.processes() if each.get("process_name") == name]


def _listed(processes: list[dict[str, object]], asked: Namespace) -> str:
    if asked.json:
        return show.document(processes)
    if getattr(asked, "table", False) or sys.stdout.isatty():
        return show.table(processes)
    return show.seed(processes)
