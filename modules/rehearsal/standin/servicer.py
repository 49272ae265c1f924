"""The provider itself: every question of the protocol, answered from a schema and a cluster behind it."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from modules.rehearsal.standin import protocol
from modules.rehearsal.standin.backend import Backend, Problem, Refused, Values
from modules.rehearsal.standin.catalogue import load
from modules.rehearsal.standin.messages import schema_answer
from modules.rehearsal.standin.overlay import LEGACY
from modules.rehearsal.standin.planner import complete, make_plan, same, unsettable
from modules.rehearsal.standin.schema import Block
from modules.rehearsal.standin.wire import decode, encode

Question = Any
Answer = Any


class Provider:
    """One launch of "kubernetes" or "helm". ended: set when Terraform asks the process to end.

    Its methods are the protocol's, each from a question to an answer; none raises. The backend is asked by several threads at
    once, as many as Terraform has work for.
    """

    def __init__(self, name: str, backend: Backend) -> None:
        self._name, self._schema, self._backend = name, load(name), backend
        self._legacy = name in LEGACY
        self._messages = protocol.messages()
        self.ended = threading.Event()

    def get_provider_schema(self, _question: Question) -> Answer:
        """What can be configured."""
        return schema_answer(self._name)

    def validate_provider_config(self, _question: Question) -> Answer:
        """Nothing: the schema says it all."""
        return self._messages["ProviderConfigAnswer"]()

    def configure_provider(self, question: Question) -> Answer:
        """Hand the provider's block to the backend."""
        return self._guarded("Diagnostics", {}, lambda: self._backend.configure(self._name, _value(question.config)))

    def validate_resource_config(self, question: Question) -> Answer:
        """What is wrong with a configuration, by the schema and by the backend."""
        config = _value(question.config)

        def check() -> tuple[Problem, ...]:
            paths = tuple(unsettable(self._block(question), config))
            ours = tuple(Problem(f"{each[-1]} cannot be set", "Only the cluster decides it.", attribute=each) for each in paths)
            return ours or tuple(self._backend.validate(question.type_name, config))

        return self._guarded("Diagnostics", {}, check)

    def upgrade_resource_state(self, question: Question) -> Answer:
        """The stored state as it is: there has been one version of every schema."""
        state = self._messages["DynamicValue"](json=question.raw_state.json)
        return self._messages["UpgradeAnswer"](upgraded_state=state)

    def read_resource(self, question: Question) -> Answer:
        """The state as the cluster has it."""
        block, stored = self._block(question), _value(question.current_state)

        def read() -> dict[str, Any]:
            found = self._backend.read(question.type_name, stored)
            if found is None:
                return {"new_state": self._packed(None)}
            state = complete(block, found)
            return {"new_state": question.current_state if same(block, state, stored) else self._packed(state)}

        return self._answer("ReadAnswer", read, {"new_state": question.current_state})

    def plan_resource_change(self, question: Question) -> Answer:
        """What will be, and whether it takes a new object."""
        block, prior, proposed = self._block(question), _value(question.prior_state), _value(question.proposed_new_state)
        legacy = {"legacy_type_system": self._legacy}
        if proposed is None:
            return self._messages["PlanAnswer"](planned_state=question.proposed_new_state, **legacy)
        config = _value(question.config)
        plan = make_plan(block, prior, proposed, config)
        if plan.unchanged:
            return self._messages["PlanAnswer"](planned_state=question.prior_state, **legacy)
        paths = [self._path(path) for path in plan.replaced]
        fields = {"planned_state": self._packed(plan.planned), "requires_replace": paths, **legacy}
        return self._guarded("PlanAnswer", fields, lambda: self._backend.plan(question.type_name, prior, config))

    def apply_resource_change(self, question: Question) -> Answer:
        """Make, change or remove it; a refusal leaves the prior state."""
        block, kind = self._block(question), question.type_name
        prior, planned = _value(question.prior_state), _value(question.planned_state)

        def apply() -> dict[str, Any]:
            if planned is None:
                self._backend.delete(kind, prior)
                return {"new_state": self._packed(None)}
            config = _value(question.config)
            if prior is None:
                made, warnings = self._backend.create(kind, planned, config)
            else:
                made, warnings = self._backend.update(kind, prior, planned, config)
            return {"new_state": self._packed(complete(block, made)), "diagnostics": self._diagnostics(warnings)}

        return self._answer("ApplyAnswer", apply, {"new_state": question.prior_state}, legacy_type_system=self._legacy)

    def import_resource_state(self, question: Question) -> Answer:
        """The state of something Terraform has not made."""
        block = self._block(question)

        def find() -> dict[str, Any]:
            found = self._backend.find(question.type_name, question.id)
            if found is None:
                raise Refused(Problem(f"Cannot import {question.type_name} {question.id}", "The cluster has no such object."))
            state = self._packed(complete(block, found))
            return {"imported_resources": [self._messages["Imported"](type_name=question.type_name, state=state)]}

        return self._answer("ImportAnswer", find, {})

    def stop_provider(self, _question: Question) -> Answer:
        """Terraform was interrupted; nothing here takes long enough to be stopped."""
        return self._messages["StopAnswer"]()

    def shutdown(self, _question: Question) -> Answer:
        """The end of this launch."""
        self.ended.set()
        return self._messages["Empty"]()

    def stream_stdio(self, _question: Question) -> Answer:
        """What a real provider would have printed: nothing, for as long as the launch lasts.

        Terraform keeps this one question open, so that its end is noticed even when Terraform was killed.
        """
        self.ended.wait()
        return iter(())

    def _guarded(self, message: str, fields: dict[str, Any], ask: Callable[[], Iterable[Problem]]) -> Answer:
        """An answer with these fields and what `ask` has to say; no fields when that holds an error."""

        def answer() -> dict[str, Any]:
            found = tuple(ask())
            errors = any(not each.warning for each in found)
            return ({} if errors else fields) | {"diagnostics": self._diagnostics(found)}

        return self._answer(message, answer, {})

    def _answer(self, message: str, make: Callable[[], dict[str, Any]], otherwise: dict[str, Any], **always: Any) -> Answer:
        """The message that `make` gives the fields of, or `otherwise` and why the cluster refuses."""
        try:
            fields = make()
        except Refused as error:
            fields = {**otherwise, "diagnostics": self._diagnostics(error.problems)}
        except Exception as error:
            # Frames without the message: it could hold a value, and values hold secrets.
            sys.stderr.write(f"stand-in {self._name}: {type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
            problem = Problem(f"The stand-in of hashicorp/{self._name} has a fault: {type(error).__name__}", "Its log has the place.")
            fields = {**otherwise, "diagnostics": self._diagnostics([problem])}
        return self._messages[message](**fields, **always)

    def _block(self, question: Question) -> Block:
        block: Block = self._schema["resources"][question.type_name]
        return block

    def _packed(self, value: Values | None) -> Any:
        return self._messages["DynamicValue"](msgpack=encode(value))

    def _path(self, path: tuple[str | int, ...]) -> Any:
        step = self._messages["Step"]
        return self._messages["AttributePath"](
            steps=[step(attribute_name=each) if isinstance(each, str) else step(element_key_int=each) for each in path]
        )

    def _diagnostics(self, problems: Iterable[Problem]) -> list[Any]:
        return [
            self._messages["Diagnostic"](
                severity=protocol.WARNING if each.warning else protocol.ERROR,
                summary=each.summary,
                detail=each.detail,
                attribute=self._path(each.attribute) if each.attribute else None,
            )
            for each in problems
        ]


def _value(message: Any) -> Any:
    return decode(message.msgpack, message.json)
