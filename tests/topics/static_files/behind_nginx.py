"""A session behind a real nginx: `nox -s nginx -- --record` writes what it answered.

Needs the program `nginx`, so no other test does this; test_contract.py reads the record, and asks
for a new one when the configuration on the page is another. The configuration is used as it
stands there, with other folders and ports.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx2

from book._core.frameworks import SNIPPETS
from book._core.places import record
from tests.harness.stacks import HOST, serving
from tests.topics.static_files.apps import RAW, SECRET, send

CONFIGURATION = SNIPPETS / "flask" / "static_files_shop" / "nginx.conf"
"""It is the same for all three."""
RECORD = record("static_files", "nginx.json")
VARIANTS = {"flask": "flask_gunicorn", "fastapi": "fastapi_uvicorn", "django": "django_gunicorn"}
HEADERS = ("cache-control", "content-disposition", "content-range", "x-content-type-options")
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def digest() -> str:
    return hashlib.sha256(CONFIGURATION.read_bytes()).hexdigest()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return listener.getsockname()[1]


def shop(folder: Path) -> None:
    """Folders as they would lie in production, with what should not get out.

    They are reached by a link, as where each release has a folder of its own.
    """
    (folder.parent / "current").symlink_to(folder)
    folder.mkdir()
    shutil.copytree(CONFIGURATION.parent / "static", folder / "static")
    shutil.copytree(CONFIGURATION.parent / "uploads", folder / "uploads")
    (folder / "secret.txt").write_text(SECRET)
    (folder / "static" / "link.txt").symlink_to(folder / "secret.txt")
    (folder / "static" / ".env").write_text(SECRET)
    shutil.copy(folder / "static" / "site.css", folder / "static" / "site.314be3f764a9.css")
    for path in (folder.parent, folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)  # nginx gives up the rights of root


@contextlib.contextmanager
def nginx(folder: Path, upstream: int, text: str) -> Iterator[int]:
    """The port of an nginx with this configuration, in front of a server."""
    port = free_port()
    places = "".join(f"{name}_temp_path {folder}/{name}; " for name in TEMPORARY)
    text = text.replace("/srv/shop", f"{folder}/current").replace(
        "listen 80;", f"listen {HOST}:{port};"
    )
    text = text.replace("127.0.0.1:8000", f"{HOST}:{upstream}")
    text = text.replace("http {", f"http {{ access_log off; {places}", 1)
    file = folder / "nginx.conf"
    file.write_text(f"daemon off; pid {folder}/nginx.pid;\n{text}")
    command = ["nginx", "-e", "stderr", "-c", str(file), "-p", str(folder)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((HOST, port)):
                break
            if process.poll() is not None:
                raise RuntimeError(process.communicate()[1].decode())
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.communicate()


def asked(port: int, path: str, **headers: str) -> str:
    """What is answered: the status, and the headers that matter here."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx2.Client(base_url=f"http://{HOST}:{port}") as client:
        response = client.get(path, headers={"Host": "testserver", **sent})
    lines = [f"{name}: {response.headers[name]}" for name in HEADERS if name in response.headers]
    secret = ["the secret"] if SECRET in response.text else []
    return "\n".join([str(response.status_code), *lines, *secret])


def etag(port: int, path: str, **headers: str) -> str:
    with httpx2.Client(base_url=f"http://{HOST}:{port}") as client:
        return client.get(path, headers={"Host": "testserver", **headers}).headers["etag"]


def session(folder: Path, upstream: int) -> dict[str, str]:
    """What is answered to each question, by its words."""
    text = CONFIGURATION.read_text("utf-8")
    site = "/static/site.css"
    with nginx(folder, upstream, text) as port:
        answers = {
            "/": asked(port, "/"),
            site: asked(port, site),
            f"{site}?v=363892b9f773": asked(port, f"{site}?v=363892b9f773"),
            "/static/site.314be3f764a9.css": asked(port, "/static/site.314be3f764a9.css"),
            "/uploads/review.html": asked(port, "/uploads/review.html"),
            "/static/": asked(port, "/static/"),
            "/static/.env": asked(port, "/static/.env"),
            "/static/link.txt": asked(port, "/static/link.txt"),
            "If-None-Match": asked(port, site, If_None_Match=etag(port, site)),
            "Range": asked(port, site, Range="bytes=0-3"),
            "If-Range": asked(port, site, Range="bytes=4-", If_Range='"old"'),
        }
        for words, path in RAW.items():
            secret = str(folder / "release" / "secret.txt").strip("/")
            said = send(port, path.format(secret=secret)).decode()
            answers[f"raw: {words}"] = said.split()[1] + ("\nthe secret" if SECRET in said else "")
    careless = text.replace("location /static/ {", "location /static {")
    with nginx(folder, upstream, careless) as port:
        answers["without the slash"] = asked(port, "/static../secret.txt")
    squeezing = text.replace("http {", "http { gzip on; gzip_types text/css;", 1)
    squeezing = squeezing.replace("location /static/ {", "location /elsewhere/ {")
    with nginx(folder, upstream, squeezing) as port:
        weak = etag(port, site, **{"Accept-Encoding": "gzip"})
        answers["its ETag compressed"] = weak[:3]
        answers["asked again"] = asked(port, site, If_None_Match=weak).partition("\n")[0]
    return answers


def main(arguments: list[str]) -> int:
    if not shutil.which("nginx"):
        print("the program nginx is not here; Debian's package is called nginx", file=sys.stderr)
        return 2
    said = subprocess.run(["nginx", "-v"], stderr=subprocess.PIPE, text=True, check=True).stderr
    answers = {}
    with serving("static_files", VARIANTS.values()) as stacks:
        for framework, variant in VARIANTS.items():
            with stacks[variant].client() as client:
                client.get("/").raise_for_status()
            with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
                shop(Path(folder, "release"))
                answers[framework] = session(Path(folder), stacks[variant].port)
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "nginx": said.rpartition("/")[2].strip(),
        "versions": {name: version(name) for name in ("flask", "fastapi", "django", "whitenoise")},
        "configuration": digest(),
        "answers": answers,
    }
    text = json.dumps(found, indent=2) + "\n"
    if "--record" in arguments:
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        RECORD.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
