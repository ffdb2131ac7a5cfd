"""Tell systemd how the daemon is (sd_notify(3)). Silent where systemd did not ask."""

import socket
from collections.abc import Mapping
from typing import Final

_STATUS_LIMIT: Final = 512


class Notifier:
    """Sends state changes to the socket that systemd named; never raises.

    Ours, because it is a few lines and the packages for it are unmaintained or need libsystemd
    (`docs/decisions/0002-dependencies.md`).
    """

    def __init__(self, address: str, watchdog_usec: int = 0) -> None:
        """Prepare.

        Args:
            address: Value of `NOTIFY_SOCKET`, or "" when systemd did not ask.
            watchdog_usec: Value of `WATCHDOG_USEC`, or 0 when there is no watchdog.
        """
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_seconds = watchdog_usec / 2_000_000
        """How often to say that we live: half of what systemd allows; 0 for never."""

    def ready(self) -> None:
        """Say that the daemon works."""
        self._send({"READY": "1"})

    def reloading(self, monotonic_usec: int) -> None:
        """Say that the configuration is being read again; `ready` ends it."""
        self._send({"RELOADING": "1", "MONOTONIC_USEC": str(monotonic_usec)})

    def stopping(self) -> None:
        """Say that the daemon is about to end."""
        self._send({"STOPPING": "1"})

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send({"WATCHDOG": "1"})

    def status(self, text: str) -> None:
        """Set the line that `systemctl status` shows."""
        self._send({"STATUS": " ".join(text.split())[:_STATUS_LIMIT]})

    def _send(self, values: Mapping[str, str]) -> None:
        if not self._address:
            return
        text = "\n".join(f"{name}={value}" for name, value in values.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.settimeout(1.0)
                sock.sendto(text.encode(), self._address)
        except OSError:
            return  # systemd is gone or slow; there is nothing better to do
