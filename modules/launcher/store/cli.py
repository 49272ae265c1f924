"""local-secret-store: make a store, and add, read and remove secrets."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from modules.common.errors import HubError
from modules.launcher.store.local import DEFAULT_LOCATION, LocalStore
from modules.launcher.store.password import asked, new_password, read_password

_EPILOG = """examples:
  local-secret-store init
  local-secret-store add -f creds.json aws-credentials
  local-secret-store get aws-credentials --key AccessKeyId

the password is asked for; without a terminal it comes from --password-file, --password-fd,
HYDROPLANE_STORE_PASSWORD_FILE or HYDROPLANE_STORE_PASSWORD.

exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong password, 4 no such secret, 5 exists already, 130 interrupted"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code says what came of it. Refusals are sentences on standard error."""
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        run(options)
        return 0
    except HubError as error:
        return _failed(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(f"{error.filename or 'the store'}: {error.strerror}", 1)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing is half done", 130)


def _failed(sentence: str, code: int) -> int:
    sys.stderr.write(f"ERROR: {sentence}\n")
    return code


def _init(options: argparse.Namespace) -> None:
    LocalStore.create(options.store_location, new_password(os.environ, file=options.password_file, fd=options.password_fd))
    sys.stderr.write(f"made a secret store at {options.store_location.expanduser()}\n")


def _add(options: argparse.Namespace) -> None:
    # Opened first: nobody types a long secret to learn that the password was wrong.
    store = _opened(options)
    store.add(options.name, _contents(options.filename), overwrite=options.overwrite)


def _get(options: argparse.Namespace) -> None:
    sys.stdout.write(_opened(options).get(options.name, options.key) + "\n")
    sys.stdout.flush()


def _remove(options: argparse.Namespace) -> None:
    _opened(options).remove(options.name)


def _opened(options: argparse.Namespace) -> LocalStore:
    return LocalStore(options.store_location, read_password(os.environ, file=options.password_file, fd=options.password_fd))


def _contents(filename: str | None) -> str:
    """A file whole; what is piped in, or typed, without the line ending that the shell or the Enter key put there."""
    if filename is None:
        text = asked("Contents of the secret: ") if sys.stdin.isatty() else sys.stdin.read().removesuffix("\n")
    else:
        text = _read(filename)
    if not text:
        raise HubError("the secret is empty. Nothing was stored", fix="name a file with -f, or pipe the secret in")
    return text


def _read(filename: str) -> str:
    try:
        return sys.stdin.read() if filename == "-" else Path(filename).read_bytes().decode()
    except UnicodeDecodeError:
        raise HubError(f"{filename} is not UTF-8 text", fix="encode it, in base64 for example") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local-secret-store", description=__doc__, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _common(parser, later=False)
    verbs = parser.add_subparsers(required=True, metavar="init|add|get|remove")
    _verb(verbs, "init", _init, "make an empty store; asks for its password twice")
    add = _verb(verbs, "add", _add, "store a secret: from a file, from standard input, or typed hidden")
    add.add_argument("-f", "--filename", metavar="FILE", help="the file whose contents to store; - is standard input")
    add.add_argument("--overwrite", action="store_true", help="replace a secret of that name")
    get = _verb(verbs, "get", _get, "print a secret")
    get.add_argument("--key", help="one key of a secret that is a JSON object")
    remove = _verb(verbs, "remove", _remove, "delete a secret")
    for verb in (add, get, remove):
        verb.add_argument("name", metavar="NAME")
    return parser


def _verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: object, text: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    _common(parser, later=True)
    return parser


def _common(parser: argparse.ArgumentParser, *, later: bool) -> None:
    """Options that may stand before or after the verb; the later mention must not reset the earlier to its default."""
    unset = argparse.SUPPRESS
    parser.add_argument(
        "--store-location", "--store_location", type=Path, metavar="DIR", default=unset if later else DEFAULT_LOCATION,
        help=f"the store's folder (default {DEFAULT_LOCATION})",
    )  # fmt: skip
    parser.add_argument("--password-file", type=Path, metavar="FILE", default=unset if later else None, help="a file with the password")
    parser.add_argument("--password-fd", type=int, metavar="N", default=unset if later else None, help="an open file with the password")


if __name__ == "__main__":
    sys.exit(main())
