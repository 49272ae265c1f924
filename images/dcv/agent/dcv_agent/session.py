"""The `session` command: user, password and DCV session, made once and only if missing."""

from __future__ import annotations

from dcv_agent import accounts, dcv, logs
from dcv_agent.clock import Clock, backoff
from dcv_agent.errors import NoSession, Trouble
from dcv_agent.files import Facts
from dcv_agent.settings import Settings
from dcv_agent.vault import Vault


def make(settings: Settings, vault: Vault, facts: Facts, clock: Clock) -> bool:
    """Tries until the session is there (True) or the agent is told to stop (False).

    A wrong secret is tried again too: when somebody writes it, the desktop comes up without a restart.
    """
    failures, told = 0, ""
    while True:
        try:
            _attempt(settings, vault, facts)
        except Trouble as trouble:
            failures += 1
            facts.session_trouble = trouble.sentence
            facts.not_ready(trouble.sentence)
            if trouble.sentence != told:
                logs.error("no session yet", why=trouble.sentence)
                told = trouble.sentence
        else:
            facts.session_trouble = ""
            return True
        if clock.wait(backoff(failures, settings.pace.patience) * settings.pace.factor):
            return False


def _attempt(settings: Settings, vault: Vault, facts: Facts) -> None:
    dcv.server_answers()
    credentials = vault.read()
    accounts.ensure(credentials.user)
    accounts.set_password(credentials)
    facts.credentials_version = credentials.version
    try:
        dcv.describe(settings.session)
    except NoSession:
        dcv.create(settings.session, credentials.user)
        logs.info("created the session", session=settings.session)
    else:
        logs.info("the session is there already", session=settings.session)
