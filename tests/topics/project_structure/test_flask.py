"""What only Flask does with a project."""

import os
import runpy
import sys
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner
from flask import Blueprint, Flask, render_template, session
from flask.cli import cli
from flask_wtf import CSRFProtect
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.util import import_app

from book._core.frameworks import SNIPPETS
from tests.harness.snippets import load
from tests.topics.project_structure.projects import FOLDERS, KEY, REFUSALS, environment, importing

SHOP = "snippets.flask.project_structure_shop"


@pytest.fixture
def package():
    return load(f"{SHOP}.src.shop")


def test_the_factory_takes_settings_of_a_test(package, folder):
    """`create_app` with settings of its own does not look at the environment"""
    with environment({"PAGE_SIZE": "many"}):
        app = package.create_app({"SECRET_KEY": KEY, "PAGE_SIZE": 3, "TESTING": True})
    assert (app.config["PAGE_SIZE"], app.testing) == (3, True)


@pytest.mark.parametrize("debug", ["False", "no", "off"])
def test_false_is_true(debug):
    """`from_prefixed_env` leaves `SHOP_DEBUG=False` a text, which switches debug mode on"""
    app = Flask(__name__)
    with environment({"DEBUG": debug}):
        app.config.from_prefixed_env("SHOP")
    assert app.config["DEBUG"] == debug
    assert app.debug


@pytest.mark.parametrize("debug", ["False", "no", "off"])
def test_the_shop_refuses_a_text_for_debug_mode(package, folder, debug):
    """The shop refuses `SHOP_DEBUG=False`, which is no JSON"""
    with environment({"SECRET_KEY": KEY, "DEBUG": debug}), pytest.raises(RuntimeError) as refused:
        package.create_app()
    assert str(refused.value) == "SHOP_DEBUG has to be true or false"


@pytest.mark.parametrize(("wrong", "said"), REFUSALS)
def test_the_refusal_says_what_is_wanted(package, folder, wrong, said):
    """The refusal is a `RuntimeError` that says what is wanted"""
    with environment({"SECRET_KEY": KEY, **wrong}), pytest.raises(RuntimeError) as refused:
        package.create_app()
    assert str(refused.value) == said


def test_the_package_s_own_test_wants_errors_raised(folder):
    """The test in the package has `TESTING` on"""
    with importing(FOLDERS["flask"] / "src"):
        module = runpy.run_path(str(FOLDERS["flask"] / "tests" / "test_books.py"))
    assert module["SETTINGS"]["TESTING"] is True


def test_a_key_of_digits_is_a_number(package, folder):
    """A key of digits alone arrives as a number, which the shop refuses"""
    with environment({"SECRET_KEY": "1" * 40}), pytest.raises(RuntimeError) as refused:
        package.create_app()
    assert str(refused.value) == "SHOP_SECRET_KEY has to be a text of 32 characters or more"


def test_two_underscores_lead_into_a_dict(package):
    """`SHOP_MAIL__PORT=25` is `config["MAIL"]["PORT"]`"""
    app = Flask(__name__)
    with environment({"MAIL__PORT": "25"}):
        app.config.from_prefixed_env("SHOP")
    assert app.config["MAIL"] == {"PORT": 25}


def test_the_warehouse_is_opened_by_the_factory_and_closed_at_exit(package, caplog):
    """The factory opens the warehouse; the end of the process closes it, by `atexit`"""
    caplog.set_level("INFO")
    with mock.patch("atexit.register") as register:
        app = package.create_app({"SECRET_KEY": KEY})
    warehouse = app.extensions["warehouse"]
    assert warehouse.is_open
    (at_exit,) = register.call_args.args
    at_exit()
    assert not warehouse.is_open
    assert caplog.messages == ["The warehouse opens.", "The warehouse closes."]


def test_the_order_of_imports_decides():
    """The two modules work if the views are imported first"""
    app = load(f"{SHOP}.circular.books").app
    assert app.test_client().get("/books").json == ["Dune", "Emma"]


def test_without_a_key_flask_starts_and_fails_later():
    """Without a key Flask starts; the first view that writes to the session is a `RuntimeError`"""
    app = Flask(__name__)
    app.testing = True

    @app.get("/")
    def home():
        session["last"] = 1
        return ""

    with pytest.raises(RuntimeError, match="no secret key was set"):
        app.test_client().get("/")


def test_a_key_of_digits_fails_at_the_first_session():
    """A key that is a number lets Flask start, and fails when a session is signed"""
    app = Flask(__name__)
    app.testing = True
    with environment({"SECRET_KEY": "1" * 40}):
        app.config.from_prefixed_env("SHOP")
    assert app.config["SECRET_KEY"] == int("1" * 40)
    app.add_url_rule("/", view_func=lambda: session.update(last=1) or "")
    with pytest.raises(TypeError, match="key: expected bytes"):
        app.test_client().get("/")


def test_flask_s_command_reads_the_file_itself(folder):
    """The command `flask` loads `.env` by itself; a server that imports the factory does not"""
    folder.joinpath(".env").write_text("SHOP_PAGE_SIZE=7\n")
    with environment({}), importing():
        app = Flask(__name__)
        app.config.from_prefixed_env("SHOP")
        assert "PAGE_SIZE" not in app.config
        one_file = SNIPPETS / "flask" / "project_structure.py"
        result = CliRunner().invoke(cli, ["--app", str(one_file), "routes"])
        assert result.exit_code == 0
        assert os.environ["SHOP_PAGE_SIZE"] == "7"


def test_the_command_finds_the_factory(folder):
    """`flask --app src/shop routes` calls the factory, and lists the routes of the shop"""
    runner = CliRunner()
    package = FOLDERS["flask"] / "src" / "shop"
    with environment({"SECRET_KEY": KEY}), importing():
        result = runner.invoke(cli, ["--app", str(package), "routes"])
    assert result.exit_code == 0
    assert "books.show_book" in result.output


def test_gunicorn_calls_the_factory(folder):
    """Gunicorn, told `shop:create_app()`, calls the factory"""
    with (
        environment({"SECRET_KEY": KEY}),
        importing(FOLDERS["flask"] / "src"),
    ):
        app = import_app("shop:create_app()")
    assert app.config["SECRET_KEY"] == KEY


def test_templates_of_two_features(folder):
    """Two blueprints with a `list.html` each: both render that of the first"""
    app = Flask(__name__)
    for name in ("books", "orders"):
        folder.joinpath(name).mkdir()
        folder.joinpath(name, "list.html").write_text(name)
        app.register_blueprint(Blueprint(name, __name__, template_folder=folder / name))
    with app.test_request_context():
        assert render_template("list.html") == "books"


def test_gunicorn_stands_where_chdir_says(folder, tmp_path_factory):
    """With `--chdir` Gunicorn stands in that folder before it imports the application"""
    other = tmp_path_factory.mktemp("other")
    with mock.patch.object(sys, "argv", ["gunicorn", "--chdir", str(other), "shop:create_app()"]):
        gunicorn = WSGIApplication()
    gunicorn.chdir()
    assert Path.cwd() == other


def test_an_extension_joins_in_the_factory():
    """An extension is made once, without an application; `init_app` joins it with each"""
    csrf = CSRFProtect()
    for _ in range(2):
        app = Flask(__name__)
        app.secret_key = KEY
        app.add_url_rule("/", view_func=lambda: "", methods=["POST"])
        csrf.init_app(app)
        assert app.test_client().post("/").status_code == 400
