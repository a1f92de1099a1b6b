"""Everything that can be done with this book, one session each: `nox -l` lists them."""

import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.10"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
# What CI does, in its order.
nox.options.sessions = ["lint", "audit", "tests", "book", "gates", "servers", "downloads", "faults"]

PYTHON = "3.13"
# A file of tests stays on one core: its tests share a database server.
ALL_CORES = ["--numprocesses=logical", "--dist=loadfile"]


def install(session: nox.Session, *groups: str) -> None:
    """Install dependency groups at exactly the pinned, hashed versions."""
    session.install(
        "--compile-bytecode",
        "--require-hashes",
        "--constraints=constraints.txt",
        *(f"--group={group}" for group in groups),
        silent=True,
    )


@nox.session(python=PYTHON)
def environment(session: nox.Session) -> None:
    """What all sessions that run the book stand in: made once, then looked at in a second"""
    install(session, "tests", "book", "gates")


ENVIRONMENT = [f"environment-{PYTHON}"]


def python(session: nox.Session, *arguments: str) -> None:
    """Run Python in the environment that sessions share: nox itself makes one for each."""
    folder = session.cache_dir.parent / "environment"
    name = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    session.run(str(folder / name), *arguments, external=True)


@nox.session(python=False, requires=ENVIRONMENT)
def tests(session: nox.Session) -> None:
    """Run every snippet's tests and leave evidence: nox -s tests -- --topic routing"""
    python(session, "-m", "pytest", *(session.posargs or ALL_CORES))


@nox.session(python=False, requires=["tests"])
def book(session: nox.Session) -> None:
    """Tests first, then HTML, PDF and EPUB below build/"""
    python(session, "-m", "book._tools.build")


@nox.session(python=False, requires=ENVIRONMENT)
def live(session: nox.Session) -> None:
    """Watch: a saved snippet runs its topic's tests, then its page is built: nox -s live -- routing"""
    python(session, "-m", "book._tools.live", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def run(session: nox.Session) -> None:
    """Serve one snippet: nox -s run -- flask/routing"""
    python(session, "-m", "book._tools.serve", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def new(session: nox.Session) -> None:
    """Start a topic and run its first tests: nox -s new -- caching"""
    python(session, "-m", "book._tools.new", *session.posargs)
    python(session, "-m", "pytest", "-q", f"--topic={session.posargs[0]}")


# Files of publishing services, by the schema that check-jsonschema brings for each.
SERVICES = {
    "readthedocs": [".readthedocs.yaml"],
    "github-workflows": [".github/workflows/book.yml", ".github/workflows/pins.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/error.yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
}


@nox.session(python=PYTHON)
def lint(session: nox.Session) -> None:
    """Style, likely bugs, insecure code, types, and what publishing services read"""
    install(session, "lint", "tests", "book", "gates")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    for schema, files in SERVICES.items():
        session.run("check-jsonschema", f"--builtin-schema=vendor.{schema}", *files, silent=True)


@nox.session(python=PYTHON)
def audit(session: nox.Session) -> None:
    """Ask a vulnerability database about every pin: nox -s audit -- --strict"""
    install(session, "audit")
    session.run("python", "-m", "book._tools.audit", *session.posargs)


@nox.session(python=PYTHON)
def versions(session: nox.Session) -> None:
    """Run all topics on lowest, newest and pre-release versions, other Pythons and Djangos"""
    install(session, "tests")
    session.install("uv", silent=True)
    session.run("python", "-m", "book._tools.versions", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def wire(session: nox.Session) -> None:
    """Run contracts again on gunicorn, waitress, uvicorn: nox -s wire -- routing --record"""
    python(session, "-m", "book._tools.wire", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def servers(session: nox.Session) -> None:
    """Run the contracts that are not as they were recorded on real servers"""
    python(session, "-m", "book._tools.wire", "--changed")


@nox.session(python=False, requires=ENVIRONMENT)
def nginx(session: nox.Session) -> None:
    """Ask a real nginx, with the configuration of the chapter on static files: nox -s nginx -- --record"""
    python(session, "-m", "tests.topics.static_files.behind_nginx", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def downloads(session: nox.Session) -> None:
    """Unpack each download, run its line, ask what it serves: nox -s downloads -- flask-routing"""
    python(session, "-m", "book._tools.downloads", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def mutate(session: nox.Session) -> None:
    """Plant faults in snippets and see whether tests notice: nox -s mutate -- routing"""
    python(session, "-m", "book._tools.mutate", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def faults(session: nox.Session) -> None:
    """Plant faults in the topics that are not as they were recorded: a sample, if there are many"""
    python(session, "-m", "book._tools.mutate", "--changed", "--at-most=100")


@nox.session(python=False, requires=["book"])
def gates(session: nox.Session) -> None:
    """Build the book and judge it: accessibility, validity, links, EPUB, PDF"""
    python(session, "-m", "book._tools.gates", "--install", "--twice", *session.posargs)


@nox.session(python=False, requires=ENVIRONMENT)
def scale(session: nox.Session) -> None:
    """What a book of so many topics would cost: nox -s scale -- 25"""
    python(session, "-m", "book._tools.scale", *session.posargs)


@nox.session(python=False, requires=["book"])
def pictures(session: nox.Session) -> None:
    """Take the README's pictures of the book anew"""
    python(session, "-m", "book._tools.pictures")


@nox.session(python=PYTHON)
def inventories(session: nox.Session) -> None:
    """Renew what the book knows of the official documentation's pages and sections"""
    install(session, "book", "tests")
    session.install("pip", "pallets-sphinx-themes", "sphinxcontrib-log-cabinet", silent=True)
    session.run("python", "-m", "book._tools.inventories")


@nox.session(python=PYTHON)
def lock(session: nox.Session) -> None:
    """Renew constraints.txt: the newest versions, with hashes and without addresses"""
    session.install("uv")
    groups = [
        f"--group={line.partition(' = ')[0]}"
        for line in Path("pyproject.toml").read_text("utf-8").splitlines()
        if line.endswith(" = [")
        and line.split()[0] in ("snippets", "tests", "book", "lint", "gates", "audit")
    ]
    session.run(
        "uv", "pip", "compile", "pyproject.toml", *groups, "--upgrade", "--universal",
        "--python-version=3.12", "--generate-hashes", "--no-emit-index-url", "--no-header",
        "--no-annotate", "--quiet", "--output-file=constraints.txt",
    )  # fmt: skip
