"""Every route is classified, and nothing else is."""

import pytest
from django.contrib import admin
from django.urls import resolve

from tests.isolation.routes import API, MODELS, address, admin_routes, plain, routes

SOME_ID = "019a0000-0000-7000-8000-000000000000"


def test_every_route_is_in_the_table_and_no_other() -> None:
    assert routes() == {*API, *admin_routes()}


def test_every_model_of_the_admin_is_in_the_table_and_no_other() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(MODELS)


@pytest.mark.parametrize("pattern", sorted(admin_routes()))
def test_the_addresses_take_the_routes_they_stand_for(pattern: str) -> None:
    # The site's own switch is in front of Django's page.
    taken = {"admin/r/<path:content_type_id>/<path:object_id>/": "admin/r/<path:rest>"}.get(pattern, pattern)
    object_id = "1" if "<int:" in pattern else SOME_ID
    assert plain(resolve(address(pattern, object_id).partition("?")[0]).route) == taken


@pytest.mark.parametrize("pattern", sorted(API))
def test_so_do_those_outside_the_admin(pattern: str) -> None:
    assert resolve(API[pattern].address(SOME_ID)).route == pattern
