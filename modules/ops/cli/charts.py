"""./hub schemas: what the charts of other projects take."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from modules.common.errors import HubError
from modules.ops.cli import parts


@parts.app.command(epilog="Examples:  ./hub schemas list      ./hub schemas fetch")
def schemas(action: Annotated[str, typer.Argument(help="list or fetch.", metavar="list|fetch")], as_json: parts.AsJson = False) -> int:
    """List or fetch the schemas of other projects' charts, by which a rehearsal checks their values."""
    if action not in ("list", "fetch"):
        raise typer.BadParameter(f'"{action}" is none of list, fetch')
    from modules.ops.schemas_command import Known, say_fetched, say_known
    from modules.rehearsal.verdicts.fetch import fetch, foreign_charts
    from modules.rehearsal.verdicts.schemas import known_schemas

    try:
        if action == "fetch":
            got = fetch(parts.ROOT, lambda text: print(text, file=sys.stderr))
            return say_fetched(str(got.folder), got.written, got.there, got.failed, as_json=as_json)
        known = known_schemas(parts.ROOT)
        found = [(each, known.values(each.chart, each.version)) for each in foreign_charts(parts.ROOT)]
    except HubError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    rows = [Known(each.chart, each.version, schema.name if schema else "", bool(schema and schema.inferred)) for each, schema in found]
    return say_known(rows, as_json=as_json)
