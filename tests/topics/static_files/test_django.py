"""Static files that only Django has: finders, collectstatic, DEBUG, and ASGI's trap."""

import asyncio
import gzip
import io
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf.urls.static import static as urls_for
from django.contrib.staticfiles import storage, views
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.test import AsyncClient, AsyncRequestFactory, Client, RequestFactory
from django.urls import set_script_prefix
from django.views.static import serve as serve_from

from tests.harness import clients
from tests.harness.adapters.wsgi import WSGITransport
from tests.harness.snippets import load
from tests.topics.static_files.apps import attack
from tests.topics.static_files.conftest import collect


@pytest.fixture
def prefix(settings):
    """The prefix of the thread is put back, and after it the settings that were read with it."""
    yield
    set_script_prefix("/")


def mounted(application):
    """The same application, as a server has it that knows of the prefix `/shop`."""
    return lambda environ, start: application({**environ, "SCRIPT_NAME": "/shop"}, start)


def test_the_url_under_a_prefix(snippet, prefix, settings):
    """Under a prefix of the server's, `/shop`, the helper writes it in front: `/shop/static/site.css`"""
    settings.FORCE_SCRIPT_NAME = "/shop"
    set_script_prefix("/shop")  # as Django does when it starts
    settings.STATIC_URL = "static/"
    client = Client()
    assert 'href="/shop/static/site.css"' in client.get("/").text
    settings.STATIC_URL = "/static/"
    assert 'href="/static/site.css"' in client.get("/").text


def test_a_prefix_that_only_the_server_knows(snippet, prefix, settings):
    """Without `FORCE_SCRIPT_NAME` a prefix that the server names, `SCRIPT_NAME`, is not in the URL: `/static/site.css`"""
    settings.STATIC_URL = "static/"
    with clients.client(WSGITransport(mounted(WSGIHandler()))) as client:
        page = client.get("/")
    assert page.status_code == 200
    assert 'href="/static/site.css"' in page.text


def test_a_misspelt_name_has_a_url(snippet):
    """Without hashes `{% static %}` writes the URL of a file that is not there, `stile.css`; the file is a 404"""
    url = storage.staticfiles_storage.url("stile.css")
    assert url == "/static/stile.css"
    assert Client().get(url).status_code == 404


# DEBUG


def test_django_s_view_serves_only_with_debug(snippet, settings):
    """The view behind `runserver` is a 404 unless `DEBUG` is on"""
    request = RequestFactory().get("/static/site.css")
    with pytest.raises(Http404):
        views.serve(request, "site.css")
    settings.DEBUG = True
    with closing(views.serve(request, "site.css")) as response:
        assert response.status_code == 200
        assert response["Content-Type"] == "text/css"


def test_the_urls_for_development_are_none_without_debug(snippet, settings):
    """`staticfiles_urlpatterns()` and `static()` give an empty list unless `DEBUG` is on"""
    from django.contrib.staticfiles.urls import staticfiles_urlpatterns  # it asks for STATIC_URL

    assert staticfiles_urlpatterns() == []
    assert urls_for("/uploads/", document_root="uploads") == []
    settings.DEBUG = True
    assert len(staticfiles_urlpatterns()) == 1
    assert len(urls_for("/uploads/", document_root="uploads")) == 1


def test_what_django_s_view_leaves_out(snippet, settings):
    """Django's view for development has no `ETag`, and answers a `Range` with the whole file"""
    settings.DEBUG = True
    request = RequestFactory().get("/static/site.css", headers={"Range": "bytes=0-3"})
    with closing(views.serve(request, "site.css")) as response:
        assert response.status_code == 200
        assert "ETag" not in response
        assert "Last-Modified" in response


def test_django_s_view_lists_a_folder_if_you_say_so(tmp_path):
    """`show_indexes=True` lists a folder; without it the folder is a 404"""
    (tmp_path / "site.css").touch()
    request = RequestFactory().get("/")
    assert "site.css" in serve_from(request, "", tmp_path, show_indexes=True).text
    with pytest.raises(Http404):
        serve_from(request, "", tmp_path)


@pytest.mark.server_errors
def test_with_debug_whitenoise_looks_again(snippet, settings, tmp_path):
    """With `DEBUG` on, WhiteNoise finds a file that came after the start, and nothing is kept: `max-age=0, public`"""
    settings.DEBUG = True
    settings.STATICFILES_DIRS = [tmp_path]
    client = Client()
    assert client.get("/static/new.css").status_code == 404
    (tmp_path / "new.css").write_text("h1 {}")
    response = client.get("/static/new.css")
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=0, public"
    response.close()
    for path_out in ("..%2f..%2fstatic_files.py", "%2e%2e/x", "..%5cx"):
        assert client.get(f"/static/{path_out}").status_code in (400, 404)


