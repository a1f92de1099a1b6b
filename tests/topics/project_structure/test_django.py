"""What only Django does with a project."""

import importlib
import os
import runpy
import subprocess
import sys
from unittest import mock

import pytest
from django import conf
from django.apps import apps
from django.conf import global_settings, settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import models
from django.template import Context, Engine
from django.test import Client
from django.utils.functional import empty

from book._core.frameworks import SNIPPETS
from tests.topics.project_structure.projects import FOLDERS, KEY, REFUSALS, environment

SHOP = "snippets.django.project_structure_shop"


def run(path, *arguments):
    """Run a program of this process's Python as a command line would."""
    with mock.patch.object(sys, "argv", [path.name, *arguments]):
        runpy.run_path(str(path), run_name="__main__")


def test_one_file_is_a_whole_project(snippet, capsys):
    """`python shop.py check`: one file is a whole project, which finds no issues"""
    with mock.patch.object(settings, "_wrapped", empty):
        run(SNIPPETS / "django" / "project_structure.py", "check")
        assert settings.ALLOWED_HOSTS == ["127.0.0.1"]
        assert settings.DEBUG is False
    assert capsys.readouterr().out == "System check identified no issues (0 silenced).\n"


def test_manage_py_names_the_settings(start, capsys):
    """`manage.py` uses `bookshop.settings`, unless the environment names others"""
    with start(SECRET_KEY=KEY), mock.patch.dict(os.environ):
        del os.environ["DJANGO_SETTINGS_MODULE"]
        run(FOLDERS["django"] / "manage.py", "version")
        assert os.environ["DJANGO_SETTINGS_MODULE"] == "bookshop.settings"
        os.environ["DJANGO_SETTINGS_MODULE"] = "others.settings"
        run(FOLDERS["django"] / "manage.py", "version")
        assert os.environ["DJANGO_SETTINGS_MODULE"] == "others.settings"


def test_manage_py_does_nothing_when_it_is_imported(capsys):
    """Imported, `manage.py` runs no command"""
    runpy.run_path(str(FOLDERS["django"] / "manage.py"))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["wsgi", "asgi"])
def test_a_server_s_module_names_the_settings(start, name):
    """`bookshop/wsgi.py` and `bookshop/asgi.py` use `bookshop.settings`, unless others are named"""
    path = FOLDERS["django"] / "bookshop" / f"{name}.py"
    with start(SECRET_KEY=KEY), mock.patch.dict(os.environ):
        del os.environ["DJANGO_SETTINGS_MODULE"]
        application = runpy.run_path(str(path))["application"]
        assert os.environ["DJANGO_SETTINGS_MODULE"] == "bookshop.settings"
        os.environ["DJANGO_SETTINGS_MODULE"] = "others.settings"
        runpy.run_path(str(path))
        assert os.environ["DJANGO_SETTINGS_MODULE"] == "others.settings"
    assert type(application).__name__ == f"{name.upper()}Handler"


def test_settings_are_read_once(snippet):
    """After the first look at the settings another `DJANGO_SETTINGS_MODULE` changes nothing"""
    assert snippet.__name__ == settings.ROOT_URLCONF
    with mock.patch.dict(os.environ, DJANGO_SETTINGS_MODULE="others.settings"):
        assert snippet.__name__ == settings.ROOT_URLCONF


@pytest.mark.parametrize(("wrong", "said"), REFUSALS)
def test_the_refusal_is_django_s_own(start, wrong, said):
    """The refusal is an `ImproperlyConfigured` that says what is wanted"""
    with pytest.raises(ImproperlyConfigured) as refused, start(**{"SECRET_KEY": KEY, **wrong}):
        pass
    assert str(refused.value) == said


@pytest.mark.parametrize("debug", ["False", "no", "off"])
def test_the_shop_refuses_a_text_for_debug_mode(start, debug):
    """The shop refuses `SHOP_DEBUG=False`, which is no JSON"""
    with pytest.raises(ImproperlyConfigured) as refused, start(SECRET_KEY=KEY, DEBUG=debug):
        pass
    assert str(refused.value) == "SHOP_DEBUG has to be true or false"


def test_the_warehouse_opens_when_the_app_is_ready(start, caplog):
    """`ready` opens the warehouse, once; the end of the process closes it, by `atexit`"""
    caplog.set_level("INFO", "books")
    with mock.patch("atexit.register") as register, start(SECRET_KEY=KEY):
        warehouse = apps.get_app_config("books").warehouse
        Client().get("/books/1", headers={"host": "localhost"})
        assert caplog.messages == ["The warehouse opens."]
    (at_exit,) = register.call_args.args
    at_exit()
    assert not warehouse.is_open
    assert caplog.messages == ["The warehouse opens.", "The warehouse closes."]


