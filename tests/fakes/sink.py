"""A sink that answers as the time says."""

from datetime import timedelta

from logwatchd.domain.notice import Notice, Receipt
from logwatchd.errors import DeliveryError, TransientError
from tests.fakes.clock import NOON, FakeClock


class FakeSink:
    """Remembers what it was told; kept honest by `tests/contract/test_sinks.py`.

    Args:
        clock: The time.
        answers: Errors to answer with first, one for each attempt.
        down_until: How long after noon it is down.
    """

    name = "peer"

    def __init__(
        self,
        clock: FakeClock,
        *answers: DeliveryError,
        down_until: timedelta = timedelta(0),
    ) -> None:
        self._clock = clock
        self._answers = list(answers)
        self._back_at = NOON + down_until
        self.attempts = 0
        self.told: list[Notice] = []

    async def post(self, notice: Notice) -> Receipt:
        """See `ports.Sink`."""
        self.attempts += 1
        if self._clock.now() < self._back_at:
            raise TransientError("peer: down", destination=self.name)
        if self._answers:
            raise self._answers.pop(0)
        self.told.append(notice)
        return Receipt(f"m{len(self.told)}", self._clock.now())

    async def edit(self, notice: Notice, receipt: Receipt) -> Receipt:
        """See `ports.Sink`."""
        await self.post(notice)
        return receipt

    async def probe(self) -> str:
        """See `ports.Sink`."""
        return "peer"
