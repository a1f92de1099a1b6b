"""Processes that tests start: whether they are gone, and what they meet on a full disk."""

import contextlib
import os
import resource

from tests.harness.sockets import eventually


def running(pid):
    """Whether a process is there; a negative number is a group."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid):
    """Whether a process, or with a negative number a group, is gone in time."""
    return eventually(lambda: not running(pid))


@contextlib.contextmanager
def full_disk(size):
    """No file may become longer than that; the kernel refuses it as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
