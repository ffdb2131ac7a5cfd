"""Write to standard output without holding up anything else, however slow its reader is."""

import asyncio
import os
import queue
import select
import stat
import threading
from contextlib import suppress
from typing import Final

from logwatchd.errors import LogwatchdError

_Job = tuple[bytes, "asyncio.Future[None]"]


class PatientOutput:
    """Writes bytes to a descriptor, each call whole and in order.

    A thread does the writing, so that a reader who has stopped holds up only whoever waits for
    `write`: signals are still heard. The descriptor stays as it is; it may be shared with others.
    A process that ends does not wait for the thread.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._jobs: Final[queue.SimpleQueue[_Job]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="stdout", daemon=True)
        self._thread.start()

    async def write(self, data: bytes) -> None:
        """Write everything, and return when the system has taken it.

        Cancelled in mid-way, the bytes may still be written, or a part of them.

        Raises:
            BrokenPipeError: Nobody reads any more.
            LogwatchdError: It cannot be written for another reason, such as a full disk.
        """
        done = asyncio.get_running_loop().create_future()
        self._jobs.put((data, done))
        await done

    async def gone(self) -> None:
        """Wait until the reader of a pipe has gone; for ever, if it is no pipe.

        Raises:
            BrokenPipeError: It has.
        """
        loop = asyncio.get_running_loop()
        hung_up = asyncio.Event()
        if stat.S_ISFIFO(os.fstat(self._fd).st_mode):

            def look() -> None:
                if self._has_no_reader():
                    hung_up.set()
                loop.remove_reader(self._fd)  # else it could wake us all the time

            loop.add_reader(self._fd, look)
        try:
            await hung_up.wait()
            raise BrokenPipeError
        finally:
            with suppress(ValueError):
                loop.remove_reader(self._fd)

    def _has_no_reader(self) -> bool:
        asked = select.poll()
        asked.register(self._fd, 0)
        return any(event & select.POLLERR for _, event in asked.poll(0))

    def _work(self) -> None:
        while True:
            data, done = self._jobs.get()
            failure: Exception | None = None
            try:
                self._write(data)
            except BrokenPipeError as error:
                failure = error
            except OSError as error:
                failure = LogwatchdError(f"standard output: {error.strerror}")
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                done.get_loop().call_soon_threadsafe(_settle, done, failure)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:  # someone else made it non-blocking
                waiting = select.poll()
                waiting.register(self._fd, select.POLLOUT)
                waiting.poll()


def _settle(done: "asyncio.Future[None]", failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
