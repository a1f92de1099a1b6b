"""What only Django brings on the first evening."""

import asyncio
import io
import threading
import types

import httpx2
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import CommandError, call_command
from django.core.management.commands.runserver import Command
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path


def files(folder):
    return sorted(each for each in folder.rglob("*") if each.is_file())


def test_startproject_writes_six_files(tmp_path):
    """`django-admin startproject` writes six files"""
    call_command("startproject", "bookshop", tmp_path)
    assert len(files(tmp_path)) == 6


def test_startproject_refuses_a_folder_that_is_there(tmp_path, monkeypatch):
    """A second `startproject bookshop` in one folder is an error: `bookshop` already exists"""
    monkeypatch.chdir(tmp_path)
    call_command("startproject", "bookshop")
    with pytest.raises(CommandError, match="bookshop' already exists"):
        call_command("startproject", "bookshop")


def test_a_new_project_has_the_route_of_the_admin(tmp_path):
    """The list of routes in a new project has one route, `admin/`"""
    call_command("startproject", "bookshop", tmp_path)
    text = (tmp_path / "bookshop" / "urls.py").read_text("utf-8")
    listed = text.partition("urlpatterns = [")[2]
    assert listed.split() == ["path('admin/',", "admin.site.urls),", "]"]


def test_startapp_makes_seven_files(tmp_path):
    """`manage.py startapp` makes a folder with seven files"""
    call_command("startapp", "shop", tmp_path)
    assert len(files(tmp_path)) == 7


def test_a_new_project_is_for_development(tmp_path):
    """A new project has `DEBUG = True`, no `ALLOWED_HOSTS`, and a secret key in its file"""
    call_command("startproject", "bookshop", tmp_path)
    text = (tmp_path / "bookshop" / "settings.py").read_text("utf-8")
    assert "DEBUG = True" in text
    assert "ALLOWED_HOSTS = []" in text
    assert "SECRET_KEY = 'django-insecure-" in text


@pytest.mark.parametrize(("debug", "listed"), [(True, True), (False, False)], ids=["on", "off"])
def test_debug_lists_the_routes_on_the_page_of_a_404(client, debug, listed):
    """With `DEBUG = True`, the page of a 404 lists the project's routes"""
    with override_settings(DEBUG=debug):
        response = client.get("/nope")
    assert response.status_code == 404
    assert ("hello/&lt;name&gt;" in response.text) is listed


def test_a_type_in_the_signature_does_nothing_in_django(snippet):
    """A Django view with `number: int` and no converter in its route is handed text"""

    def book(request, number: int):
        return HttpResponse(repr(number))

    module = types.ModuleType("small_urls")
    vars(module).update(urlpatterns=[path("books/<number>", book)])
    with override_settings(ROOT_URLCONF=module):
        assert Client().get("/books/7").text == "'7'"


def test_a_new_project_sends_protective_headers(tmp_path):
    """A new project has `SecurityMiddleware` and `XFrameOptionsMiddleware`, as the book's has"""
    call_command("startproject", "bookshop", tmp_path)
    text = (tmp_path / "bookshop" / "settings.py").read_text("utf-8")
    for name in (
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ):
        assert f"'{name}'" in text
        assert name in settings.MIDDLEWARE


def test_a_process_has_one_set_of_settings(snippet):
    """A second `settings.configure()` in a process is a `RuntimeError`"""
    with pytest.raises(RuntimeError, match="Settings already configured"):
        settings.configure()


def test_a_plain_view_of_django_runs_in_the_server_s_thread_or_beside_the_loop(snippet):
    """Django calls a `def` view in the server's thread under WSGI, in another thread under ASGI"""
    seen = []

    def home(request):
        seen.append(threading.current_thread())
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return HttpResponse()

    module = types.ModuleType("small_urls")
    vars(module).update(urlpatterns=[path("", home)])

    async def request_to(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.get("/")

    with override_settings(ROOT_URLCONF=module):
        assert Client().get("/").status_code == 200
        assert asyncio.run(request_to(get_asgi_application())).status_code == 200
    assert seen[0] is threading.current_thread()
    assert seen[1] is not threading.current_thread()


def test_django_s_server_warns():
    """Django's server says at its start: `This is a development server.`"""
    printed = io.StringIO()
    command = Command(stdout=printed, no_color=True)
    vars(command).update(_raw_ipv6=False, addr="127.0.0.1", protocol="http")
    command.on_bind(8000)
    assert "WARNING: This is a development server." in printed.getvalue()
