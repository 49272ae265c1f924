"""What a person may type. Flags that every verb has stand before the verb or after it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from modules.common.errors import HubError

_EXAMPLES = """examples:
  hpctl start nginx.json --wait       start a process and wait until it runs
  hpctl list -g chat                  the processes of a group
  hpctl list | jq '.[0]'              into a pipe a list is JSON
  hpctl open nginx                    its first public address, in a browser
  hpctl stop -g chat                  stop every process of a group

environment:
  HYDROPLANE_SERVER      the server, if not --server; http unless it says https
  HYDROPLANE_TOKEN       the token, if not --token-file; in a notebook JUPYTERHUB_API_TOKEN is taken
"""
#: What a Hydroplane server listens on unless told otherwise.
DEFAULT_SERVER = "localhost:8000"


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving: exit code 2 means something else in this project."""

    def error(self, message: str) -> NoReturn:
        raise HubError(message, fix=f"{self.prog} --help")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, read: `verb` and what it takes. Raises HubError for what nobody can read."""
    parser = _Parser(
        prog="hpctl",
        description="Start, list and stop processes of a Hydroplane server.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_common(group={"metavar": "GROUP"})],
        allow_abbrev=False,
    )
    _verbs(parser.add_subparsers(dest="verb", metavar="VERB", required=True))
    parser.set_defaults(server=None, token_file=None, json=False, debug=False, group=None)
    return parser.parse_args(arguments)


def _common(group: dict[str, Any] | None) -> argparse.ArgumentParser:
    """The flags of all verbs. What is not given is left out, so that a verb's silence does not undo what stood before it."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("-s", "--server", metavar="URL", help=f"the server, http or https (default: HYDROPLANE_SERVER or {DEFAULT_SERVER})")
    shared.add_argument("--token-file", metavar="FILE", help="a file with the token (default: HYDROPLANE_TOKEN)")
    shared.add_argument("--json", action="store_true", help="all that the server says, as JSON")
    shared.add_argument("-d", "--debug", action="store_true", help="show where an error comes from")
    if group is not None:
        shared.add_argument("-g", "--group", "--group-name", "--group_name", help="all processes of this group", **group)
    return shared


def _verbs(verbs: Any) -> None:
    def verb(name: str, words: str, group: dict[str, Any] | None = None) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(name, help=words, description=words, parents=[_common(group)], allow_abbrev=False)
        return made

    start = verb("start", "start a process from its specification", {"metavar": "GROUP"})
    start.add_argument("spec", metavar="SPEC", help="a JSON or YAML file; - reads standard input")
    start.add_argument("--wait", action="store_true", help="until it runs")
    _patience(start)
    # Hydroplane's own -g was a switch after which, or before which, the one name was a group's.
    stop = verb("stop", "stop a process, or a group with -g", {"nargs": "?", "const": True})
    stop.add_argument("name", nargs="?")
    listing = verb("list", "processes: a table on a terminal, JSON in a pipe", {"metavar": "GROUP"})
    listing.add_argument("--table", action="store_true", help="a table also in a pipe")
    logs = verb("logs", "the last lines a process wrote")
    logs.add_argument("name")
    logs.add_argument("-n", "--tail", type=_whole, default=None, metavar="LINES", help="how many lines")
    logs.add_argument("-p", "--previous", action="store_true", help="of the container before its last restart")
    opening = verb("open", "a process's first public address, in a browser")
    opening.add_argument("name")
    opening.add_argument("--print", dest="print_only", action="store_true", help="only print the address")
    waiting = verb("wait", "until a process runs, or all of a group with -g", {"metavar": "GROUP"})
    waiting.add_argument("name", nargs="?")
    _patience(waiting)


def _patience(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--timeout", type=_whole, default=300, metavar="SECONDS", help="how long to wait (default: %(default)s)")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
