"""Shell transcripts and configuration in chapters are run and checked, like everything else.

A block that starts with ```console is a transcript: each `$ command` runs in a new folder
that holds the book's snippets, and what follows must be its output (`...` stands for any
text). Commands in a Markdown comment right above it (`% $ command`) run first, unseen.
A command that ends with `&` is a server: it runs until the block ends, and its output must appear
before the next command starts. Port 8000 then stands for a port that is free.
Configuration (toml, ini, json, yaml) must parse.

Sybil finds the blocks; running a shell is ours, as it has no evaluator for transcripts.
"""

import configparser
import contextlib
import doctest
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser

from book._core.frameworks import FRAMEWORKS, ROOT

SECONDS = 60


def run(command: str, folder: Path, topic: str) -> str:
    """What a shell command of a chapter prints, standard error included."""
    result = subprocess.run(  # noqa: S602 (a transcript is what a reader types into a shell)
        command,
        shell=True,
        cwd=folder,
        env=environment(folder, topic),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
    )
    return result.stdout


@contextlib.contextmanager
def started(command: str, folder: Path, topic: str) -> Iterator[Path]:
    """A command that runs until this ends, with what it has started; gives the file it prints to."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S602 (a transcript is what a reader types into a shell)
            command,
            shell=True,
            cwd=folder,
            env=environment(folder, topic),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield log
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(SECONDS)


def printed_in_time(log: Path, expected: str) -> str:
    """What a server has printed: as soon as it is what the page shows, or when time is up."""
    end = time.monotonic() + SECONDS
    while True:
        printed = tidy(log.read_text("utf-8"))
        if matches(expected, printed) or time.monotonic() > end:
            return printed
        time.sleep(0.05)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def environment(folder: Path, topic: str) -> dict[str, str]:
    """A clean environment: this Python first, every warning an error, data in `folder`.

    Django's project has the apps of this topic alone: no transcript depends on another's files.
    """
    kept = ("HOME", "LANG", "SYSTEMROOT", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "error",
        "DATABASE_URL": f"sqlite:///{folder}/bookshop.sqlite3",
        "TOPICS": topic if FRAMEWORKS["django"].snippet(topic).exists() else "",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }


def steps(transcript: str) -> list[tuple[str, str]]:
    """The commands of a transcript, each with the output that should follow."""
    found: list[tuple[str, list[str]]] = []
    for line in transcript.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and line.startswith("> ") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            raise AssertionError(f"a transcript starts with '$ command', not with '{line}'")
    return [(command, "\n".join(output).strip("\n")) for command, output in found]


def check_transcript(example):
    """Sybil evaluator: run the commands, compare what they print."""
    hidden = hidden_commands(example.document.text, example.start)
    transcript = example.parsed
    if any(command.endswith(" &") for command, _ in steps(transcript)):
        transcript = re.sub(r"\b8000\b", free_port(), transcript)
    with contextlib.ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="transcript-"))
        folder = Path(name)
        (folder / "snippets").symlink_to(ROOT / "snippets")
        topic = Path(example.path).stem
        for command in hidden:
            run(command, folder, topic)
        for command, expected in steps(transcript):
            if command.endswith(" &"):
                log = stack.enter_context(started(command.removesuffix(" &"), folder, topic))
                printed = printed_in_time(log, expected)
            else:
                printed = tidy(run(command, folder, topic))
            if not matches(expected, printed):
                raise AssertionError(
                    f"$ {command}\nprints\n{printed}\nbut the page shows\n{expected}"
                )


def tidy(text: str) -> str:
    """Output as a page shows it: no colours, no trailing blanks."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def matches(expected: str, printed: str) -> bool:
    """Whether the page's text is the output; a line or word `...` stands for anything."""
    return doctest.OutputChecker().check_output(f"{expected}\n", f"{printed}\n", doctest.ELLIPSIS)


def hidden_commands(text: str, start: int) -> list[str]:
    """The `% $ command` lines directly above a block."""
    found: list[str] = []
    for line in reversed(text[:start].rstrip("\n").splitlines()):
        if not line.startswith("% $ "):
            break
        found.insert(0, line[4:])
    return found


PARSERS: dict[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "json": json.loads,
    "yaml": yaml.safe_load,
    "ini": lambda text: configparser.ConfigParser(interpolation=None).read_string(text),
}


def check_configuration(language):
    """A Sybil evaluator: the text is what its language says."""
    return lambda example: PARSERS[language](example.parsed) and None


collect_chapter = Sybil(
    path=str(ROOT / "book"),
    patterns=["*.md"],
    parsers=[
        CodeBlockParser("console", evaluator=check_transcript),
        *(CodeBlockParser(name, evaluator=check_configuration(name)) for name in PARSERS),
    ],
).pytest()
