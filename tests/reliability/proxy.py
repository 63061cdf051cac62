"""A TCP proxy that swallows answers: the server has committed, the client never hears of it."""

import asyncio
import contextlib
import random
import threading


class Swallower(threading.Thread):
    """Passes bytes on to a port; of each answer, it swallows with the given chance all, and cuts."""

    def __init__(self, target: int, chance: float):
        super().__init__(daemon=True)
        self.target, self.chance, self.swallowed, self.port = target, chance, 0, 0
        self.dice, self.ready = random.Random(5), threading.Event()
        self.loop = asyncio.new_event_loop()
        self.start()
        self.ready.wait(10)

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.line, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(5)

    async def line(self, reader, writer) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self.onward(reader, back), self.answers(there, writer))

    async def onward(self, source, target) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                target.write(piece)
                await target.drain()
        target.close()

    async def answers(self, source, target) -> None:
        """An answer of this size comes in one piece; a swallowed one ends the connection."""
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if self.dice.random() < self.chance:
                    self.swallowed += 1
                    target.transport.abort()
                    return
                target.write(piece)
                await target.drain()
        target.close()
