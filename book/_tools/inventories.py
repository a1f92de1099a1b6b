"""Renew the inventories of official documentation: `nox -s inventories`.

An inventory says where a name, a page or a section of a documentation stands. With these
files in the repository the book links to the documentation without asking it, and a link
to what is not there stops the build. They are made from the source of each documentation,
as the framework's own source package holds it, in the version that the book runs on.
"""

import subprocess
import sys
import tarfile
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import Sphinx
from sphinx.util.inventory import InventoryFile

from book._core.frameworks import ROOT

INVENTORIES = ROOT / "book" / "_inventories"
DOCUMENTED = ("flask", "django")  # FastAPI's documentation is not made with Sphinx


def main() -> int:
    # Each in a process of its own: a documentation's configuration changes sys.path.
    with ProcessPoolExecutor(max_tasks_per_child=1) as processes:
        for path in processes.map(renew, DOCUMENTED):
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    return 0


def renew(distribution: str) -> Path:
    """Read the documentation of what is installed and write down where everything is."""
    target = INVENTORIES / f"{distribution}.inv"
    with TemporaryDirectory() as temporary:
        docs = fetch(f"{distribution}=={version(distribution)}", Path(temporary)) / "docs"
        app = Sphinx(
            docs,
            docs,
            outdir=docs / "_build",
            doctreedir=docs / "_doctrees",
            buildername="dirhtml",  # addresses end in "/", as on both sites
            confoverrides={"intersphinx_mapping": {}},
            status=None,
            warning=None,
        )
        app.builder.read()
        InventoryFile.dump(target, app.env, app.builder)
    return target


def fetch(requirement: str, folder: Path) -> Path:
    """The unpacked source package."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run(
        [*command, "--no-binary=:all:", f"--dest={folder}", requirement], cwd=folder, check=True
    )
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


if __name__ == "__main__":
    sys.exit(main())
