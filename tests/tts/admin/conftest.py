from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # models can be imported once Django is set up
    from django.test import Client


@pytest.fixture
def root(db: None) -> "Client":
    from tests.admin_cast import client_of, superuser

    return client_of(superuser())


@pytest.fixture
def viewer(db: None) -> "Client":
    """An operator who may look at history, read and listen, and nothing else."""
    from tests.admin_cast import client_of, operator

    return client_of(operator("viewer", "tts.view_synthesisrequest", "tts.read_text"))


@pytest.fixture
def outsider(db: None) -> "Client":
    """Staff without a single permission."""
    from tests.admin_cast import client_of, staff

    return client_of(staff("outsider"))
