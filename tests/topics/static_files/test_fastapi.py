"""Static files that only FastAPI has: an application that is mounted."""

import os

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient

from tests.harness.snippets import load
from tests.topics.static_files.apps import attack


def serving_folder(folder, **options):
    app = FastAPI()
    app.mount("/static", StaticFiles(directory=folder, **options), "static")
    return TestClient(app)


def test_the_url_under_a_prefix(snippet):
    """Under a prefix of the server's, `/shop`, the helper writes it in front: `/shop/static/site.css`"""
    page = TestClient(snippet.app, root_path="/shop").get("/shop/")
    assert 'href="/shop/static/site.css"' in page.text


def test_url_for_gives_a_whole_url(snippet):
    """`request.url_for` gives a whole URL, `http://testserver/static/site.css`; its `path` is the rest"""
    request = Request(
        {
            "type": "http",
            "path": "/",
            "headers": [(b"host", b"testserver")],
            "app": snippet.app,
            "router": snippet.app.router,
        }
    )
    url = request.url_for("static", path="site.css")
    assert url == "http://testserver/static/site.css"
    assert url.path == "/static/site.css"


def test_a_misspelt_name_has_a_url(snippet):
    """Without hashes `url_for` writes the URL of a file that is not there, `stile.css`; the file is a 404"""
    url = snippet.app.url_path_for("static", path="stile.css")
    assert url == "/static/stile.css"
    assert TestClient(snippet.app).get(url).status_code == 404


def test_a_missing_folder_is_noticed_at_the_start(tmp_path):
    """`StaticFiles` with a folder that is not there is a `RuntimeError` at the start"""
    with pytest.raises(RuntimeError, match="does not exist"):
        StaticFiles(directory=tmp_path / "missing")


def test_a_mount_at_the_root_hides_what_comes_after_it(tmp_path):
    """A mount at `/` takes all that is registered after it: the route is a 404"""
    app = FastAPI()
    app.mount("/", StaticFiles(directory=tmp_path))
    app.get("/books")(lambda: "Dune")
    assert TestClient(app).get("/books").status_code == 404
    app = FastAPI()
    app.get("/books")(lambda: "Dune")
    app.mount("/", StaticFiles(directory=tmp_path))
    assert TestClient(app).get("/books").json() == "Dune"


def test_dependencies_do_not_guard_a_mount(tmp_path):
    """Dependencies of the application do not guard a mount: the file is a 200"""

    def refuse():
        raise HTTPException(401)

    app = FastAPI(dependencies=[Depends(refuse)])
    app.get("/books")(lambda: "Dune")
    (tmp_path / "site.css").touch()
    app.mount("/static", StaticFiles(directory=tmp_path))
    client = TestClient(app)
    assert client.get("/books").status_code == 401
    assert client.get("/static/site.css").status_code == 200


def test_html_mode(tmp_path):
    """With `html=True` a folder is its `index.html`, and a missing file is the `404.html`"""
    (tmp_path / "index.html").write_text("the index")
    (tmp_path / "404.html").write_text("nothing here")
    with serving_folder(tmp_path, html=True) as client:
        assert client.get("/static/").text == "the index"
        missing = client.get("/static/missing")
        assert (missing.status_code, missing.text) == (404, "nothing here")


def test_links_are_followed_if_you_say_so(tmp_path):
    """`follow_symlink=True` follows a link out of the folder"""
    (tmp_path / "static").mkdir()
    (tmp_path / "secret.txt").write_text("the secret")
    (tmp_path / "static" / "link.txt").symlink_to(tmp_path / "secret.txt")
    with serving_folder(tmp_path / "static", follow_symlink=True) as client:
        assert client.get("/static/link.txt").text == "the secret"
    with serving_folder(tmp_path / "static") as client:
        assert client.get("/static/link.txt").status_code == 404


def test_files_are_not_in_the_documentation(snippet):
    """A mount is not in the OpenAPI document, whose paths are `/` alone"""
    assert [*snippet.app.openapi()["paths"]] == ["/"]


@pytest.mark.parametrize("name", ["static_files", "static_files_shop.versions"])
def test_the_page_is_documented_as_html(name):
    """The page is documented as `text/html`"""
    app = load(f"snippets.fastapi.{name}").app
    answers = app.openapi()["paths"]["/"]["get"]["responses"]
    assert [*answers["200"]["content"]] == ["text/html"]


def test_a_file_is_hashed_once(tmp_path):
    """A file is hashed once, and again when it has changed"""
    part = load("snippets.fastapi.static_files_shop.versions")
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
    answers = attack(tmp_path, fastapi_uvicorn="fastapi")
    links = {answers.pop(name) for name in [*answers] if "a link" in name}
    assert links == {"404"}
    assert len(answers) == 12
    assert {*answers.values()} <= {"301", "302", "307", "308", "400", "404"}
