"""What the cache keeps of a chart's archive: the schema of its values and its custom resource definitions, nothing else."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

from modules.common.errors import HubError
from modules.rehearsal.verdicts.custom import CHART_KINDS
from modules.rehearsal.verdicts.infer import infer
from modules.rehearsal.verdicts.schemas import file_name


def documents(chart: str, version: str, archive: bytes) -> dict[str, dict[str, Any]]:
    """File name in the cache to content. Raises HubError when the archive is none, or holds no such chart."""
    import yaml

    files = _files(chart, archive)
    try:
        made = _documents(chart, version, files)
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise HubError(f"the files of {chart} {version} are not what a chart's are: {error!r}", fix=_LOOK) from error
    if not made:
        raise HubError(f"the archive of {chart} {version} holds no values and no CRDs", fix=_LOOK)
    return made


_LOOK = "Look at its entry in helm/releases.yaml."


def _documents(chart: str, version: str, files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    made = (
        {f"{file_name(chart)}-{version}.values.schema.json": json.loads(files["values.schema.json"])}
        if "values.schema.json" in files
        else {}
    )
    if not made and "values.yaml" in files:
        text = files["values.yaml"].decode()
        made[f"{file_name(chart)}-{version}.values.inferred.schema.json"] = infer(_yaml(text) or {}, text)
    source = CHART_KINDS[chart].source if chart in CHART_KINDS else file_name(chart)
    for name, body in files.items():
        if name.startswith("crds/"):
            for crd in _crds(body.decode()):
                made[f"{source}-{version}.crd.{crd['plural']}.json"] = crd
    return made


def _files(chart: str, archive: bytes) -> dict[str, bytes]:
    """Files of the chart itself, by their path in it; those of charts inside it are theirs."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            members = [each for each in opened.getmembers() if each.isfile() and each.name.startswith(f"{chart}/")]
            wanted = [each for each in members if _is_wanted(each.name.removeprefix(f"{chart}/"))]
            return {each.name.removeprefix(f"{chart}/"): opened.extractfile(each).read() for each in wanted}  # type: ignore[union-attr]
    except (tarfile.TarError, OSError, EOFError) as error:
        raise HubError(f"what came for {chart} is no archive of a chart: {error}", fix="Run ./hub schemas fetch again.") from error


def _is_wanted(path: str) -> bool:
    return path in ("values.schema.json", "values.yaml") or (path.startswith("crds/") and path.endswith((".yaml", ".yml")))


def _crds(text: str) -> Iterator[dict[str, Any]]:
    import yaml

    for document in yaml.load_all(text, Loader=_loader()):
        if not isinstance(document, dict) or document.get("kind") != "CustomResourceDefinition":
            continue
        spec, names = document["spec"], document["spec"]["names"]
        versions = {
            each["name"]: {
                "served": each.get("served", True),
                "storage": each.get("storage", False),
                "openAPIV3Schema": _without_descriptions(each["schema"]["openAPIV3Schema"]),
            }
            for each in spec["versions"]
        }
        yield {"group": spec["group"], "kind": names["kind"], "plural": names["plural"], "scope": spec["scope"], "versions": versions}


def _without_descriptions(node: Any) -> Any:
    """A field may be called "description" too: only a text is a description."""
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not (key == "description" and isinstance(value, str))}
        return {key: _without_descriptions(value) for key, value in kept.items()}
    return [_without_descriptions(each) for each in node] if isinstance(node, list) else node


def _yaml(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=_loader())  # noqa: S506


def _loader() -> Any:
    """The safe loader in C where there is one: CRDs are long."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
