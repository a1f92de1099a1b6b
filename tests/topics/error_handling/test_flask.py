"""Error handling that only Flask has."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Blueprint, Flask, abort, make_response, redirect
from werkzeug.debug import DebuggedApplication
from werkzeug.exceptions import Conflict, HTTPException, InternalServerError, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.test import Client as BrowserClient

from tests.topics.error_handling import bare, bare_flask


@pytest.fixture
def app():
    return bare_flask.application()


def keep(seen, what):
    """A handler's work: note what it saw, and answer."""
    seen.append(what)
    return "", 500


def test_a_handler_for_404_alone_leaves_other_errors_as_they_are(app):
    """A handler for 404 alone leaves the 405 a page in HTML"""
    app.register_error_handler(404, lambda error: ({"error": "not found"}, 404))
    client = app.test_client()
    assert client.get("/nowhere").json == {"error": "not found"}
    wrong = client.delete("/missing")
    assert (wrong.status_code, wrong.mimetype) == (405, "text/html")


def test_headers_are_lost_unless_the_handler_copies_them(app):
    """A handler that does not copy the exception's headers loses `Allow`"""
    app.register_error_handler(HTTPException, lambda error: ({}, error.code))
    response = app.test_client().delete("/missing")
    assert response.status_code == 405
    assert "allow" not in response.headers


def test_the_narrowest_class_wins(app):
    """Of two handlers the one for the narrower class is asked"""
    app.register_error_handler(Conflict, lambda error: ("narrow", 409))
    app.register_error_handler(HTTPException, lambda error: ("wide", error.code))
    app.add_url_rule("/conflict", "conflict", lambda: abort(409))
    client = app.test_client()
    assert client.get("/conflict").text == "narrow"
    assert client.get("/missing").text == "wide"


def test_an_unexpected_error_is_an_internal_server_error(app):
    """The handler for `InternalServerError` finds the exception in `original_exception`"""
    seen = []
    app.register_error_handler(
        InternalServerError, lambda error: keep(seen, error.original_exception)
    )
    assert app.test_client().get("/failing").status_code == 500
    assert [type(error) for error in seen] == [ConnectionError]


def test_a_handler_for_httpexception_gets_unexpected_errors_too(app):
    """A handler for `HTTPException` gets unexpected errors, too, as an `InternalServerError`"""
    seen = []
    app.register_error_handler(HTTPException, lambda error: keep(seen, type(error)))
    app.test_client().get("/failing")
    assert seen == [InternalServerError]


def test_a_handler_for_exception_gets_a_404_too(app):
    """With a handler for `Exception` and none for `HTTPException`, the first gets the 404 of an unknown URL"""
    app.register_error_handler(Exception, lambda error: (type(error).__name__, 500))
    response = app.test_client().get("/nowhere")
    assert (response.status_code, response.text) == (500, "NotFound")


def test_a_handler_for_exception_is_not_logged(app, caplog):
    """With a handler for `Exception` Flask logs nothing, and the test client raises nothing"""
    app.register_error_handler(Exception, lambda error: ("sorry", 500))
    app.testing = True
    response = app.test_client().get("/failing")
    assert (response.status_code, response.text) == (500, "sorry")
    assert caplog.records == []


def test_with_testing_an_unexpected_error_is_raised(app):
    """With `TESTING` the test client raises what nobody has handled, past the handler for 500"""
    app.register_error_handler(500, lambda error: ("sorry", 500))
    app.testing = True
    with pytest.raises(ConnectionError):
        app.test_client().get("/failing")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get("/failing").text == "sorry"


def test_flask_logs_the_traceback_before_the_handler_is_asked(app, caplog):
    """Flask logs an unexpected error with its traceback, whatever the handler does"""
    app.register_error_handler(InternalServerError, lambda error: ("", 500))
    app.test_client().get("/failing")
    (entry,) = caplog.records
    assert (entry.name, entry.levelno) == ("bare", logging.ERROR)
    assert entry.getMessage() == "Exception on /failing [GET]"
    assert entry.exc_info
    assert entry.exc_info[0] is ConnectionError


def test_a_blueprint_s_wide_handler_comes_before_a_narrow_one(app):
    """A blueprint's handler for `Exception` is asked before the application's for `KeyError`"""
    prices: dict[str, str] = {}
    staff = Blueprint("staff", __name__)
    staff.register_error_handler(Exception, lambda error: ("the blueprint's", 500))
    app.register_error_handler(KeyError, lambda error: ("the application's", 500))
    staff.add_url_rule("/staff/price", "price", lambda: prices["nemo"])
    app.add_url_rule("/price", "price", lambda: prices["nemo"])
    app.register_blueprint(staff)
    client = app.test_client()
    assert client.get("/staff/price").text == "the blueprint's"
    assert client.get("/price").text == "the application's"


