"""Making the objects of one process, all of them or none."""

from __future__ import annotations

from modules.launcher.errors import Conflict, LauncherError, NotFound, Unavailable
from modules.launcher.protocols import Store
from modules.launcher.runtime import manifests, secrets
from modules.launcher.runtime.calls import Calls, Thing
from modules.launcher.runtime.manifests import Launch
from modules.launcher.runtime.refusals import is_taken
from modules.launcher.runtime.undo import Undo


def start(calls: Calls, undo: Undo, store: Store, launch: Launch) -> None:
    """Make the Deployment, then what it owns: Secrets, and the Service. Raises Conflict when one of the names is in use.

    The secrets are read before anything is made, as that is what a caller most often gets wrong.
    """
    values, login = secrets.env_values(launch.spec.container, store), secrets.registry_login(launch.spec.container, store)
    undo.before(launch)
    made: Thing | None = None
    try:
        made = _create(calls, "deployments", launch, manifests.deployment(launch))
        for kind, thing in _rest(launch, values, login):
            _create(calls, kind, launch, manifests.owned(thing, made))
    except LauncherError as error:
        # A Deployment that was plainly refused left nothing behind.
        raise (error if made is None and not error.unsure else undo.after(launch, error)) from error
    except Exception:
        # A mistake of ours must not leave half a process either.
        undo.after(launch, Unavailable("the launcher failed", unsure=True))
        raise


def _rest(launch: Launch, values: dict[str, str], login: str | None) -> list[tuple[str, Thing]]:
    found: list[tuple[str, Thing]] = []
    if launch.env_secret:
        found.append(("secrets", secrets.env_secret(launch, values)))
    if login is not None:
        found.append(("secrets", secrets.pull_secret(launch, login)))
    if (service := manifests.service(launch)) is not None:
        found.append(("services", service))
    return found


def _create(calls: Calls, kind: str, launch: Launch, body: Thing) -> Thing:
    try:
        return calls.create(kind, launch.namespace, body)
    except NotFound as error:
        # Only a namespace that is not there makes a create end so; the caller's process is not what is missing.
        raise Unavailable(f'the namespace "{launch.namespace}" of processes does not exist') from error
    except Conflict as error:
        if is_taken(error):
            raise Conflict(f'A {kind[:-1]} named "{body["metadata"]["name"]}" already exists') from error
        raise
