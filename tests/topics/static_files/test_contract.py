"""Contract of the chapter on static files."""

import hashlib
import json
import re
from pathlib import Path

import crossplane
import crossplane.analyzer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness import clients
from tests.harness.differs import differs, since
from tests.topics.static_files import behind_nginx
from tests.topics.static_files.apps import RAW

STYLE = 'h1 { color: teal; }\nbody { background: url("img/logo.svg") no-repeat top right; }\n'
SITE = "/static/site.css"
YEAR = "max-age=31536000"


@pytest.fixture
def site(client):
    """The style sheet, as it is answered to one who asks for the first time."""
    response = client.get(SITE)
    assert response.status_code == 200
    return response


# Where they differ: what costs a reader most comes first.


@differs(flask="200", fastapi="404", django="200")
def test_a_link_that_leads_out_of_the_folder(serve, tmp_path, expected):
    """A symbolic link in the folder that leads to a file outside of it"""
    folder, secret = tmp_path / "static", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_text("the secret")
    (folder / "link.txt").symlink_to(secret)
    with serve(folder) as client:
        response = client.get("/static/link.txt")
    assert str(response.status_code) == expected
    assert (response.text == "the secret") is (expected == "200")


@differs(flask="200", fastapi="200", django="404")
def test_with_nothing_but_the_framework(bare, expected):
    """The style sheet with nothing but the framework's own, debug mode off: no WhiteNoise in Django"""
    assert str(bare.get(SITE).status_code) == expected


@differs(flask="401", fastapi="200", django="200")
def test_a_guard_before_all_views(guarded, expected):
    """The style sheet, where a hook, a dependency or a middleware refuses each view with 401"""
    assert guarded.get("/").status_code == 401
    assert str(guarded.get(SITE).status_code) == expected


@differs(flask="`no-cache`", fastapi="none", django="`max-age=60, public`")
def test_what_a_cache_may_do_unasked(site, expected):
    """`Cache-Control` of a style sheet, with nothing configured"""
    assert site.headers.get("cache-control", "none") == expected.strip("`")


@differs(flask="200", fastapi="200", django="404 until a restart")
def test_a_file_that_came_after_the_start(serve, tmp_path, expected):
    """A file that was put there after the program had started"""
    with serve(tmp_path) as client:
        (tmp_path / "new.css").write_text("h1 {}")
        assert str(client.get("/static/new.css").status_code) == expected[:3]
    if expected != "200":
        with serve(tmp_path) as client:
            assert client.get("/static/new.css").status_code == 200


@differs(flask="200, all of it", fastapi="200, all of it", django="206, a piece of the new file")
def test_a_download_goes_on_after_a_change(client, expected):
    """The rest of a file that has changed: `Range: bytes=4-` with the `If-Range` of the old one"""
    response = client.get(SITE, headers={"Range": "bytes=4-", "If-Range": '"old"'})
    assert str(response.status_code) == expected[:3]
    assert response.text == (STYLE if "all" in expected else STYLE[4:])


@differs(flask="304", fastapi="304", django="200")
def test_a_weak_etag(client, site, expected):
    """`If-None-Match: W/"…"`: the ETag as a proxy that compresses passes it on"""
    weak = {"If-None-Match": f"W/{site.headers['etag']}"}
    assert str(client.get(SITE, headers=weak).status_code) == expected


@differs(flask="304", fastapi="304", django="200")
def test_several_etags(client, site, expected):
    """`If-None-Match: "old", "…"`: the ETags of two versions"""
    several = {"If-None-Match": f'"old", {site.headers["etag"]}'}
    assert str(client.get(SITE, headers=several).status_code) == expected


@differs(flask="none", fastapi="none", django="`nosniff`")
def test_whether_a_browser_may_guess(site, expected):
    """`X-Content-Type-Options` of a style sheet"""
    assert site.headers.get("x-content-type-options", "none") == expected.strip("`")