def test_a_blueprint_s_handler_is_not_asked_about_an_unknown_url(app):
    """A blueprint's handler is for its views; an unknown URL below its prefix is not its own"""
    staff = Blueprint("staff", __name__, url_prefix="/staff")
    staff.register_error_handler(404, lambda error: ("the blueprint's", 404))
    staff.add_url_rule("/missing", "missing", lambda: abort(404))
    app.register_blueprint(staff)
    client = app.test_client()
    assert client.get("/staff/missing").text == "the blueprint's"
    assert client.get("/staff/nowhere").text != "the blueprint's"


def test_which_handlers_flask_has(snippet):
    """The program's handlers are for `HTTPException`, `InternalServerError` and `OutOfStock`"""
    handlers = snippet.app.error_handler_spec[None]
    found = {each for by_class in handlers.values() for each in by_class}
    assert found == {HTTPException, InternalServerError, snippet.OutOfStock}


def test_redirects_are_not_errors():
    """A redirect to the slash passes by a handler for `HTTPException`, although it is one"""
    app = Flask("slashes")
    app.add_url_rule("/books/", "books", lambda: "")
    app.register_error_handler(HTTPException, lambda error: ("an error", 500))
    assert issubclass(RequestRedirect, HTTPException)
    assert app.test_client().get("/books").status_code == 308


def test_flask_s_abort_raises_an_httpexception():
    """`abort(404)` raises a subclass of Werkzeug's `HTTPException`"""
    with pytest.raises(HTTPException) as raised:
        abort(404)
    assert type(raised.value) is NotFound


def test_abort_takes_a_response(app):
    """`abort` takes a whole response, and no handler alters it"""
    app.register_error_handler(HTTPException, lambda error: ("an error", 500))
    app.add_url_rule("/tea", "tea", lambda: abort(make_response("tea", 418)))
    app.add_url_rule("/away", "away", lambda: abort(redirect("/tea")))
    client = app.test_client()
    assert (client.get("/tea").status_code, client.get("/tea").text) == (418, "tea")
    assert client.get("/away").status_code == 302


def test_a_future_keeps_its_exception(caplog, capfd):
    """An exception in a `ThreadPoolExecutor` is neither logged nor printed"""
    with ThreadPoolExecutor(1) as workers:
        future = workers.submit(bare.fail)
    assert isinstance(future.exception(), ConnectionError)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_with_debug_the_reason_of_a_400_is_shown(app):
    """In debug mode the 400 for broken JSON says what the parser found; otherwise it does not"""
    from flask import request

    app.add_url_rule("/json", "json", lambda: request.get_json(), methods=["POST"])
    sent = {"data": "{bad", "content_type": "application/json"}
    assert "Failed to decode JSON" not in app.test_client().post("/json", **sent).text
    app.debug = True
    assert "Failed to decode JSON" in app.test_client().post("/json", **sent).text


@pytest.mark.server_errors
def test_a_500_on_purpose(client, snippet, monkeypatch, caplog):
    """`abort(500)` is answered and logged as an unexpected error is"""
    monkeypatch.setitem(snippet.app.view_functions, "list_deliveries", lambda: abort(500))
    response = client.get("/deliveries")
    assert response.status_code == 500
    (entry,) = caplog.records
    assert entry.getMessage() == f"Unexpected: {response.json()['instance']}"
    assert entry.exc_info
    assert entry.exc_info[0] is InternalServerError


@pytest.mark.parametrize(("host", "console"), [("127.0.0.1", "true"), ("shop.example", "false")])
def test_the_console_is_for_hosts_of_this_machine_and_wants_a_pin(app, host, console):
    """The debugger's console is there if the host is this machine, and wants a PIN before it runs code"""
    app.debug = True
    client = BrowserClient(DebuggedApplication(app, evalex=True))
    page = client.get("/failing", headers={"Host": host}).text
    assert f"EVALEX = {console}" in page
    assert "EVALEX_TRUSTED = false" in page


def test_in_debug_mode_flask_asks_all_but_the_last_handler(app):
    """In debug mode the handler for 404 is asked; the one for `InternalServerError` is not"""
    app.register_error_handler(404, lambda error: ("mine", 404))
    app.register_error_handler(InternalServerError, lambda error: ("mine", 500))
    app.debug = True
    client = app.test_client()
    assert client.get("/nowhere").text == "mine"
    with pytest.raises(ConnectionError):
        client.get("/failing")
