"""What the small applications have in common on which nothing is configured.

There is one in each framework, in a file of its own: a real server imports no more than it needs.
The one that it serves has a last handler, which gives the framework's own answer, logs or fails.
"""

import logging

SECRET = "not-for-strangers"
MESSAGE = "There is no book called nemo."


def fail():
    """What nobody has foreseen: its message, and a local variable, hold a secret."""
    password = SECRET
    raise ConnectionError(f"amqp://shop:{password}@supplier does not answer")


class Fragile(Exception):
    """The last handler fails at this one."""


class FragileConnection(Fragile, ConnectionError):
    """The same, and an OSError."""


class Noted(Exception):
    """The last handler logs this one."""


def handle(error):
    if isinstance(error, Noted):
        logging.getLogger("shop").error("The last handler was asked.", exc_info=error)
    if isinstance(error, Fragile):
        raise type(error)(SECRET)


def lines():
    """A stream that breaks off in its middle."""
    yield "Dune\n" * 2000
    raise RuntimeError("the rest is missing")