@differs(flask="none", fastapi="none", django="`*`")
def test_who_may_read_it(site, expected):
    """`Access-Control-Allow-Origin` of a style sheet"""
    assert site.headers.get("access-control-allow-origin", "none") == expected.strip("`")


@differs(flask="206", fastapi="206", django="416")
def test_the_first_byte_alone(client, expected):
    """One byte: `Range: bytes=0-0`"""
    response = client.get(SITE, headers={"Range": "bytes=0-0"})
    assert str(response.status_code) == expected
    assert response.text.startswith("h") is (expected == "206")


@differs(flask="416", fastapi="206, in parts", django="200, all of it")
def test_two_ranges(client, expected):
    """Two pieces at once: `Range: bytes=0-1,4-5`"""
    response = client.get(SITE, headers={"Range": "bytes=0-1,4-5"})
    assert str(response.status_code) == expected[:3]
    kind = response.headers["content-type"]
    assert kind.startswith("multipart/byteranges") is ("parts" in expected)
    assert (response.text == STYLE) is ("all" in expected)


@differs(flask="416", fastapi="400", django="200, all of it")
@pytest.mark.parametrize("asked", ["bytes=abc", "lines=0-3"])
def test_a_range_that_is_none(client, asked, expected):
    """A range that nobody can read: `Range: bytes=abc`"""
    response = client.get(SITE, headers={"Range": asked})
    assert str(response.status_code) == expected[:3]
    assert (response.text == STYLE) is ("all" in expected)


@differs(
    flask="`text/css; charset=utf-8`",
    fastapi="`text/css; charset=utf-8`",
    django='`text/css; charset="utf-8"`',
)
def test_the_type_of_a_style_sheet(site, expected):
    """`Content-Type` of a style sheet"""
    assert site.headers["content-type"] == expected.strip("`")


@differs(flask="HTML", fastapi="JSON", django="HTML")
def test_a_missing_file(client, expected):
    """The 404 of a file that is not there"""
    response = client.get("/static/missing.css")
    assert response.status_code == 404
    assert response.headers["content-type"].partition(";")[0] == {
        "HTML": "text/html",
        "JSON": "application/json",
    }.get(expected)


@differs(flask="404", fastapi="307 to `/static/`", django="404")
def test_the_folder_without_a_slash(client, expected):
    """`/static`, without a slash"""
    response = client.get("/static")
    assert str(response.status_code) == expected[:3]
    if expected != "404":
        assert response.headers["location"].endswith("/static/")


@differs(flask="200", fastapi="200", django="404")
@pytest.mark.parametrize("path", ["/static/img/%2e%2e/site.css", "/static/site.css/"])
def test_another_spelling_of_a_file_s_path(client, path, expected):
    """Another spelling of a file's path: `/static/img/%2e%2e/site.css`, `/static/site.css/`"""
    assert str(client.get(path).status_code) == expected


@differs(flask="404", fastapi="404", django="400")
def test_an_upload_called_dot_dot(client, expected):
    """`/uploads/%2e%2e`, that is `..`, the folder above the uploads"""
    assert str(client.get("/uploads/%2e%2e").status_code) == expected


# The page and its files


def test_the_page_names_the_style_sheet(client):
    """The page links to `/static/site.css`, which the template has not spelt out"""
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/static/site.css"' in response.text
    assert "<h1>Bookshop</h1>" in response.text
    assert response.headers["content-length"] == str(len(response.content))


@pytest.mark.parametrize("path", ["/", "/uploads/review.html"])
def test_pages_and_uploads_are_only_read(client, path):
    """`POST` of the page or of an upload is a 405"""
    assert client.post(path).status_code == 405


def test_the_style_sheet(client):
    response = client.get(SITE)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/css")
    assert response.text == STYLE
    assert response.headers["content-length"] == str(len(STYLE))


