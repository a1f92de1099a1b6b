"""Who follows which book: in this process, or in all of them."""

import json
from contextlib import contextmanager, suppress
from queue import Full, Queue
from threading import Thread
from time import sleep

from redis import Redis, RedisError


# region: rooms
class Rooms:
    """Who follows which book, in this process alone."""

    ready = True

    def __init__(self, books):
        self.inboxes = {book_id: set() for book_id in books}

    @contextmanager
    def join(self, book_id):
        inbox = Queue(maxsize=100)
        self.inboxes[book_id].add(inbox)
        try:
            yield iter(inbox.get, None)
        finally:
            self.inboxes[book_id].remove(inbox)
            inbox.put(None)  # ends the iterator

    def spread(self, book_id, message):
        # A copy, since other threads join and leave meanwhile.
        for inbox in list(self.inboxes[book_id]):
            with suppress(Full):  # who is too slow misses it
                inbox.put_nowait(message)

    def publish(self, book_id, message):
        self.spread(book_id, message)
# endregion: rooms


# region: broker
class RedisRooms(Rooms):
    """Who follows which book, in all processes."""

    ready = False

    def __init__(self, books, url):
        super().__init__(books)
        self.redis = Redis.from_url(url)
        Thread(target=self.listen, daemon=True).start()

    def publish(self, book_id, message):
        self.redis.publish(f"book:{book_id}", json.dumps(message))

    def listen(self):
        while True:
            with suppress(RedisError):
                self.hear()
            self.ready = False
            sleep(1)

    def hear(self):
        with self.redis.pubsub() as channel:
            channel.psubscribe("book:*")
            for event in channel.listen():
                if event["type"] == "psubscribe":
                    self.begin()
                else:
                    self.pass_on(event)

    def begin(self):
        self.ready = True
        for book_id in self.inboxes:  # who is here already has waited
            self.spread(book_id, {"type": "missed"})

    def pass_on(self, event):
        # Others may publish, too: no message ends this thread.
        with suppress(ValueError, RecursionError, KeyError):
            book_id = int(event["channel"].removeprefix(b"book:"))
            self.spread(book_id, json.loads(event["data"]))
# endregion: broker
