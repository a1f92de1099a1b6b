"""Whether a neighbour's request can begin while others wait, on a real server."""

from concurrent.futures import ThreadPoolExecutor

from tests.harness.sockets import eventually
from tests.topics.philosophy.served import WAITS


def heard(stack, path, *, requests=1):
    """Which of some requests, all of which wait, saw a neighbour's begin before they ended.

    The neighbour asks again and again until they are answered, so no clock has to say when.
    """
    with stack.client() as client, stack.client() as neighbour, ThreadPoolExecutor() as pool:
        neighbour.get("/ring")  # so the server is there
        before = stack.said().count(WAITS)
        waiting = [pool.submit(client.get, path) for _ in range(requests)]
        assert eventually(lambda: stack.said().count(WAITS) == before + requests)
        while not all(each.done() for each in waiting):
            assert neighbour.get("/ring").json() == {"rang": True}
        return [each.result().json()["rang"] for each in waiting]