def test_a_picture_in_a_folder(client):
    """`/static/img/logo.svg`, a file in a folder of the folder"""
    response = client.get("/static/img/logo.svg")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert response.text.startswith("<svg ")


def test_head(client, site):
    """`HEAD` has the same `Content-Length` and no body"""
    response = client.head(SITE)
    assert response.status_code == 200
    assert response.headers["content-length"] == site.headers["content-length"]
    assert response.content == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_file_is_only_read(client, method):
    """`POST`, `PUT` and `DELETE` of a file are a 405"""
    assert client.request(method, SITE).status_code == 405


@since("before Starlette 1.8.0 the 405 of `StaticFiles` had no `Allow`", starlette="1.8.0")
def test_what_may_be_done_with_a_file(client):
    """The 405 says what may be done: `GET` and `HEAD`"""
    allowed = client.post(SITE).headers["allow"]
    assert {"GET", "HEAD"} <= {*allowed.split(", ")}


@pytest.mark.parametrize("name", ["two words.css", "é.css", "a&b.css", "100%.css"])
def test_a_name_that_is_not_plain(serve, tmp_path, name):
    """Names with a blank, an é, an & and a % in them are found"""
    (tmp_path / name).write_text("h1 {}")
    with serve(tmp_path) as client:
        response = client.get(f"/static/{name.replace('%', '%25')}")
    assert response.status_code == 200
    assert response.text == "h1 {}"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("shop.js", "text/javascript"),
        ("shop.woff2", "font/woff2"),
        ("shop.unknown", "application/octet-stream"),
        ("shop", "application/octet-stream"),
    ],
)
def test_the_type_comes_from_the_name(serve, tmp_path, name, kind):
    """The type comes from the end of the name: `text/javascript`, `font/woff2`, else `application/octet-stream`"""
    (tmp_path / name).write_text("<script>")
    with serve(tmp_path) as client:
        assert client.get(f"/static/{name}").headers["content-type"].partition(";")[0] == kind


def test_an_empty_file(serve, tmp_path):
    """An empty file is a 200 with a length of 0"""
    (tmp_path / "empty.css").touch()
    with serve(tmp_path) as client:
        response = client.get("/static/empty.css")
    assert response.status_code == 200
    assert response.headers["content-length"] == "0"


# Asking again


def test_ask_again_by_etag(client, site):
    """The file with its ETag in `If-None-Match`: 304, without a body"""
    response = client.get(SITE, headers={"If-None-Match": site.headers["etag"]})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == site.headers["etag"]


def test_ask_again_by_time(client, site):
    """The file with its time in `If-Modified-Since`: 304, without a body"""
    response = client.get(SITE, headers={"If-Modified-Since": site.headers["last-modified"]})
    assert response.status_code == 304
    assert response.content == b""


