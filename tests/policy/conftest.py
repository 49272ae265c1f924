"""The synthesised stacks that policies are asked about, made once a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._support.helm import helm_binary
from tests.synth.conftest import Documents, read_stacks, synthesise

#: The envs that have desktops: the rehearsal, and the deployment the DCV seed was made for.
ENVS = ("demo", "addf")


@pytest.fixture(scope="session")
def helm() -> Iterator[None]:
    """Charts of ours are rendered for as long as this stands."""
    found = helm_binary()
    if found is None:
        pytest.skip("NO HELM: neither HUB_HELM, nor PATH, nor PyPI has one, so that charts cannot be judged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_HELM", str(found))
        yield


@pytest.fixture(scope="session")
def stacks(root: Path, helm: None, tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """Stack name to parsed cdk.tf.json, of the envs with a desktop."""
    found: Documents = {}
    for env in ENVS:
        written = tmp_path_factory.mktemp(f"synth-{env}")
        synthesise(root, written, HUB_ENV=env)
        found.update(read_stacks(written))
    return found