# Finders


def test_two_apps_with_one_name(snippet, settings, tmp_path, monkeypatch):
    """Two folders with one name: the first one's file is found; with the app's name in the path both are"""
    for app in ("shop", "staff"):
        folder = tmp_path / app
        (folder / "static" / app).mkdir(parents=True)
        (folder / "static" / "site.css").write_text(app)
        (folder / "static" / app / "site.css").write_text(app)
        (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    settings.STATICFILES_DIRS = []
    settings.INSTALLED_APPS = ["django.contrib.staticfiles", "shop", "staff"]
    client = Client()
    found = {}
    for name in ("site.css", "shop/site.css", "staff/site.css"):
        with closing(client.get(f"/static/{name}")) as response:
            found[name] = response.getvalue().decode()
    assert found == {"site.css": "shop", "shop/site.css": "shop", "staff/site.css": "staff"}
    for app in ("shop", "staff"):
        del sys.modules[app]


# collectstatic


def test_collectstatic_copies_hashes_and_compresses(snippet, change, tmp_path):
    """`collectstatic` copies, hashes and compresses: 2 files become 4, and a manifest"""
    folder = collect(change, tmp_path)
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.*"))
    assert [name for name in names if not name.endswith(".gz")] == [
        "img/logo.66992b9c2b8d.svg",
        "img/logo.svg",
        "site.314be3f764a9.css",
        "site.css",
        "staticfiles.json",
    ]


def test_what_collectstatic_says(snippet, change, tmp_path):
    """`collectstatic` says what it did: `2 static files copied`, `2 post-processed`"""
    collect(change, tmp_path)
    said = io.StringIO()
    call_command("collectstatic", interactive=False, clear=True, verbosity=1, stdout=said)
    assert "2 static files copied" in said.getvalue()
    assert "2 post-processed" in said.getvalue()


def test_a_name_within_a_style_sheet_has_its_hash_too(collected):
    """In the collected style sheet the picture is called by its name with a hash, `img/logo.66992b9c2b8d.svg`"""
    text = (collected / "site.314be3f764a9.css").read_text()
    assert 'url("img/logo.66992b9c2b8d.svg")' in text


def test_collectstatic_stops_at_a_name_that_is_not_there(snippet, change, tmp_path):
    """A style sheet that names a missing picture stops `collectstatic`"""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "site.css").write_text('body { background: url("missing.svg") }')
    change(STATICFILES_DIRS=[tmp_path / "static"])
    with pytest.raises(Exception, match=r"missing\.svg"):
        collect(change, tmp_path)


def test_collectstatic_leaves_hidden_files_out(snippet, change, tmp_path):
    """`collectstatic` leaves out names that begin with a dot or end with `~`: `.env`, `site.css~`"""
    (tmp_path / "static").mkdir()
    for name in (".env", "site.css", "site.css~"):
        (tmp_path / "static" / name).write_text("h1 {}")
    change(STATICFILES_DIRS=[tmp_path / "static"])
    folder = collect(change, tmp_path)
    names = {file.name for file in folder.iterdir()}
    assert "site.css" in names
    assert not names & {".env", "site.css~"}


def test_where_collectstatic_writes_to():
    """`collectstatic` writes into the folder `collected` beside the settings"""
    part = load("snippets.django.static_files_shop.versions")
    assert part.SETTINGS["STATIC_ROOT"] == Path(str(part.__file__)).with_name("collected")


def test_only_what_was_collected_is_served(snippet, change, tmp_path):
    """A file that lies in the folder and was not collected is a 404"""
    (tmp_path / "static").mkdir()
    change(STATICFILES_DIRS=[tmp_path / "static"])
    collect(change, tmp_path)
    (tmp_path / "static" / "late.css").write_text("h1 {}")
    assert Client().get("/static/late.css").status_code == 404


def test_uploads_stay_where_they_were(snippet, collected):
    """With `STORAGES` set for static files uploads are found as before"""
    with closing(Client().get("/uploads/review.html")) as response:
        assert response.status_code == 200


@pytest.mark.server_errors
def test_hashes_need_collectstatic(snippet, change, tmp_path):
    """With hashed names and nothing collected the page is an error: `Missing staticfiles manifest entry`"""
    collect(change, tmp_path)
    change(STATIC_ROOT=tmp_path / "empty")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        Client().get("/")


