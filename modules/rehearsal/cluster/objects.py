"""The kubernetes provider's plain resources: one object each."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.cluster import laws, node_ports
from modules.rehearsal.cluster.drift import state_now
from modules.rehearsal.cluster.manifests import KINDS, Values, manifest_of
from modules.rehearsal.cluster.references import can_roll_out, gives_something
from modules.rehearsal.cluster.world import TERRAFORM, Held, Key, Manifest, World, key_of
from modules.rehearsal.standin.backend import Problem, Refused
from modules.rehearsal.standin.wire import UNKNOWN

#: What Terraform waits for unless told not to.
_WAITS = {"PersistentVolumeClaim": "wait_until_bound", "Service": "wait_for_load_balancer"}


def key_for(kind: str, values: Values) -> Key:
    """Which object a resource is."""
    rule, metadata = KINDS[kind], values["metadata"][0]
    return Key(rule.kind, (metadata.get("namespace") or "default") if rule.namespaced else "", metadata["name"])


def manifest_for(kind: str, planned: Values, config: Values) -> Manifest:
    """What would be sent: the plan, and of the configuration what only it has."""
    secret = {name: config[name] for name in ("data_wo", "binary_data_wo") if config.get(name)}
    return manifest_of(kind, {**planned, **secret})


def create(world: World, kind: str, planned: Values, manifest: Manifest) -> Values:
    """Make the object and give its state. Raises Refused."""
    laws.admit(world, manifest)
    _need(world, planned, manifest)
    held = world.put(manifest, TERRAFORM)
    waits = _WAITS.get(manifest["kind"], "")
    try:
        laws.settle(world, held, wait=planned.get(waits) is not False)
    except Refused:
        # The real provider leaves a tainted object; here the next plan would not know how to tell, so nothing is left.
        world.drop(key_for(kind, planned))
        raise
    return _settled(world, kind, planned, held)


def update(world: World, kind: str, prior: Values, planned: Values, manifest: Manifest) -> Values:
    """Change the object and give its state. Raises Refused."""
    key = key_for(kind, prior)
    if key not in world.objects:
        raise Refused(Problem(f'{laws.plural(key.kind)} "{key.name}" not found'))
    held = world.objects[key]
    if _keeps_secret(prior, planned):
        manifest = {**manifest, "data": {**held.manifest.get("data", {}), **manifest_of(kind, planned)["data"]}}
    laws.admit_change(world, held.manifest, manifest)
    _need(world, planned, manifest)
    return _settled(world, kind, planned, world.change(key, manifest))


def told(world: World, kind: str, state: Values, held: Held) -> Values:
    """A state with what the API server has to say in it."""
    rule, metadata = KINDS[kind], dict(state["metadata"][0])
    namespace = metadata.get("namespace")
    if rule.namespaced and (namespace is None or namespace is UNKNOWN):
        namespace = metadata["namespace"] = "default"
    # Kinds without a spec have no generation in the API; the provider shows 0.
    metadata.update(uid=held.uid, resource_version=str(held.version), generation=held.generation if "spec" in held.manifest else 0)
    made = {**state, "id": f"{namespace}/{metadata['name']}" if rule.namespaced else metadata["name"], "metadata": [metadata]}
    if rule.kind == "Service":
        made["status"] = [{"load_balancer": [{"ingress": _ingress(held)}]}]
        made["spec"] = [{**state["spec"][0], **_addresses(world, state["spec"][0], held)}]
    return made


def read(world: World, kind: str, state: Values) -> Values | None:
    """The state as the object has it now; None when it is gone."""
    held = world.objects.get(key_for(kind, state))
    return told(world, kind, state_now(kind, state, held.manifest), held) if held else None


def found(world: World, kind: str, import_id: str) -> Values | None:
    """The state of an object; of one that Terraform did not make only the least, and None when there is none."""
    rule = KINDS[kind]
    namespace, _, name = import_id.rpartition("/")
    held = world.objects.get(Key(rule.kind, namespace if rule.namespaced else "", name))
    if held is None:
        return None
    if held.state is not None:
        return told(world, kind, state_now(kind, held.state, held.manifest), held)
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if rule.namespaced else {})}
    labels = {part: held.manifest["metadata"].get(part) for part in ("labels", "annotations")}
    return {"id": import_id, "metadata": [{**metadata, **labels}]}


def _need(world: World, planned: Values, manifest: Manifest) -> None:
    """What this object names must be there; a workload that Terraform does not wait for may wait for it itself."""
    gives_something(world, manifest)
    if planned.get("wait_for_rollout") is not False:
        can_roll_out(world, manifest)


def _settled(world: World, kind: str, planned: Values, held: Held) -> Values:
    """The state after a change. The addresses a Service was given are part of what it asks for from then on."""
    state = told(world, kind, planned, held)
    if held.manifest["kind"] == "Service":
        held.manifest = manifest_of(kind, state)
    held.state = state
    return state


def _keeps_secret(prior: Values, planned: Values) -> bool:
    """What is write-only is sent again only with a new revision; https://registry.terraform.io/providers/hashicorp/kubernetes"""
    revision = planned.get("data_wo_revision")
    return revision is not None and revision == prior.get("data_wo_revision")


def _ingress(held: Held) -> list[Values]:
    return [{"hostname": each.get("hostname", ""), "ip": ""} for each in held.status.get("loadBalancer", {}).get("ingress", [])]


def _addresses(world: World, spec: Values, held: Held) -> Values:
    """The addresses that the API server gives a Service, the same for as long as it lives."""
    number = int(held.uid.split("-")[0], 16)
    address = f"172.20.{number // 256 % 256}.{number % 254 + 1}"
    given = {"cluster_ip": address, "cluster_ips": [address], "health_check_node_port": 0}
    ports = node_ports.given(world, key_of(held.manifest), spec, number)
    return {**{name: value for name, value in given.items() if spec.get(name) is UNKNOWN}, "port": ports}
