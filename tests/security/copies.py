"""Fixtures of the proofs that run on copies of one world; a test module asks for them with `pytest_plugins`."""

import pytest

from app.jobs import service as jobs
from tests.security import grounds


@pytest.fixture(scope="session")
def world_and_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "built"
    return grounds.build_in(folder), folder


@pytest.fixture
def world(world_and_folder):
    """The people and the things of `world.py`, in the database of `portal`."""
    return world_and_folder[0]


@pytest.fixture
def portal(world_and_folder, tmp_path, clock):
    """A portal in which the world lives, without tokens against forged requests."""
    yield grounds.portal_on(world_and_folder[1], tmp_path / "copy")
    jobs.bind(None)
    grounds.close()


@pytest.fixture
def restore(world_and_folder):
    """Let the database of the portal be as it was built."""
    return lambda: grounds.restore(world_and_folder[1])
