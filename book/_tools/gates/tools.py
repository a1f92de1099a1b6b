"""The programs that gates need from outside: Chromium, Java, Node and packages from npm."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from book._tools.gates.outcome import Broken, NotRun

PACKAGE = Path(__file__).with_name("package.json")
# The programs, and the Debian packages that have them.
DEBIAN = {
    "java": "default-jre-headless",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium-headless-shell",
}
# The one without a window needs a third of the time for a page.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A browser without a window does not measure its line, and then fetches images that are three
    # screens away. So it is told what a browser on a good line does.
    "--blink-settings=lazyLoadingImageMarginPxUnknown=1250",
]
# Two gates at a time may need npm's packages.
INSTALLING = threading.Lock()
# Browsers come from the system, never from a package's install script.
NO_DOWNLOADS = {
    "PUPPETEER_SKIP_DOWNLOAD": "1",
    "PUPPETEER_SKIP_CHROMIUM_DOWNLOAD": "1",
    "ELECTRON_SKIP_BINARY_DOWNLOAD": "1",
    "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1",
}


def install_missing(work: Path) -> None:
    """Install the Debian packages of missing programs, or say loudly why that cannot be."""
    missing = [name for name in DEBIAN if not found(name)]
    if not missing:
        return
    packages = " ".join(DEBIAN[name] for name in missing)
    if not (shutil.which("apt-get") and is_root()):
        print(f"!! Not installed: {packages}. That needs apt-get and root; their gates are red.")
        return
    print(f"Installing {packages} …", flush=True)
    apt_get(work, "update")
    for name in missing:
        if not found(name):  # some packages of Node bring npm with them, and bear no other
            apt_get(work, "install", "--yes", "--no-install-recommends", DEBIAN[name])


def apt_get(work: Path, *arguments: str) -> None:
    """Run apt-get without questions; a failure is told, and the gates tell what it means."""
    done = run(
        ["apt-get", "-qq", *arguments],
        work=work,
        timeout=600,
        environment={"DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode:
        print(f"!! apt-get {' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")


def is_root() -> bool:
    """Whether this process may install packages (never on Windows)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def found(name: str) -> str | None:
    """Where a program is. $CHROMIUM may name the browser."""
    if name != "chromium":
        return shutil.which(name)
    named = os.environ.get("CHROMIUM")
    paths = map(shutil.which, [named] if named else BROWSERS)
    return next((path for path in paths if path), None)


def program(name: str) -> str:
    """Where a program is, or NotRun that names the Debian package which has it."""
    if path := found(name):
        return path
    asked = os.environ.get("CHROMIUM", name) if name == "chromium" else name
    raise NotRun(f"{asked} is not installed (Debian package: {DEBIAN[name]})")


def npm_packages(work: Path) -> Path:
    """The folder node_modules with the packages of package.json, installed if need be."""
    with INSTALLING:
        return _npm_packages(work)


def _npm_packages(work: Path) -> Path:
    modules, stamp = work / "node_modules", work / "package.json"
    wanted = PACKAGE.read_text(encoding="utf-8")
    if modules.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return modules
    npm = program("npm")
    work.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="utf-8")
    done = run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"],
        work=work,
        timeout=600,
        environment=NO_DOWNLOADS,
    )
    if done.returncode:
        stamp.unlink()
        raise NotRun(f"npm install failed: {done.stderr.strip()[-500:]}")
    return modules


def home(work: Path) -> dict[str, str]:
    """Environment in which programs keep their settings and logs in the work folder."""
    path = work.absolute() / "home"
    path.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(path)} | {
        f"XDG_{kind}_HOME": str(path / kind.lower())
        for kind in ("CACHE", "CONFIG", "DATA", "STATE")
    }


def run(
    command: list[str], *, work: Path, timeout: float, environment: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    """Run a program in the work folder, without colours in what it says."""
    work.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        command,
        cwd=work,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Broken(f"{Path(command[0]).name} took longer than {timeout:.0f} s") from error
    finally:
        end(process)
    out, err = (COLOUR.sub("", text) for text in said)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def end(process: subprocess.Popen[str]) -> None:
    """End a program together with the browsers that it started and may have left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
