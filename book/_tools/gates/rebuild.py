"""Whether two builds of one commit are the same, byte for byte."""

import hashlib
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path

from .bench import Bench
from .gate import Broken, Finding, NotBuilt, NotRun, Result, gate


def differences(first: Path, second: Path) -> list[Finding]:
    """Where two files differ; for archives, in which members."""
    for path in (first, second):
        if not path.is_file():
            raise NotBuilt(path)
    one, two = first.read_bytes(), second.read_bytes()
    if one == two:
        return []
    if zipfile.is_zipfile(first) and zipfile.is_zipfile(second):
        if members := differing_members(first, second):
            return [Finding(first.name, member, "differs") for member in members]
        return [Finding(first.name, "", "same members, different archives (times, order)")]
    at = next(
        (i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b),
        min(len(one), len(two)),
    )
    near = one[max(0, at - 40) : at + 40], two[max(0, at - 40) : at + 40]
    return [Finding(first.name, f"byte {at}", f"{near[0]!r} became {near[1]!r}")]


def differing_members(first: Path, second: Path) -> list[str]:
    """Names of the members of two archives that are not the same in both."""
    found = []
    for path in (first, second):
        with zipfile.ZipFile(path) as archive:
            found.append(
                {name: hashlib.sha256(archive.read(name)).digest() for name in archive.namelist()}
            )
    names = sorted(found[0].keys() | found[1].keys())
    return [name for name in names if found[0].get(name) != found[1].get(name)]


def built_again(bench: Bench, command: str) -> Path:
    """Build once more, from nothing; gives the folder where the first outputs were kept."""
    kept = bench.work / "first"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    for path in (bench.epub, bench.pdf):
        if not path.is_file():
            raise NotBuilt(path)
        shutil.copy2(path, kept)
    # What one build remembers could hide a difference from the next.
    shutil.rmtree(bench.work.parent / "doctrees", ignore_errors=True)
    # The command comes from whoever calls this.
    if subprocess.run(shlex.split(command), check=False).returncode:
        raise Broken(f"the second build failed: {command}")
    return kept


@gate("twice", bar="identical")
def twice(bench: Bench) -> Result:
    """Two builds of one commit give the same PDF and EPUB."""
    if not bench.twice:
        raise NotRun("needs a second build: --twice")
    kept = built_again(bench, bench.twice)
    findings = [
        finding
        for path in (bench.epub, bench.pdf)
        for finding in differences(kept / path.name, path)
    ]
    return Result("different" if findings else "identical", findings)
