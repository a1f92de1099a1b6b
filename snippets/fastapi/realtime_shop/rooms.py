"""Who follows which book: in this process, or in all of them."""

import json
from asyncio import Queue, QueueFull, sleep
from contextlib import contextmanager, suppress

from redis.exceptions import RedisError


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
            yield inbox
        finally:
            self.inboxes[book_id].remove(inbox)

    def spread(self, book_id, message):
        for inbox in self.inboxes[book_id]:
            with suppress(QueueFull):  # who is too slow misses it
                inbox.put_nowait(message)

    async def publish(self, book_id, message):
        self.spread(book_id, message)
# endregion: rooms


# region: broker
class RedisRooms(Rooms):
    """Who follows which book, in all processes."""

    ready = False

    def __init__(self, books, redis):
        super().__init__(books)
        self.redis = redis

    async def publish(self, book_id, message):
        await self.redis.publish(f"book:{book_id}", json.dumps(message))

    async def listen(self):
        while True:
            with suppress(RedisError):
                await self.hear()
            self.ready = False
            await sleep(1)

    async def hear(self):
        async with self.redis.pubsub() as channel:
            await channel.psubscribe("book:*")
            async for event in channel.listen():
                if event["type"] == "psubscribe":
                    self.begin()
                else:
                    self.pass_on(event)

    def begin(self):
        self.ready = True
        for book_id in self.inboxes:  # who is here already has waited
            self.spread(book_id, {"type": "missed"})

    def pass_on(self, event):
        # Others may publish, too: no message ends this task.
        with suppress(ValueError, RecursionError, KeyError):
            book_id = int(event["channel"].removeprefix(b"book:"))
            self.spread(book_id, json.loads(event["data"]))
# endregion: broker
