"""Downloads: what is in them, the lines that start them, and what their session notices.

Whether each of them runs is what `nox -s downloads` finds out, which installs packages.
"""

import io
import tarfile
import tomllib
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from docutils import nodes
from sphinx.util.docutils import new_document

from book._core import bundles, curl
from book._core.bundles import Bundle
from book._core.chapters import topics
from book._core.evidence import Request
from book._core.frameworks import FRAMEWORKS
from book._ext import downloads as pages
from book._tools import downloads


def bundle(name, topic="routing"):
    return Bundle(FRAMEWORKS[name], topic)


def unpacked(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {name: tar.extractfile(name) for name in tar.getnames()}
        return {name: file.read().decode() for name, file in files.items() if file}


@pytest.mark.parametrize(
    "made", [each for topic in topics() for each in bundles.bundles(topic)], ids=lambda b: b.name
)
def test_an_archive_has_the_files_that_ran_and_what_they_need(made):
    files = unpacked(made.archive())
    module = f"snippets/{made.framework.name}/{made.topic}.py"
    assert files[f"{made.name}/{module}"] == (bundles.ROOT / module).read_text("utf-8")
    pins = tomllib.loads(files[f"{made.name}/pyproject.toml"])["dependency-groups"]["dev"]
    assert f"{made.framework.distribution}=={made.framework.version}" in pins
    assert made.archive() == made.archive()


def test_django_gets_a_project_around_the_topic():
    files = unpacked(bundle("django").archive())
    assert 'import_module("snippets.django.routing")' in files["django-routing/manage.py"]
    assert "django-routing/snippets/django/settings.py" in files


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("from fastapi import Form", {"python-multipart"}),
        ("from fastapi import FastAPI", set()),
        ('url = "sqlite+aiosqlite://"', {"aiosqlite"}),
        ('apps = ["channels_redis.core"]', {"channels-redis"}),
        ('name = "django"', set()),
    ],
)
def test_what_a_program_needs_without_importing_it(source, needed):
    assert bundles.implied(bundles.ast.parse(source)) == needed


def test_extras_are_those_of_our_own_pins():
    assert "pwdlib[argon2]==" in " ".join(bundle("fastapi", "form_handling").requirements)


@pytest.mark.parametrize(
    ("name", "topic", "runs"),
    [
        ("flask", "routing", "uv run flask --app snippets.flask.routing run --port 8000"),
        ("fastapi", "routing", "uv run uvicorn snippets.fastapi.routing:app --port 8000"),
        ("django", "routing", "uv run python manage.py runserver 8000"),
        ("django", "realtime", "uv run uvicorn manage:application --port 8000"),
    ],
)
def test_the_line_unpacks_and_runs(name, topic, runs):
    made = bundle(name, topic)
    assert made.line().startswith(f"tar -xzf {made.file} && cd {made.name} && uv run ")
    assert made.line().endswith(runs)
    with_pip = made.line(pip=True)
    assert " && pip install --group dev && " in with_pip
    assert with_pip.endswith(runs.removeprefix("uv run "))


def test_a_published_line_fetches_the_archive_first():
    line = bundle("flask").line(base="https://book.example/en/")
    assert line.startswith(
        "curl -fsSO https://book.example/en/downloads/flask-routing.tar.gz && tar "
    )


def test_a_migrated_database_outlives_the_command_that_migrates_it():
    line = bundle("flask", "migrations").line()
    assert "&& export DATABASE_URL=sqlite:///bookshop.sqlite3 && uv run alembic -c " in line


