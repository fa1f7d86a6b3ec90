"""With this module one can put a slow link before a server: a relay on this machine that delays each direction.

    with slow_link(address, 0.1) as link:  # there and back takes 200 ms
        page.goto(link.address)
        link.delay_s = 0  # from now on, what comes is handed on at once

The link is late, not narrow: pieces that follow each other closely arrive as closely, and in their order.
"""

import asyncio
import contextlib
import threading
from urllib.parse import urlsplit

PIECE = 2**16


@contextlib.contextmanager
def slow_link(address, delay_s):
    """Listen on a port of this machine until the end of the block; yields the link to the server at `address`."""
    link = _Link(urlsplit(address).port, delay_s)
    # In a thread, since the sync Playwright has a loop of its own running in this one.
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(link.listen(), loop).result()
        yield link
    finally:
        asyncio.run_coroutine_threadsafe(link.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Link:
    """A relay: `address` is where it listens, `delay_s` what each direction takes."""

    def __init__(self, port, delay_s):
        self.delay_s = delay_s
        self._port, self._joined = port, set()

    async def listen(self):
        self._listening = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    async def close(self):
        self._listening.close()
        joined = list(self._joined)
        for task in joined:
            task.cancel()
        await asyncio.gather(*joined)

    async def _join(self, reader, writer):
        """Join a connection of the browser with one of its own to the server, until either of them ends."""
        task = asyncio.current_task()
        self._joined.add(task)
        writers = [writer]
        # Either side may hang up at any time.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
            writers.append(far_writer)
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))
        self._joined.discard(task)
        for end in writers:
            end.close()

    async def _carry(self, reader, writer):
        """Hand on what comes, each piece so long after it came; the end, too."""
        pieces = asyncio.Queue()
        await asyncio.gather(self._take(reader, pieces), self._hand_on(pieces, writer))

    async def _take(self, reader, pieces):
        piece = None
        while piece != b"":
            piece = await reader.read(PIECE)
            pieces.put_nowait((asyncio.get_running_loop().time() + self.delay_s, piece))

    async def _hand_on(self, pieces, writer):
        piece = None
        while piece != b"":
            due, piece = await pieces.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