def test_whitenoise_warns_of_a_missing_folder(snippet, change, tmp_path):
    """Without the folder of `STATIC_ROOT` WhiteNoise warns at the start, `No directory at`, and serves nothing: 404"""
    change(STATIC_ROOT=tmp_path / "missing", WHITENOISE_USE_FINDERS=False)
    with pytest.warns(UserWarning, match="No directory at"):
        handler = WSGIHandler()
    with clients.client(WSGITransport(handler)) as client:
        assert client.get("/static/site.css").status_code == 404


def test_a_collected_file_is_sent_compressed(snippet, change, tmp_path):
    """The compressed copy of `collectstatic` is sent to who takes gzip, with `Vary: Accept-Encoding`"""
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "site.css").write_text("h1 { color: teal }\n" * 100)
    change(STATICFILES_DIRS=[tmp_path / "static"])
    collect(change, tmp_path)
    client = Client()
    with closing(client.get("/static/site.css", headers={"Accept-Encoding": "gzip"})) as response:
        assert response["Content-Encoding"] == "gzip"
        assert response["Vary"] == "Accept-Encoding"
        assert gzip.decompress(response.getvalue()).startswith(b"h1 { color: teal }")
    with closing(client.get("/static/site.css")) as response:
        assert "Content-Encoding" not in response


# ASGI


def ask_under_asgi(url):
    async def ask():
        response: Any = await AsyncClient().get(url)
        pieces = [piece async for piece in response]
        response.close()
        return response, pieces

    return asyncio.run(ask())


def test_asgi_reads_a_file_in_pieces(snippet, settings, tmp_path):
    """Under ASGI the layer hands a file on in pieces: 25 of at most 4,096 bytes, without a warning"""
    (tmp_path / "site.css").write_text("x" * 100_000)
    settings.STATICFILES_DIRS = [tmp_path]
    response, pieces = ask_under_asgi("/static/site.css")
    assert response.is_async
    assert max(map(len, pieces)) == 4096
    assert len(pieces) == 25
    assert b"".join(pieces) == b"x" * 100_000


def test_asgi_s_trap(snippet, settings):
    """Under ASGI, without the layer, a file is read as a whole, with a warning: `must consume synchronous iterators`"""
    ours = snippet.SETTINGS["MIDDLEWARE"]
    settings.MIDDLEWARE = [name for name in ours if "in_pieces" not in name]
    with pytest.warns(Warning, match="must consume synchronous iterators"):
        ask_under_asgi("/static/site.css")


def test_the_trap_is_every_file_response_s(snippet, settings):
    """`FileResponse` of a view falls into the same trap; the layer helps there, too"""
    response, _ = ask_under_asgi("/uploads/review.html")
    assert response.is_async
    ours = snippet.SETTINGS["MIDDLEWARE"]
    settings.MIDDLEWARE = [name for name in ours if "in_pieces" not in name]
    with pytest.warns(Warning, match="must consume synchronous iterators"):
        ask_under_asgi("/uploads/review.html")


def test_under_asgi_the_file_is_closed(snippet):
    """The file is closed at the end, and a page that is no stream passes the layer"""
    response, pieces = ask_under_asgi("/uploads/review.html")
    assert response.closed
    assert b"".join(pieces).startswith(b"<script>")


async def test_under_asgi_a_page_passes_the_layer(snippet):
    """A page that is no stream passes the layer as it is"""
    response = await AsyncClient().get("/")
    assert response.status_code == 200
    assert not response.streaming


def test_a_stream_that_is_asynchronous_passes_the_layer(snippet):
    """Under ASGI a stream that is asynchronous already passes the layer as it is"""

    async def lines():
        yield "Dune"

    answer = StreamingHttpResponse(lines())
    layer = snippet.in_pieces(lambda request: answer)
    assert layer(AsyncRequestFactory().get("/")) is answer
    assert answer.is_async


def test_under_wsgi_the_layer_changes_nothing(snippet):
    """Under WSGI the server reads the file; the layer leaves the answer as it is"""
    answer = FileResponse(io.BytesIO(b"Dune"))
    layer = snippet.in_pieces(lambda request: answer)
    assert layer(RequestFactory().get("/")) is answer
    assert answer.file_to_stream
    assert not answer.is_async


def test_raw_paths_on_real_servers(tmp_path):
    """Raw paths with `..`, a backslash or a null byte, sent to real servers: none brings the secret"""
    answers = attack(tmp_path, django_gunicorn="django_wsgi", django_asgi="django_asgi")
    links = {answers.pop(name) for name in [*answers] if "a link" in name}
    assert links == {"200"}
    assert len(answers) == 24
    assert {*answers.values()} <= {"301", "302", "307", "308", "400", "404"}
