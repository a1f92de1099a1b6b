"""A topic of one framework as an archive that runs without the repository.

It holds the files that the tests ran, at the same places, and a `pyproject.toml` with the versions
they ran on: `uv run` or `pip install --group dev` needs nothing else. Django gets a `manage.py`.
"""

import ast
import gzip
import io
import re
import tarfile
import tomllib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from book._core import evidence, places
from book._core.curl import PORT
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, Framework, relative

MANAGE = ROOT / "book" / "_bundle" / "manage.py"
FOLDER = "downloads"
"""Where the archives lie, beside the pages."""
DATABASE = "sqlite:///bookshop.sqlite3"
SERVERS = {"flask": [], "fastapi": ["uvicorn"], "django": []}
SOCKETS = ["uvicorn", "websockets"]
IMPLIED = {
    "EmailStr": "email-validator",
    "File": "python-multipart",
    "Form": "python-multipart",
    "UploadFile": "python-multipart",
    "Jinja2Templates": "jinja2",
    "SessionMiddleware": "itsdangerous",
    "WebSocket": "websockets",
}
"""Names from FastAPI, Starlette and Pydantic, and what must be installed for them: they say so
only when they are used."""
DRIVER = re.compile(r"\w+\+(\w+):")
DOTTED = re.compile(r"[a-z_]\w*(?:\.\w+)+")
EXTRAS = re.compile(r"([\w-]+)(\[[\w,]+\])")


@dataclass(frozen=True)
class Bundle:
    """The archive of one framework's part of a topic."""

    framework: Framework
    topic: str

    @property
    def name(self) -> str:
        """What the archive and its folder are called, e.g. "flask-routing"."""
        return f"{self.framework.name}-{self.topic.replace('_', '-')}"

    @property
    def file(self) -> str:
        return f"{self.name}.tar.gz"

    @cached_property
    def paths(self) -> list[Path]:
        """Files of the repository: the topic's, and those that serve all topics."""
        home = SNIPPETS / self.framework.name
        project = [home / f"{name}.py" for name in sorted(self.framework.project)]
        mine = [path for path in places.snippets(self.topic) if path.is_relative_to(home)]
        return [SNIPPETS / "__init__.py", *project, *mine]

    @cached_property
    def requirements(self) -> list[str]:
        """What the files need, at the versions that the tests ran on: ["flask==3.1.3"]."""
        names = {self.framework.distribution, *SERVERS[self.framework.name]}
        names.update(evidence.distributions_of(self.paths))
        for path in self.paths:
            if path.suffix == ".py":
                names.update(implied(ast.parse(path.read_text("utf-8"))))
        if self.has_sockets:
            names.update(SOCKETS)
        extras = pinned_extras()
        return [f"{name}{extras.get(name, '')}=={version(name)}" for name in sorted(names)]

    @property
    def has_sockets(self) -> bool:
        """Whether a Django topic is an ASGI application of its own, which `runserver` is not."""
        return self.framework.name == "django" and "application" in self.globals

    @cached_property
    def globals(self) -> set[str]:
        """The names that the topic's module assigns."""
        tree = ast.parse(self.framework.snippet(self.topic).read_text("utf-8"))
        return {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def commands(self, port: int = PORT) -> list[str]:
        """What serves the topic, to be run in the archive's folder."""
        module = f"snippets.{self.framework.name}.{self.topic}"
        made = [
            f"alembic -c {relative(path)} upgrade head"
            for path in self.paths
            if path.parent.name.endswith("_alembic") and path.suffix in (".ini", ".toml")
        ]
        match self.framework.name:
            case "flask":
                made.append(f"flask --app {module} run --port {port}")
            case "fastapi":
                made.append(f"uvicorn {module}:app --port {port}")
            case "django":
                made.append("python manage.py migrate --run-syncdb -v 0")
                if self.has_sockets:
                    made.append(f"uvicorn manage:application --port {port}")
                else:
                    made.append(f"python manage.py runserver {port}")
        return made

    @property
    def environment(self) -> dict[str, str]:
        """Variables that must be set: a database that outlives the command that migrates it."""
        migrates = self.commands()[0].startswith("alembic")
        return {"DATABASE_URL": DATABASE} if migrates else {}

    def line(self, *, pip: bool = False, port: int = PORT, base: str = "") -> str:
        """Unpack, install, run: one line for a shell. It fetches the archive first if the book is
        published at `base`."""
        exports = [f"export {name}={value}" for name, value in self.environment.items()]
        fetch = [f"curl -fsSO {urljoin(base, FOLDER)}/{self.file}"] if base else []
        steps = [*fetch, f"tar -xzf {self.file}", f"cd {self.name}", *exports]
        if pip:
            steps += ["python -m venv .venv", ". .venv/bin/activate"]
            steps += ["pip install --group dev", *self.commands(port)]
        else:
            steps += [f"uv run {command}" for command in self.commands(port)]
        return " && ".join(steps)

    def archive(self) -> bytes:
        """The archive; the same files make the same bytes."""
        files = {relative(path): path.read_bytes() for path in self.paths}
        files["pyproject.toml"] = self.pyproject().encode()
        if self.framework.name == "django":
            files["manage.py"] = MANAGE.read_bytes().replace(b"TOPIC", self.topic.encode())
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, content in sorted(files.items()):
                entry = tarfile.TarInfo(f"{self.name}/{name}")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return gzip.compress(packed.getvalue(), mtime=0)

    def pyproject(self) -> str:
        project = ours()["project"]
        pins = "".join(f'    "{pin}",\n' for pin in self.requirements)
        return (
            f"# {self.line().partition(' && cd ')[2].partition(' && ')[2]}\n"
            "[project]\n"
            f'name = "{self.name}"\n'
            'version = "1"\n'
            f'requires-python = "{project["requires-python"]}"\n\n'
            "[dependency-groups]\n"
            f"dev = [\n{pins}]\n"
        )


def ours() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pinned_extras() -> dict[str, str]:
    """The extras with which the snippets' packages are installed: {"pwdlib": "[argon2]"}."""
    group = " ".join(ours()["dependency-groups"]["snippets"])
    return dict(EXTRAS.findall(group))


def implied(tree: ast.AST) -> set[str]:
    """Distributions that a program needs without an import of its own: through a name that it
    imports, a database's URL, or a dotted name in Django's settings."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.update(IMPLIED[alias.name] for alias in node.names if alias.name in IMPLIED)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = set(DRIVER.findall(node.value))
            if DOTTED.fullmatch(node.value):
                names.add(node.value.partition(".")[0])
            found.update(evidence.distributions_called(names))
    return found


def bundles(topic: str) -> list[Bundle]:
    """The archives of a topic: one for each framework that has it."""
    return [Bundle(each, topic) for each in FRAMEWORKS.values() if each.snippet(topic).exists()]
