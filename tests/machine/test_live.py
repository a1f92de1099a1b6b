"""The watch lives: it builds, tests and builds again, whatever is wrong, until Ctrl-C.

Then it ends whatever it is doing, with its server and the tests that it started.
"""

import contextlib
import http.client
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import pytest

from book._core.frameworks import ROOT
from book._tools import live, preview
from tests.harness.processes import ends
from tests.harness.sockets import SECONDS
from tests.machine import small_book

STUBBED = """
import sys
from book._tools import live
live.needed = lambda names: sys.argv[1:]
live.preview.build = lambda names: None
raise SystemExit(live.main([]))
"""
# In place of pytest: tests that do not end by themselves.
PYTEST = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("testing", flush=True)
signal.pause()
"""


MINUTES = 5 * 60
"""A machine that does much else takes its time; a watch that is dead ends the wait at once."""


@contextlib.contextmanager
def watching(folder, *command, path=ROOT):
    """A watch in a process group of its own, of which nobody is left in the end."""
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(MINUTES, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            yield process
            assert ends(-process.pid)
        finally:
            watchdog.cancel()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def stubbed(tmp_path, *topics):
    """A watch that builds nothing, and whose tests do not end."""
    (tmp_path / "pytest.py").write_text(PYTEST)
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    return watching(ROOT, "-c", STUBBED, *topics, path=path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_watch_and_frees_the_port(tmp_path, number):
    with stubbed(tmp_path) as process:
        assert process.stdout.readline() == "Building all chapters …\n"
        assert process.stdout.readline() == "\n"
        address = urlsplit(process.stdout.readline().split()[0])
        socket.create_connection((address.hostname, address.port), SECONDS).close()
        os.killpg(process.pid, number)
        assert process.stdout.read() == ""
        assert process.wait(SECONDS) == 0
    with socket.create_server((address.hostname, address.port)):
        pass


def test_ctrl_c_ends_the_tests_too(tmp_path):
    with stubbed(tmp_path, "untested") as process:
        assert process.stdout.readline().startswith("First the tests of untested, which have not")
        assert process.stdout.readline() == "testing\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == ""
        assert process.wait(SECONDS) == 0


def test_what_goes_wrong_in_a_build_does_not_end_the_watch_but_ctrl_c_does(monkeypatch, capsys):
    monkeypatch.setattr(preview, "Sphinx", lambda *args, **options: live.stop())
    with pytest.raises(KeyboardInterrupt):
        preview.build(["trust"])
    monkeypatch.setattr(preview, "Sphinx", lambda *args, **options: 1 / 0)
    assert not preview.build(["trust"])
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_chapter_that_is_not_there_is_named(capsys):
    assert live.main(["routnig"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("no chapter is called 'routnig'. Did you mean 'routing'? There are: ")


class Watch:
    """A watch over a small real book, and what it says."""

    def __init__(self, process, folder):
        self.process = process
        self.folder = folder
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def until(self, words, saved=None):
        """All that is said until a line has these words.

        A watch that has just said its address may not see yet what is `saved`: once more, then.
        """
        said = ""
        while words not in said:
            try:
                line = self.lines.get(timeout=SECONDS if saved and not said else MINUTES)
            except queue.Empty:
                assert saved, f"no {words!r} after:\n{said}"
                saved.touch()
                continue
            assert line is not None, f"the watch ended before {words!r}, after:\n{said}"
            said += line
        return said

    def save(self, name, old, new, words):
        """Save a change and wait for what is said of it."""
        small_book.change(self.folder, [[name, old, new]])
        return self.until(words, self.folder / name)


def get(address, path):
    """The answer of the watch's server, as it comes."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=SECONDS)
    connection.request("GET", path)
    return connection.getresponse()


@pytest.fixture
def book(tmp_path):
    return small_book.add(small_book.make(tmp_path), "sample", "other")


def test_the_watch_goes_on_whatever_is_saved(book):
    page, snippet = "book/sample.md", "snippets/flask/sample.py"
    with watching(book, "-m", "book._tools.live", "sample", path="") as process:
        watch = Watch(process, book)
        said = watch.until("(Ctrl-C ends)")
        assert "First the tests of sample, which have not run" in said
        assert "other" not in said
        address = urlsplit(said.split()[-3])
        shown = get(address, address.path).read().decode()
        assert "show_book" in shown
        assert preview.SCRIPT in shown
        news = get(address, preview.RELOAD)

        said = watch.save(page, "compare} first-region", "compare} regoin", "not built")
        assert "no region 'regoin' in snippets/flask/sample.py" in said
        assert "Traceback" not in said
        said = watch.save(page, "question: What", "question: What: is", "not built")
        assert "book/sample.md:2: the front matter is no YAML" in said
        assert "Traceback" not in said
        watch.save(page, "question: What: is", "question: What", "not built")
        watch.save(page, "compare} regoin", "compare} first-region", "built, ")
        assert news.readline() == b"data: built\n"

        said = watch.save(snippet, '"Dune"', '"Tune"', "red: the page stays as it was")
        assert "sample.py changed" in said
        said = watch.save(snippet, '"Tune"', '"Dune"', "built, ")
        assert "passed" in said

        helper = "tests/harness/clients.py"
        said = watch.save(helper, "import contextlib\n", "import contextlib  # saved\n", "built, ")
        assert "clients.py changed" in said
        assert "passed" in said
        assert "not built" not in said
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(SECONDS) == 0


def test_the_published_page_does_not_reload(book):
    result = small_book.run(book, "pytest", "-q", "--topic=sample", "--topic=other")
    assert result.returncode == 0, result.stdout
    made = small_book.run(book, "sphinx", "-b", "html", "-W", "-q", "-c", ".", "book", "out")
    assert (made.returncode, made.stderr) == (0, "")
    for path in (book / "out").glob("*.html"):
        assert preview.RELOAD not in path.read_text("utf-8")