def test_the_deployment_check_finds_a_weak_key(start, capsys):
    """`check --deploy` warns of a key with fewer than 50 characters; `check` does not"""
    with start(SECRET_KEY=KEY):
        call_command("check", tags=["security"])
        assert "security.W009" not in capsys.readouterr().err
        call_command("check", tags=["security"], deploy=True)
        assert "security.W009" in capsys.readouterr().err


def test_the_order_of_imports_decides(settings):
    """The two modules work if the orders are imported first"""
    settings.INSTALLED_APPS = [f"{SHOP}.circular"]
    orders = importlib.import_module(f"{SHOP}.circular.orders")
    query = orders.Book(pk=1).orders()
    assert query.model is orders.Order
    assert orders.Order.objects.filter(book=orders.Book(pk=1)).query.where == query.query.where
    assert_declared(orders)


def assert_declared(orders):
    """What the models of both examples say of their columns."""
    assert orders.Book._meta.get_field("title").max_length == 100
    assert orders.Order._meta.get_field("book").remote_field.on_delete is models.PROTECT


def test_the_cured_modules(settings):
    """When books know of no orders, the books can be imported first, and find their orders"""
    settings.INSTALLED_APPS = [f"{SHOP}.cured"]
    books = importlib.import_module(f"{SHOP}.cured.books")
    orders = importlib.import_module(f"{SHOP}.cured.orders")
    query = books.Book(pk=1).orders()
    assert query.model is orders.Order
    assert_declared(orders)


def test_a_command_opens_the_warehouse(folder):
    """A command of `manage.py` runs `ready` first: the warehouse is open"""
    words = "from django.apps import apps; print(apps.get_app_config('books').warehouse.is_open)"
    command = [
        sys.executable,
        str(FOLDERS["django"] / "manage.py"),
        "shell",
        "--no-imports",
        "-c",
        words,
    ]
    with environment({"SECRET_KEY": KEY}), mock.patch.dict(os.environ):
        del os.environ["DJANGO_SETTINGS_MODULE"]
        printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    assert printed.stdout == "True\n"


def test_an_empty_key_is_refused_at_its_first_use(settings):
    """An empty `SECRET_KEY` is an `ImproperlyConfigured` when it is asked for, not before"""
    settings.SECRET_KEY = ""
    assert settings.DEBUG is False
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY setting must not be empty"):
        _ = conf.settings.SECRET_KEY


def test_the_time_zone_that_nobody_sets():
    """Settings that do not name a `TIME_ZONE` have `America/Chicago`; the shop names `UTC`"""
    assert global_settings.TIME_ZONE == "America/Chicago"


def test_templates_of_two_features(tmp_path):
    """Two folders with a `list.html` each: the first one's is rendered"""
    for name in ("books", "orders"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "list.html").write_text(name)
    engine = Engine(dirs=[tmp_path / "books", tmp_path / "orders"])
    assert engine.get_template("list.html").render(Context()) == "books"


@pytest.mark.parametrize(
    ("host", "status"), {"127.0.0.1": 200, "localhost": 200, "evil.example": 400}.items()
)
def test_hosts_of_the_shop(start, host, status):
    """The shop answers to `127.0.0.1` and `localhost`; another host is a 400"""
    with start(SECRET_KEY=KEY):
        assert Client().get("/about", headers={"host": host}).status_code == status


def test_layers_of_the_shop(start):
    """The shop's answers have a length and protective headers, and a POST without a token is a 403"""
    with start(SECRET_KEY=KEY):
        response = Client().get("/about")
        refused = Client(enforce_csrf_checks=True).post("/about")
    assert response["content-length"] == str(len(response.content))
    assert response["x-content-type-options"] == "nosniff"
    assert response["x-frame-options"] == "DENY"
    assert refused.status_code == 403


def test_the_clock_of_the_shop(start):
    """The shop's time zone is `UTC`"""
    with start(SECRET_KEY=KEY):
        assert settings.TIME_ZONE == "UTC"


def test_runserver_finds_the_shop_s_own_application(start):
    """`runserver` takes the application of `bookshop/wsgi.py`, by `WSGI_APPLICATION`"""
    with start(SECRET_KEY=KEY):
        application = get_internal_wsgi_application()
        assert application is sys.modules["bookshop.wsgi"].application
