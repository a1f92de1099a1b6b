"""Whether two builds of one commit are the same, byte for byte."""

import hashlib
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path

from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Broken, Finding, NotBuilt, NotRun, Result


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
    """Build once more, from nothing, in a folder of its own, which is handed back."""
    folder = bench.work.absolute() / "again"
    shutil.rmtree(folder, ignore_errors=True)
    # The command comes from whoever calls this.
    if subprocess.run([*shlex.split(command), str(folder)], check=False).returncode:
        raise Broken(f"the second build failed: {command}")
    return folder


@gate("twice", bar="identical", beside=True)
def twice(bench: Bench) -> Result:
    """Two builds of one commit give the same PDF and EPUB."""
    if not bench.twice:
        raise NotRun("needs a second build: --twice")
    folder = built_again(bench, bench.twice)
    findings = [
        finding
        for kind, path in (("epub", bench.epub), ("pdf", bench.pdf))
        for finding in differences(path, folder / kind / path.name)
    ]
    return Result("different" if findings else "identical", findings)
