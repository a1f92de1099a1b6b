"""Build HTML, PDF and EPUB from the evidence: `python -m book._tools.build [--again FOLDER]`.

Everything is built beside the last good book and takes its place only when all three
editions are whole: a failure, or a full disk, never leaves half a book. `--again` builds PDF and EPUB from
nothing in another folder, to be compared with those.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from book._core import evidence
from book._core.chapters import topics
from book._core.frameworks import ROOT

BUILD = ROOT / "build"
FRESH = BUILD / ".fresh"
EDITIONS = {"pdf": "side-by-side.pdf", "epub": "side-by-side.epub", "html": "index.html"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m book._tools.build", description=__doc__)
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="build there instead")
    parser.add_argument(
        "--editions",
        nargs="+",
        choices=EDITIONS,
        default=["pdf", "epub"],
        help="which, with --again",
    )
    options = parser.parse_args(arguments)
    os.environ.setdefault("SOURCE_DATE_EPOCH", commit_date())
    return build_again(options.again, options.editions) if options.again else build()


def build() -> int:
    """All editions, in the place of the last ones."""
    started = time.monotonic()
    shutil.rmtree(FRESH, ignore_errors=True)
    try:
        for number, (edition, product) in enumerate(EDITIONS.items(), start=1):
            print(f"[{number}/{len(EDITIONS)}] {edition} …", flush=True)
            make(edition, product, FRESH, BUILD / "doctrees")
        for edition in ("pdf", "epub"):
            shutil.copy2(FRESH / edition / EDITIONS[edition], FRESH / "html")
    except (BuildError, OSError) as error:
        shutil.rmtree(FRESH, ignore_errors=True)
        print(f"\n{error}\nThe last good book below build/ was left as it is.", file=sys.stderr)
        return 1
    for edition in EDITIONS:
        put_in_place(edition)
    FRESH.rmdir()
    report(time.monotonic() - started)
    return 0


def build_again(folder: Path, editions: list[str]) -> int:
    """Editions in a folder of their own: what build/ remembers could hide a difference."""
    try:
        for edition in editions:
            make(edition, EDITIONS[edition], folder, folder / "doctrees")
    except BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


class BuildError(Exception):
    """An edition could not be made."""


def make(edition: str, product: str, folder: Path, doctrees: Path) -> None:
    """One edition below `folder`, all warnings errors, from doctrees that all editions share."""
    command = [
        sys.executable, "-m", "sphinx", "-b", edition, "-W", "-n", "-q", "-j", "2",
        "-c", str(ROOT), "-d", str(doctrees), str(ROOT / "book"), str(folder / edition),
    ]  # fmt: skip
    result = subprocess.run(command, cwd=ROOT)
    if result.returncode:
        raise BuildError(f"The {edition} edition was not built: see the message above.")
    if not (folder / edition / product).exists():
        raise BuildError(f"The {edition} edition was built, but has no {product}.")


def put_in_place(edition: str) -> None:
    """Swap a finished edition in; the old one goes only after the new one is there."""
    target, old = BUILD / edition, FRESH / f"old-{edition}"
    if target.exists():
        target.rename(old)
    (FRESH / edition).rename(target)
    shutil.rmtree(old, ignore_errors=True)


def commit_date() -> str:
    """The last commit's date in seconds, so that two builds of one commit are the same bytes."""
    git = shutil.which("git")
    if git:
        command = [git, "log", "-1", "--format=%ct"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if result.returncode == 0:
            return result.stdout.strip()
    return str(int(time.time()))


def report(seconds: float) -> None:
    proven = [evidence.load(topic) for topic in topics()]
    checks = sum(each.checks for each in proven)
    listings = len({name for each in proven for name in each.files})
    pages = len(list((BUILD / "html").glob("*.html")))
    print(f"\n{pages} pages, {listings} files shown or used, {checks} checks, {seconds:.0f} s")
    for edition, product in EDITIONS.items():
        path = BUILD / edition / product
        print(f"  {path.relative_to(ROOT)}  {size_of(path.parent if edition == 'html' else path)}")


def size_of(path: Path) -> str:
    files = path.rglob("*") if path.is_dir() else [path]
    return f"{sum(file.stat().st_size for file in files if file.is_file()) / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
