"""Plain manifests against Kubernetes' own schemas, in the cluster's minor or the nearest that is known."""

from __future__ import annotations

from typing import Any

from modules.config.problems import path_text


def check_object(manifest: dict[str, Any], minor: str) -> list[str]:
    """What is wrong with the shape of a manifest of a built-in kind, unknown fields included. minor: "1.35"."""
    import kubernetes_validate

    try:
        kubernetes_validate.validate(manifest, _nearest(minor), strict=True)
    except kubernetes_validate.ValidationError as error:
        path = path_text(tuple(getattr(error, "path", ()) or ()))
        return [f"{path or manifest['kind']}: {getattr(error, 'message', error)}"]
    except kubernetes_validate.SchemaNotFoundError:
        return [f'no matches for kind "{manifest["kind"]}" in version "{manifest["apiVersion"]}"']
    return []


def _nearest(minor: str) -> str:
    import kubernetes_validate

    newest: str = kubernetes_validate.latest_version()
    return min(minor, newest, key=lambda version: tuple(int(part) for part in version.split(".")))
