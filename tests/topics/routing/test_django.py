"""Routing that only Django has."""

import pytest
from django.urls import NoReverseMatch, reverse


def test_a_link_with_a_missing_argument_is_an_error(snippet):
    with pytest.raises(NoReverseMatch):
        reverse("show_book")


def test_a_post_to_a_path_without_its_slash_loses_its_body(client):
    """`POST /books` answers 301, which browsers follow with `GET`"""
    response = client.post("/books", data={"title": "Ulysses"})
    assert response.status_code == 301
