"""One place where a wrapper sleeps: signals and the pump's file descriptors wake it. Built-in modules only."""

import _signal as signal  # type: ignore[import-not-found]
import os
import select
import time
from types import FrameType

from swarmctl.edges.shell.pump import Pump


def noted(number: int, frame: FrameType | None) -> None:
    """The number arrives through the wake-up pipe."""


class Signals:
    NUMBERS = (signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)

    def __init__(self) -> None:
        self.reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writer)
        for number in self.NUMBERS:
            signal.signal(number, noted)

    def wait(self, until: float, pump: Pump | None) -> list[int]:
        """The signals that came; empty when only the pump worked or the time is over."""
        poll = select.poll()
        poll.register(self.reader, select.POLLIN)
        for fd, events in pump.wants() if pump else ():
            poll.register(fd, events)
        left = until - time.monotonic()
        ready = poll.poll(None if left == float("inf") else max(0, left) * 1000 + 1)
        for fd, _ in ready:
            if fd != self.reader and pump:
                pump.work(fd)
        try:
            return list(os.read(self.reader, 512))
        except BlockingIOError:
            return []
