"""Emptying the account without a restart."""

from __future__ import annotations

from modules.rehearsal.emulator.answers import Regional


def reset_account() -> None:
    """Forget everything, in moto and in our own state.

    moto's own reset makes every store anew at once, and reading AWS's managed policies again for each partition takes a
    second; a store that is dropped is made again with the next request that needs it. Only stores that say how they are
    reset (S3 keeps files and global names) are asked to.
    """
    from moto.core.base_backend import BackendDict, BaseBackend
    from moto.core.model_instances import reset_model_data

    for stores in list(BackendDict._instances):
        for account in list(stores.values()):
            for store in list(account.values()):
                if type(store).reset is not BaseBackend.reset:
                    store.reset()
        stores.clear()
    BackendDict._instances.clear()
    reset_model_data()
    Regional.reset_all()
