"""What no test may do is refused: to reach another machine, or to write beside build/."""

import socket

import pytest

from book._core.frameworks import ROOT
from tests.harness.guards import Forbidden


@pytest.mark.parametrize("host", ["192.0.2.1", "127.example.org", b"localhost.example.org"])
def test_no_other_machine_is_reached_or_looked_up(host):
    with pytest.raises(Forbidden, match=r"only 127\.0\.0\.1 is allowed"):
        socket.create_connection((host, 80), timeout=1)


def test_no_other_machine_is_sent_to():
    with pytest.raises(Forbidden), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"", ("192.0.2.1", 53))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()


@pytest.mark.parametrize(
    "name", ["written", "snippets/written.py", "buildings/written", "conf.new"]
)
def test_nothing_is_written_beside_build(name):
    with pytest.raises(Forbidden, match=f"a test writes {name}; use tmp_path or build/"):
        (ROOT / name).write_text("")


def test_build_is_written_to():
    (ROOT / "build" / "written").write_text("")
    (ROOT / "build" / "written").unlink()