# A request as a command


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        (Request(method="GET", target="/books/1"), "curl -i http://127.0.0.1:8000/books/1"),
        (
            Request(method="GET", target="/books?a=1&b=2"),
            "curl -i 'http://127.0.0.1:8000/books?a=1&b=2'",
        ),
        (Request(method="HEAD", target="/"), "curl -I http://127.0.0.1:8000/"),
        (Request(method="DELETE", target="/"), "curl -i -X DELETE http://127.0.0.1:8000/"),
        (Request(method="POST", target="/"), "curl -i -X POST http://127.0.0.1:8000/"),
        (
            Request(
                method="POST",
                target="/",
                headers={"content-type": "application/json"},
                body='{"a": "it\'s"}',
            ),
            'curl -i --json \'{"a": "it\'"\'"\'s"}\' http://127.0.0.1:8000/',
        ),
        (
            Request(method="PUT", target="/", headers={"content-type": "text/plain"}, body="a"),
            "curl -i -d a -X PUT -H 'content-type: text/plain' http://127.0.0.1:8000/",
        ),
        (
            Request(
                method="POST",
                target="/",
                headers={"content-type": "application/x-www-form-urlencoded"},
                body="a=1&b=2",
            ),
            "curl -i -d 'a=1&b=2' http://127.0.0.1:8000/",
        ),
        (
            Request(method="WS", target="/echo"),
            "uv run --with websockets python -m websockets ws://127.0.0.1:8000/echo",
        ),
        (Request(method="GET", target="/", headers={"cookie": "a=b"}), ""),
        (Request(method="POST", target="/", body="(804 bytes)"), ""),
        (Request(method="POST", target="/", body="xxx … (9000 bytes)"), ""),
        (Request(method="POST", target="/", body="--boundary\r\n"), ""),
    ],
)
def test_a_request_as_a_command(request_, command):
    assert curl.command(request_) == command


# Links


@pytest.mark.parametrize(
    ("name", "base", "address"),
    [
        ("html", "https://book.example/en/", "downloads/flask-routing.tar.gz"),
        ("html", "", "downloads/flask-routing.tar.gz"),
        (
            "epub",
            "https://book.example/en/",
            "https://book.example/en/downloads/flask-routing.tar.gz",
        ),
        ("epub", "", None),
    ],
)
def test_each_edition_leads_to_the_archive_where_it_is(name, base, address):
    doctree = new_document("routing")
    doctree += nodes.paragraph("", "", pages.link(bundle("flask"), nodes.Text("routing.py")))
    app: Any = SimpleNamespace(
        builder=SimpleNamespace(name=name, format="html"),
        config=SimpleNamespace(html_baseurl=base),
    )
    pages.resolve(app, doctree, "routing")
    assert [each["refuri"] for each in doctree.findall(nodes.reference)] == [address] * bool(
        address
    )
    assert doctree.astext() == "routing.py"


def test_a_failed_build_writes_no_archives(tmp_path):
    app: Any = SimpleNamespace(builder=SimpleNamespace(name="html", format="html"), outdir=tmp_path)
    pages.write(app, ValueError())
    assert not [*tmp_path.iterdir()]
    pages.write(app, None)
    assert (tmp_path / "downloads" / "flask-routing.tar.gz").read_bytes() == bundle(
        "flask"
    ).archive()


# The session that runs them


def line_of(monkeypatch, text):
    monkeypatch.setattr(Bundle, "line", lambda *_, port=0, **__: text.replace("PORT", str(port)))


def test_a_line_that_ends_is_noticed_with_what_it_said(monkeypatch):
    line_of(monkeypatch, "tar -xzf flask-routing.tar.gz && echo no such package && exit 3")
    assert downloads.outcome(bundle("flask"), pip=False) == (
        "flask-routing: its line ended with 3:\nno such package\n"
    )


def test_a_program_that_answers_nothing_is_noticed(monkeypatch):
    server = (
        'python -c "from http.server import *; '
        "h = type('H', (BaseHTTPRequestHandler,), dict(do_GET=lambda s: (s.send_response(200), "
        "s.end_headers(), s.wfile.write(b'[]')))); HTTPServer(('127.0.0.1', PORT), h).serve_forever()\""
    )
    line_of(monkeypatch, server)
    said = downloads.outcome(bundle("flask"), pip=False)
    assert said.startswith("flask-routing: curl -i http://127.0.0.1:")
    assert said.endswith("/books/1 got 200 '[]'")


def test_a_reader_s_environment_has_nothing_of_this_book(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("SSL_CERT_DIR", "kept")
    clean = downloads.clean(tmp_path)
    assert clean["SSL_CERT_DIR"] == "kept"
    assert not {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"} & clean.keys()
    assert (tmp_path / "bin" / "uv").exists()


def test_an_unknown_name_is_told_what_there_is(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["downloads", "flask-rooting"])
    with pytest.raises(SystemExit):
        downloads.main()
    assert "no download flask-rooting; did you mean flask-routing?" in capsys.readouterr().err


def test_a_closed_port_is_no_server():
    with pytest.raises(httpx2.ConnectError):
        downloads.ask(f"127.0.0.1:{downloads.free_port()}", Request(method="GET", target="/"))