@pytest.mark.parametrize(
    "header",
    [
        {"If-None-Match": '"old"'},
        {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ],
    ids=["another ETag", "an earlier time", "no time"],
)
def test_an_old_copy_is_replaced(client, header):
    """Another ETag, an earlier time and a time that is none are answered with the whole file"""
    response = client.get(SITE, headers=header)
    assert response.status_code == 200
    assert response.text == STYLE


def test_the_etag_goes_before_the_time(client, site):
    """If both are sent and the ETag is another, the time does not count: 200"""
    both = {"If-None-Match": '"old"', "If-Modified-Since": site.headers["last-modified"]}
    assert client.get(SITE, headers=both).status_code == 200


def test_a_file_that_changed_has_another_etag(serve, tmp_path):
    """A file that was changed and has another length has another ETag, after a restart at the latest"""
    (tmp_path / "site.css").write_text("h1 {}")
    with serve(tmp_path) as client:
        old = client.get(SITE).headers["etag"]
    (tmp_path / "site.css").write_text("h1 { color: teal }")
    with serve(tmp_path) as client:
        response = client.get(SITE, headers={"If-None-Match": old})
    assert response.status_code == 200
    assert response.text == "h1 { color: teal }"


# Pieces


def test_the_first_four_bytes(client):
    """`Range: bytes=0-3` is a 206 with four bytes and `Content-Range: bytes 0-3/82`"""
    response = client.get(SITE, headers={"Range": "bytes=0-3"})
    assert response.status_code == 206
    assert response.headers["content-range"] == "bytes 0-3/82"
    assert response.headers["content-length"] == "4"
    assert response.text == "h1 {"


@pytest.mark.parametrize(
    ("asked", "came", "text"),
    [
        ("bytes=4-", "bytes 4-81/82", STYLE[4:]),
        ("bytes=-4", "bytes 78-81/82", STYLE[-4:]),
        ("bytes=70-900", "bytes 70-81/82", STYLE[70:]),
    ],
)
def test_a_piece_of_a_file(client, asked, came, text):
    """A piece is a 206 with `Content-Range`: all from a byte on, the last four"""
    response = client.get(SITE, headers={"Range": asked})
    assert response.status_code == 206
    assert response.headers["content-range"] == came
    assert response.headers["content-length"] == str(len(text))
    assert response.text == text


def test_a_piece_behind_the_end(client):
    """A piece that begins behind the end is a 416 with the length: `bytes */82`"""
    response = client.get(SITE, headers={"Range": "bytes=900-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */82"


def test_the_rest_of_an_unchanged_file(client, site):
    """The rest of a file that has not changed: `If-Range` with its ETag is a 206"""
    response = client.get(SITE, headers={"Range": "bytes=4-", "If-Range": site.headers["etag"]})
    assert response.status_code == 206
    assert response.text == STYLE[4:]


# What must not get out

OUTSIDE = {
    "..%2f": "/static/..%2f..%2fstatic_files.py",
    "%2e%2e": "/static/%2e%2e/%2e%2e/static_files.py",
    "%2e%2e%2f": "/static/%2e%2e%2f%2e%2e%2fstatic_files.py",
    "through a folder": "/static/img/..%2f..%2f..%2fstatic_files.py",
    "backslashes": "/static/..%5c..%5cstatic_files.py",
    "encoded twice": "/static/..%252f..%252fstatic_files.py",
    "four dots": "/static/....//....//static_files.py",
    "a dot in two bytes": "/static/%c0%ae%c0%ae/%c0%ae%c0%ae/static_files.py",
    "a null byte": "/static/..%2f..%2fstatic_files.py%00.css",
    "a null byte alone": "/static/%00",
    "templates": "/static/..%2ftemplates%2fhome.html",
    "a drive": "/static/c:%5cwindows%5cwin.ini",
    "a long name": f"/static/{'x' * 300}",
}
SECRETS = ("import", "<title>Bookshop")
"""Of the program itself, and of the template of the page."""


@pytest.mark.parametrize("path", OUTSIDE.values(), ids=OUTSIDE)
def test_a_path_out_of_the_folder(client, path):
    """A path out of the folder is a 404: `..%2f`, `%2e%2e`, backslashes, null bytes, encoded twice"""
    response = client.get(path)
    assert response.status_code == 404
    assert not any(secret in response.text for secret in SECRETS)


@pytest.mark.parametrize("path", OUTSIDE.values(), ids=OUTSIDE)
def test_a_path_out_of_the_folder_with_hashes(versions, path):
    """In the program with hashes, too, a path out of the folder is a 404, and nothing is hashed"""
    response = versions.get(f"{path}?v=363892b9f773")
    assert response.status_code == 404
    assert not any(secret in response.text for secret in SECRETS)


def test_a_client_tidies_dots_away(client):
    """httpx2 tidies `..` away before it sends: `/static/../secret.txt` is asked for as `/secret.txt`"""
    assert client.build_request("GET", "/static/../secret.txt").url.path == "/secret.txt"


@pytest.mark.parametrize("slash", ["/", "%2f"])
def test_an_absolute_path(client, framework, slash):
    """An absolute path, `/static//…` or `/static/%2f…`, leads to no file: 404, in Flask after a redirect"""
    program = Path(f"snippets/{framework}/static_files.py").resolve().as_posix()
    response = client.get(f"/static/{slash}{program.strip('/')}", follow_redirects=True)
    assert response.status_code == 404
    assert len(response.history) == (framework == "flask")
    assert not any(secret in response.text for secret in SECRETS)


PIECES = ["%2e%2e", "%2e", "/", "%2f", "%5c", "%00", "%25", "~", "static", "static_files_shop"]
PIECES += ["templates", "home.html", "static_files.py", "site.css", "img", "logo.svg", "x"]


def test_no_path_leads_out_of_the_folder(framework, snippet):
    """Hundreds of paths from dots, slashes, null bytes and names that exist: the answer is a file of the folder or none"""
    folder = Path(snippet.__file__).with_name("static_files_shop") / "static"
    inside = {file.read_text() for file in folder.rglob("*.*")}
    assert len(inside) == 2
    with clients.connect(framework, snippet, raise_app_exceptions=False) as client:

        @settings(max_examples=200)
        @given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=10))
        def ask(pieces):
            response = client.get(f"/static/{''.join(pieces)}")
            assert response.status_code in (200, 308, 404)
            assert response.status_code != 200 or response.text in inside

        ask()


@pytest.mark.parametrize("path", ["/static/", "/static/img/", "/static/img"])
def test_a_folder_is_not_listed(client, path):
    """A folder is a 404, and its files are not listed"""
    response = client.get(path)
    assert response.status_code == 404
    assert "logo.svg" not in response.text


def test_a_link_within_the_folder(serve, tmp_path):
    """A symbolic link to a file of the same folder is followed"""
    (tmp_path / "site.css").write_text("h1 {}")
    (tmp_path / "style.css").symlink_to("site.css")
    with serve(tmp_path) as client:
        assert client.get("/static/style.css").text == "h1 {}"


@pytest.mark.parametrize("name", [".env", ".git/config", "shop.css.map", "site.css~", "notes.txt"])
def test_whatever_lies_in_the_folder_is_served(serve, tmp_path, name):
    """Whatever lies in the folder is served, `.env`, `.git/config` and `site.css~`, too"""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("the secret")
    with serve(tmp_path) as client:
        assert client.get(f"/static/{name}").text == "the secret"


# URLs that change with the file


def linked(client):
    """The URL of the style sheet in the page."""
    return client.get("/").text.partition('href="')[2].partition('"')[0]


@differs(
    flask="`/static/site.css?v=363892b9f773`",
    fastapi="`/static/site.css?v=363892b9f773`",
    django="`/static/site.314be3f764a9.css`",
)
def test_the_url_of_this_version(versions, expected):
    """The URL of the style sheet with a hash of what is in it"""
    assert linked(versions) == expected.strip("`")


@differs(
    flask=f"`public, immutable, {YEAR}`",
    fastapi=f"`public, {YEAR}, immutable`",
    django="`max-age=315360000, public, immutable`",
)
def test_a_url_with_a_hash_is_kept(versions, expected):
    """`Cache-Control` of the URL with the hash"""
    response = versions.get(linked(versions))
    assert response.status_code == 200
    assert response.headers["cache-control"] == expected.strip("`")
    assert response.text.startswith("h1 { color: teal; }")


@differs(
    flask="200, `no-cache`",
    fastapi="200, `no-cache`",
    django="404",
)
def test_the_hash_of_another_version(versions, expected):
    """The URL with the hash of another version, as a program that is not yet up to date is asked for it"""
    other = re.sub("[0-9a-f]{12}", "0" * 12, linked(versions))
    response = versions.get(other)
    assert str(response.status_code) == expected[:3]
    kept = response.headers.get("cache-control", "")
    assert kept == ("no-cache" if "no-cache" in expected else "")


@differs(flask="`no-cache`", fastapi="`no-cache`", django="`max-age=60, public`")
def test_a_url_without_a_hash(versions, expected):
    """`Cache-Control` of the URL without a hash, beside one that has it"""
    response = versions.get(SITE)
    assert response.text == STYLE
    assert response.headers["cache-control"] == expected.strip("`")


@differs(
    flask="`img/logo.svg`",
    fastapi="`img/logo.svg`",
    django="`img/logo.66992b9c2b8d.svg`",
)
def test_a_name_within_the_style_sheet(versions, expected):
    """How the picture is called in the style sheet that has a hash in its URL"""
    text = versions.get(linked(versions)).text
    assert text.partition('url("')[2].partition('"')[0] == expected.strip("`")


def test_a_304_says_how_long_too(versions):
    """The 304 of a URL with a hash says the same about caches as the 200"""
    first = versions.get(linked(versions))
    again = versions.get(linked(versions), headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == first.headers["cache-control"]


def test_a_changed_file_has_another_url(edited):
    """A file that is edited has another URL; the old one is no longer kept for a year"""
    with edited("h1 {}") as client:
        old = linked(client)
    with edited("h1 { color: red }") as client:
        assert linked(client) != old
        assert YEAR not in client.get(old).headers.get("cache-control", "")
        assert client.get(linked(client)).text == "h1 { color: red }"


@pytest.mark.server_errors
def test_a_misspelt_name_is_an_error_of_the_page(misspelt):
    """With hashes a misspelt name is noticed: the page is a 500"""
    assert misspelt.get("/").status_code == 500


# Behind nginx


@pytest.fixture
def nginx(framework, snippet):
    """The locations of the listing, as a parser reads them: by their paths, directives by name."""
    file = Path(snippet.__file__).with_name("static_files_shop") / "nginx.conf"
    parsed = crossplane.parse(str(file), single=True)
    assert parsed["status"] == "ok", parsed["errors"]
    locations = {}

    def read(lines):
        for line in lines:
            name, inner = line["directive"], line.get("block", [])
            assert name in crossplane.analyzer.DIRECTIVES, line
            if name == "location":
                found = [(each["directive"], *each["args"]) for each in inner]
                locations[" ".join(line["args"])] = found
            if name != "map":  # which has no directives in it
                read(inner)

    read(parsed["config"][0]["parsed"])
    return locations


def test_nginx_serves_the_folders_and_passes_the_rest_on(nginx):
    """The configuration is one, to a parser: two folders, no dot files, and all else to port 8000"""
    assert [*nginx] == ["/static/", "/uploads/", "~ /\\.(?!well-known/)", "/"]
    assert ("alias", "/srv/shop/static/") in nginx["/static/"]
    assert ("alias", "/srv/shop/uploads/") in nginx["/uploads/"]
    assert nginx["~ /\\.(?!well-known/)"] == [("return", "404")]
    assert nginx["/"][0] == ("proxy_pass", "http://127.0.0.1:8000")


def test_a_location_and_its_alias_both_end_with_a_slash(nginx):
    """A location with an `alias` ends with a slash, and so does the `alias`"""
    for path, lines in nginx.items():
        for folder in [line[1] for line in lines if line[0] == "alias"]:
            assert path.endswith("/")
            assert folder.endswith("/")


def test_nginx_follows_no_links_and_lets_nobody_guess(nginx):
    """In both folders: `disable_symlinks on`, from the folder on, and `nosniff`; uploads are attachments"""
    for path in ("/static/", "/uploads/"):
        assert ("disable_symlinks", "on", f"from=/srv/shop{path}".rstrip("/")) in nginx[path]
        assert ("add_header", "X-Content-Type-Options", "nosniff", "always") in nginx[path]
    attachment = ("add_header", "Content-Disposition", "attachment", "always")
    assert attachment in nginx["/uploads/"]
    assert ("autoindex", "on") not in nginx["/static/"] + nginx["/uploads/"]


def test_nginx_tells_who_asked(nginx):
    """The host, the address and the scheme are passed on"""
    assert nginx["/"][1:] == [
        ("proxy_set_header", "Host", "$host"),
        ("proxy_set_header", "X-Forwarded-For", "$proxy_add_x_forwarded_for"),
        ("proxy_set_header", "X-Forwarded-Proto", "$scheme"),
    ]


@pytest.fixture
def session(framework, snippet):
    """What a real nginx answered in front of this framework, in the session that was recorded."""
    recorded = json.loads(behind_nginx.RECORD.read_text("utf-8"))
    file = Path(snippet.__file__).with_name("static_files_shop") / "nginx.conf"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == recorded["configuration"], (
        "nginx.conf is another than in the recorded session: nox -s nginx -- --record"
    )
    return recorded["answers"][framework]


def test_behind_nginx_files_do_not_reach_the_program(session):
    """Behind a real nginx: a plain URL is `no-cache`, one with a hash `immutable`, an upload an `attachment`"""
    nosniff = "x-content-type-options: nosniff"
    kept = f"200\ncache-control: public, {YEAR}, immutable\n{nosniff}"
    assert session["/"].startswith("200")
    assert session[SITE] == f"200\ncache-control: no-cache\n{nosniff}"
    assert session[f"{SITE}?v=363892b9f773"] == kept
    assert session["/static/site.314be3f764a9.css"] == kept
    upload = session["/uploads/review.html"]
    assert upload == f"200\ncontent-disposition: attachment\n{nosniff}"


def test_nginx_knows_conditions_and_pieces(session):
    """nginx answers `If-None-Match` with 304, a `Range` with 206, and an old `If-Range` with all: 200"""
    assert session["If-None-Match"].startswith("304")
    assert "206" in session["Range"]
    assert "content-range: bytes 0-3/82" in session["Range"]
    assert session["If-Range"].startswith("200")


def test_behind_nginx_the_secret_stays_where_it_is(session):
    """Behind a real nginx: a link out of the folder and the folder itself are a 403, `.env` a 404; raw paths are a 400 or 404"""
    assert session["/static/link.txt"].partition("\n")[0] == "403"
    assert session["/static/"].partition("\n")[0] == "403"
    assert session["/static/.env"] == "404"
    raw = {answer for words, answer in session.items() if words.startswith("raw: ")}
    assert raw == {"400", "404"}
    assert len([words for words in session if words.startswith("raw: ")]) == len(RAW)


def test_a_location_without_its_slash(session):
    """With `location /static` in place of `location /static/`, a real nginx sends the secret for `/static../secret.txt`"""
    assert session["without the slash"].startswith("200")
    assert session["without the slash"].endswith("the secret")


@differs(flask="304", fastapi="304", django="200")
def test_an_etag_that_nginx_has_weakened(session, expected):
    """The style sheet asked for again with the `W/"` ETag of a real nginx that compresses"""
    assert session["its ETag compressed"] == 'W/"'
    assert session["asked again"] == expected


# Uploads


def test_an_upload_is_an_attachment(client):
    """An upload is answered with `Content-Disposition: attachment` and `nosniff`"""
    response = client.get("/uploads/review.html")
    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text.startswith("<script>")


@pytest.mark.parametrize(
    "name",
    ["missing.pdf", "..%2ftemplates%2fhome.html", "%2fetc%2fpasswd", "%00", "", "x" * 300],
    ids=["missing", "..%2f", "absolute", "a null byte", "no name", "a long name"],
)
def test_what_is_no_upload(client, name):
    """A missing file, `..%2f`, an absolute path, a null byte and a name of 300 letters are a 404"""
    response = client.get(f"/uploads/{name}")
    assert response.status_code == 404
    assert not any(secret in response.text for secret in SECRETS)
