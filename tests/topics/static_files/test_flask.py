"""Static files that only Flask has: its own route, its hooks, and WhiteNoise around it."""

import gzip
import os

from flask import Flask, abort

from tests.harness.snippets import load
from tests.topics.static_files.apps import attack


def test_the_url_under_a_prefix(snippet):
    """Under a prefix of the server's, `/shop`, the helper writes it in front: `/shop/static/site.css`"""
    client = snippet.app.test_client()
    page = client.get("/", environ_overrides={"SCRIPT_NAME": "/shop"})
    assert 'href="/shop/static/site.css"' in page.text


def test_a_misspelt_name_has_a_url(snippet):
    """Without hashes `url_for` writes the URL of a file that is not there, `stile.css`; the file is a 404"""
    with snippet.app.test_request_context():
        url = snippet.app.url_for("static", filename="stile.css")
    assert url == "/static/stile.css"
    assert snippet.app.test_client().get(url).status_code == 404


def test_no_folder_no_route():
    """`static_folder=None` leaves Flask without the route"""
    assert "static" not in Flask("shop", static_folder=None).view_functions
    assert "static" in Flask("shop").view_functions


def test_flask_s_own_route_passes_its_hooks(tmp_path):
    """A hook before the view refuses static files, too"""
    (tmp_path / "site.css").touch()
    app = Flask("shop", static_folder=tmp_path, static_url_path="/static")
    app.before_request(lambda: abort(401))
    assert app.test_client().get("/static/site.css").status_code == 401


def test_one_setting_for_all_files(tmp_path):
    """`SEND_FILE_MAX_AGE_DEFAULT` says for all files how long they are kept: `public, max-age=3600`"""
    (tmp_path / "site.css").touch()
    app = Flask("shop", static_folder=tmp_path, static_url_path="/static")
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    with app.test_client().get("/static/site.css") as response:
        assert response.headers["Cache-Control"] == "public, max-age=3600"


def shop_with_whitenoise():
    return load("snippets.flask.static_files_shop.with_whitenoise").app


def test_other_urls_have_no_version():
    """`url_for` of a page, `show_home`, adds no version to `/`"""
    app = load("snippets.flask.static_files_shop.versions").app
    with app.test_request_context():
        assert app.url_for("show_home") == "/"


def test_whitenoise_answers_before_flask():
    """WhiteNoise answers before Flask: `max-age=60, public`, and Flask's hooks are not called"""
    app = shop_with_whitenoise()
    called = []
    app.before_request_funcs[None] = [lambda: called.append(1)]
    client = app.test_client()
    with client.get("/static/site.css") as response:
        assert response.headers["Cache-Control"] == "max-age=60, public"
        assert "Access-Control-Allow-Origin" not in response.headers
    assert called == []
    assert 'href="/static/site.css"' in client.get("/").text
    assert called == [1]
    app.before_request_funcs.clear()


def test_whitenoise_passes_what_it_does_not_know_to_flask():
    """What WhiteNoise has not seen at the start is asked of Flask: a 404"""
    client = shop_with_whitenoise().test_client()
    assert client.get("/static/missing.css").status_code == 404
    assert client.get("/static/..%2ftemplates%2fhome.html").status_code == 404


def test_whitenoise_keeps_what_has_a_hash_in_its_name(tmp_path, monkeypatch):
    """A name with a hash in it, `site.5d41402abc4b.css`, is kept for ten years; `jquery.min.css` is not"""
    app = shop_with_whitenoise()
    noise = app.wsgi_app
    monkeypatch.setattr(noise, "files", {})
    (tmp_path / "site.5d41402abc4b.css").write_text("h1 {}")
    (tmp_path / "jquery.min.css").write_text("h1 {}")
    noise.add_files(tmp_path, "static/")
    client = app.test_client()
    with client.get("/static/site.5d41402abc4b.css") as response:
        assert response.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    with client.get("/static/jquery.min.css") as response:
        assert response.headers["Cache-Control"] == "max-age=60, public"


def test_whitenoise_sends_the_compressed_file(tmp_path, monkeypatch):
    """`site.css.gz` beside `site.css` is sent to who takes gzip, with `Vary: Accept-Encoding`"""
    app = shop_with_whitenoise()
    monkeypatch.setattr(app.wsgi_app, "files", {})
    (tmp_path / "site.css").write_text("h1 {}" * 100)
    (tmp_path / "site.css.gz").write_bytes(gzip.compress(b"h1 {}" * 100))
    app.wsgi_app.add_files(tmp_path, "static/")
    client = app.test_client()
    with client.get("/static/site.css", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(response.data) == b"h1 {}" * 100
    with client.get("/static/site.css") as response:
        assert "Content-Encoding" not in response.headers
        assert response.headers["Vary"] == "Accept-Encoding"


def test_a_file_is_hashed_once(tmp_path):
    """A file is hashed once, and again when it has changed"""
    part = load("snippets.flask.static_files_shop.versions")
    part.digest.cache_clear()
    file = tmp_path / "site.css"
    file.write_text("h1 {}")
    first = part.version(file)
    assert part.version(file) == first
    assert part.digest.cache_info().misses == 1
    file.write_text("h1 { color: red }")
    os.utime(file, (0, 0))
    assert part.version(file) != first
    assert part.digest.cache_info().misses == 2


def test_raw_paths_on_real_servers(tmp_path):
    """Raw paths with `..`, a backslash or a null byte, sent to real servers: none brings the secret"""
    answers = attack(tmp_path, flask_gunicorn="flask", flask_waitress="flask")
    links = {answers.pop(name) for name in [*answers] if "a link" in name}
    assert links == {"200"}
    assert len(answers) == 24
    assert {*answers.values()} <= {"301", "302", "307", "308", "400", "404"}
