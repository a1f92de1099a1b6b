"""Routing that only Flask has."""

import pytest
from flask import url_for
from werkzeug.routing import BuildError


def test_more_specific_rules_win_whatever_their_order(client):
    assert client.get("/authors/new").json() == {"form": "new author"}


def test_a_link_with_a_missing_argument_is_an_error(snippet):
    with snippet.app.test_request_context(), pytest.raises(BuildError):
        url_for("show_book")
