"""What only FastAPI does with a project."""

import contextlib
import runpy
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.templating import Jinja2Templates
from fastapi.testclient import TestClient
from fastapi_cli.config import FastAPIConfig
from fastapi_cli.discover import get_import_data
from fastapi_cli.exceptions import FastAPICLIException
from jinja2 import TemplateNotFound
from pydantic import SecretStr, ValidationError
from starlette.middleware.sessions import SessionMiddleware

from tests.harness.snippets import load
from tests.topics.project_structure.projects import FOLDERS, KEY, environment, importing

SHOP = "snippets.fastapi.project_structure_shop"
SHORT = "Sup3rSecret"


@pytest.fixture
def application():
    return load(f"{SHOP}.src.shop.application")


@pytest.fixture
def config():
    return load(f"{SHOP}.src.shop.config")


def test_the_factory_takes_settings_of_a_test(application, config, folder):
    """`create_app` with settings of its own does not look at the environment"""
    with environment({"PAGE_SIZE": "many"}):
        app = application.create_app(config.Settings(secret_key=KEY, page_size=3))
    with TestClient(app) as client:
        assert client.get("/about").json() == {"debug": False, "page_size": 3}


@pytest.mark.parametrize("debug", ["False", "no", "off", "0"])
def test_false_is_false(config, folder, debug):
    """Pydantic reads `False`, `no`, `off` and `0` as false"""
    with environment({"SECRET_KEY": KEY, "DEBUG": debug}):
        assert config.read_settings().debug is False


def test_a_secret_is_not_printed(config, folder):
    """A `SecretStr` prints as stars"""
    settings = config.Settings(secret_key=KEY)
    assert isinstance(settings.secret_key, SecretStr)
    assert KEY not in repr(settings)
    assert "**********" in repr(settings)


def test_an_error_of_pydantic_tells_the_value(config, folder):
    """Pydantic's own error repeats a short secret; `hide_input_in_errors` keeps it out"""
    careless = {"model_config": {"hide_input_in_errors": False}}
    Careless = type("Careless", (config.Settings,), careless)
    with environment({"SECRET_KEY": SHORT}):
        with pytest.raises(ValidationError) as telling:
            Careless()
        with pytest.raises(ValidationError) as hiding:
            config.Settings()
    assert SHORT in str(telling.value)
    assert SHORT not in str(hiding.value)


def test_the_refusal_in_words(config, folder):
    """The refusal names each variable that is wrong"""
    wrong = {"SECRET_KEY": SHORT, "PAGE_SIZE": "many"}
    with environment(wrong), pytest.raises(RuntimeError) as refused:
        config.read_settings()
    said = str(refused.value).split("; ")
    assert [words.partition(":")[0] for words in said] == ["SHOP_SECRET_KEY", "SHOP_PAGE_SIZE"]


def test_the_warehouse_opens_with_the_server(application, config, folder, caplog):
    """The lifespan opens the warehouse when the server starts, and closes it when the server stops"""
    caplog.set_level("INFO", "snippets")
    app = application.create_app(config.Settings(secret_key=KEY))
    assert caplog.messages == []
    with TestClient(app) as client:
        client.get("/books/1")
        client.get("/books/2")
        assert caplog.messages == ["The warehouse opens."]
    assert caplog.messages == ["The warehouse opens.", "The warehouse closes."]
    assert not app.state.warehouse.is_open


def test_a_client_outside_of_with_starts_nothing(application, config, folder):
    """A `TestClient` that is not entered by `with` runs no lifespan, so there is no warehouse"""
    client = TestClient(application.create_app(config.Settings(secret_key=KEY)))
    with pytest.raises(AttributeError, match="warehouse"):
        client.get("/books/1")


def test_the_module_of_servers_makes_the_shop(folder):
    """`shop.main` makes the shop when it is imported"""
    with environment({"SECRET_KEY": KEY}):
        app = runpy.run_module(f"{SHOP}.src.shop.main")["app"]
    assert app.state.settings.secret_key.get_secret_value() == KEY


def test_importing_the_module_of_servers_without_a_key(folder):
    """Without a key the import of `shop.main` is refused"""
    with environment({}), pytest.raises(RuntimeError, match="SHOP_SECRET_KEY"):
        runpy.run_module(f"{SHOP}.src.shop.main")


def test_the_order_of_imports_decides():
    """The two modules work if the routes are imported first"""
    load(f"{SHOP}.circular.books")
    app = load(f"{SHOP}.circular.shop").create_app()
    assert TestClient(app).get("/books").json() == ["Dune", "Emma"]


def test_sessions_of_one_key(application):
    """The signer in Starlette's `SessionMiddleware` has one key, that in the shop's has all"""
    signer = SessionMiddleware(FastAPI(), secret_key="new").signer
    assert signer.secret_keys == [b"new"]
    signer = application.Sessions(FastAPI(), keys=["new", "old", "older"]).signer
    assert signer.secret_keys == [b"older", b"old", b"new"]


def test_templates_of_the_folder_in_which_you_start(folder):
    """`Jinja2Templates("templates")` looks in the folder in which the server was started"""
    folder.joinpath("templates").mkdir()
    folder.joinpath("templates", "list.html").write_text("found")
    templates = Jinja2Templates("templates")
    assert templates.get_template("list.html").render() == "found"
    with contextlib.chdir(folder.parent), pytest.raises(TemplateNotFound):
        Jinja2Templates("templates").get_template("list.html")


@pytest.fixture
def src(folder):
    """The project's folder, as the command would stand in it, without what is imported from there."""
    with (
        environment({"SECRET_KEY": KEY}),
        contextlib.chdir(FOLDERS["fastapi"]),
        importing(FOLDERS["fastapi"] / "src"),
    ):
        yield Path("src", "shop")


def test_the_command_finds_the_application(src):
    """`fastapi run src/shop/main.py` imports `shop.main:app`"""
    assert get_import_data(path=src / "main.py").import_string == "shop.main:app"


def test_the_command_calls_no_factory(src):
    """The command `fastapi` refuses a module that has a factory and no application"""
    with pytest.raises(FastAPICLIException, match="Could not find FastAPI app in module"):
        get_import_data(path=src / "application.py")


def test_the_entry_point_of_pyproject(src):
    """Without a path the command takes `entrypoint` from `pyproject.toml`"""
    assert FastAPIConfig.resolve().entrypoint == "shop.main:app"


def test_uvicorn_calls_a_factory(src):
    """Uvicorn, told `--factory shop.application:create_app`, calls the factory"""
    config = uvicorn.Config(
        "shop.application:create_app", factory=True, proxy_headers=False, log_config=None
    )
    config.load()
    assert config.loaded_app.state.settings.page_size == 20
