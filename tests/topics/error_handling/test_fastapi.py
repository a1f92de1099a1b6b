"""Error handling that only FastAPI has."""

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException as AnyHTTPException

from tests.topics.error_handling import bare, bare_fastapi


@pytest.fixture
def app():
    return bare_fastapi.application()


def books_page(number: int, page: int = 1):
    return {"number": number, "page": page}


async def teapot(request, error):
    return JSONResponse({"handled": True}, error.status_code)


def test_a_handler_for_fastapi_s_own_class_misses_what_the_router_raises(app):
    """A handler for FastAPI's own `HTTPException` is not asked about an unknown URL or method"""
    app.add_exception_handler(HTTPException, teapot)
    client = TestClient(app)
    assert client.get("/missing").json() == {"handled": True}
    assert client.get("/nowhere").json() == {"detail": "Not Found"}
    assert client.delete("/missing").json() == {"detail": "Method Not Allowed"}


def test_a_handler_for_starlette_s_class_gets_both(app):
    """A handler for Starlette's `HTTPException` is asked about views, URLs and methods"""
    app.add_exception_handler(AnyHTTPException, teapot)
    client = TestClient(app)
    for method, url in (("GET", "/missing"), ("GET", "/nowhere"), ("DELETE", "/missing")):
        assert client.request(method, url).json() == {"handled": True}
    assert issubclass(HTTPException, AnyHTTPException)


def test_a_handler_for_a_number_is_asked_first(app):
    """A handler for the number 404 is asked before the one for the class `HTTPException`"""
    app.add_exception_handler(AnyHTTPException, teapot)
    app.add_exception_handler(404, lambda request, error: JSONResponse("a number's", 404))
    client = TestClient(app)
    assert client.get("/nowhere").json() == "a number's"
    assert client.delete("/missing").json() == {"handled": True}


def test_a_validation_error_does_not_reach_the_handler_for_exception(app):
    """With handlers for `HTTPException` and `Exception`, `RequestValidationError` is a 422 in FastAPI's own shape"""
    app.add_exception_handler(AnyHTTPException, teapot)
    app.add_exception_handler(Exception, teapot)
    app.add_api_route("/books/{number}", books_page)
    response = TestClient(app).get("/books/dune")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["path", "number"]


def test_a_wrong_parameter_has_no_pointer(snippet):
    """A wrong parameter of the URL is named by its place, `"query": "page"`, and has no pointer"""
    app = FastAPI(exception_handlers=snippet.app.exception_handlers)
    app.add_api_route("/books/{number}", books_page)
    response = TestClient(app).get("/books/dune?page=one")
    detail = "Input should be a valid integer, unable to parse string as an integer"
    assert response.json()["errors"] == [
        {"detail": detail, "path": "number"},
        {"detail": detail, "query": "page"},
    ]


def test_which_handlers_fastapi_has(snippet):
    """The program's handlers are for `HTTPException`, `RequestValidationError`, `Exception` and `OutOfStock`"""
    handlers = snippet.app.exception_handlers.items()
    own = {each for each, handler in handlers if handler.__module__ == snippet.__name__}
    assert own == {AnyHTTPException, RequestValidationError, Exception, snippet.OutOfStock}


def test_headers_are_lost_unless_the_handler_passes_them_on(app):
    """A handler that does not pass the exception's headers on loses `Allow`"""
    app.add_exception_handler(AnyHTTPException, teapot)
    response = TestClient(app).delete("/missing")
    assert response.status_code == 405
    assert "allow" not in response.headers


def test_the_handler_for_exception_is_asked_and_the_error_goes_on(app):
    """The handler for `Exception` answers, and the server gets the exception all the same"""
    asked = []

    async def apologise(request, error):
        asked.append(error)
        return JSONResponse({"sorry": True}, 500)

    app.add_exception_handler(Exception, apologise)
    with pytest.raises(ConnectionError) as raised:
        TestClient(app).get("/failing")
    assert asked == [raised.value]
    lenient = TestClient(app, raise_server_exceptions=False)
    assert lenient.get("/failing").json() == {"sorry": True}


def test_the_answer_to_an_unexpected_error_passes_no_middleware(app):
    """The answer to an unexpected error passes no middleware: a header that it sets is missing"""

    @app.middleware("http")
    async def stamp(request, call_next):
        response = await call_next(request)
        response.headers["x-stamp"] = "here"
        return response

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/missing").headers["x-stamp"] == "here"
    failed = client.get("/failing")
    assert failed.status_code == 500
    assert "x-stamp" not in failed.headers


def test_a_mounted_application_has_handlers_of_its_own(app):
    """A mounted application is not helped by the handlers of the one around it"""
    app.add_exception_handler(AnyHTTPException, teapot)
    app.mount("/staff", bare_fastapi.application())
    client = TestClient(app)
    assert client.get("/missing").json() == {"handled": True}
    assert client.get("/staff/missing").json() == {"detail": bare.MESSAGE}


def test_an_exception_in_a_dependency_is_handled(app):
    """A handler is asked about what a dependency raises, too"""

    class OutOfStock(Exception):
        status_code = 409

    def guard():
        raise OutOfStock

    app.add_exception_handler(OutOfStock, teapot)
    app.add_api_route("/guarded", lambda: None, dependencies=[Depends(guard)])
    assert TestClient(app).get("/guarded").status_code == 409


def test_a_background_task_that_fails_stops_those_behind_it(app):
    """A background task that fails keeps the next one from running; the client has its 200"""
    ran = []

    @app.get("/tasks")
    def tasks(later: BackgroundTasks):
        later.add_task(ran.append, "first")
        later.add_task(bare.fail)
        later.add_task(ran.append, "last")

    assert TestClient(app, raise_server_exceptions=False).get("/tasks").status_code == 200
    assert ran == ["first"]


def test_the_schema_promises_another_422(client):
    """`/openapi.json` promises FastAPI's own shape of a 422, whatever the handler answers"""
    answers = client.get("/openapi.json").json()["paths"]["/orders"]["post"]["responses"]
    schema = answers["422"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/HTTPValidationError"}
    placed = answers["201"]["content"]["application/json"]["schema"]
    assert placed == {"$ref": "#/components/schemas/Order"}


def test_the_schema_promises_what_you_tell_it():
    """`responses={422: …}` puts another shape into `/openapi.json`"""
    app = FastAPI()

    @app.get("/books/{number}", responses={422: {"description": "A problem"}})
    def show(number: int):
        return number

    answers = app.openapi()["paths"]["/books/{number}"]["get"]["responses"]
    assert answers["422"] == {"description": "A problem"}


def test_the_debug_page_is_for_who_accepts_html():
    """In debug mode a client that does not name HTML gets the traceback as plain text"""
    client = TestClient(bare_fastapi.application(debug=True), raise_server_exceptions=False)
    assert client.get("/failing").headers["content-type"].startswith("text/plain")
    assert bare.SECRET in client.get("/failing").text


def test_in_debug_mode_fastapi_asks_all_but_the_last_handler():
    """In debug mode the handler for `HTTPException` is asked; the one for `Exception` is not"""

    async def apologise(request, error):
        return JSONResponse({"handled": True}, 500)

    app = bare_fastapi.application(debug=True)
    app.add_exception_handler(AnyHTTPException, teapot)
    app.add_exception_handler(Exception, apologise)
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/nowhere").json() == {"handled": True}
    assert "Traceback" in client.get("/failing").text
