"""Outbox to sink, on a clock that is pushed: outages, pauses and refusals."""

import asyncio
from datetime import timedelta

from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.incident import short_id
from logwatchd.domain.notice import CardNotice, Notice, Receipt, TextKind, TextNotice
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.errors import (
    RejectedError,
    ThrottledError,
    UnauthorizedError,
)
from logwatchd.pipeline.deliver import Courier
from logwatchd.pipeline.health import Health
from logwatchd.ports import Batch
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.notices import an_event
from tests.fakes.sink import FakeSink

HOUR = timedelta(hours=1)


async def record(store: SqliteStore, word: str, *, times: int = 1) -> None:
    """Record a critical problem, so many times."""
    verdict = Verdict("r", Severity.CRITICAL, Category.OTHER, Tell.AT_ONCE)
    sighting = Sighting(an_event(message=word), verdict, f"v1:{word}", word)
    batch = Batch(
        path="/a.log",
        sightings=(sighting,) * times,
        position=Position(key="1", path="/a.log", device=1, inode=1, offset=1),
        tally=Tally(),
    )
    await store.record([batch], now=NOON)


async def carried(
    store: SqliteStore, peer: FakeSink, clock: FakeClock, *, for_: timedelta
) -> Courier:
    """Let a courier work for so long by its clock."""
    courier = Courier(peer, store, clock, Health(clock), asyncio.Event())
    end = clock.now() + for_
    draining = asyncio.Event()
    draining.set()  # it returns when nothing is due, instead of waiting by the real time
    while clock.now() < end:
        await courier.run(draining)
        clock.advance(seconds=1)
    return courier


async def test_an_outage_of_an_hour_loses_nothing_and_is_not_hammered() -> None:
    """Few attempts while it is down; minutes after it is back everything is told, once."""
    clock = FakeClock()
    peer = FakeSink(clock, down_until=HOUR)
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red", times=3)
        await record(store, "blue")
        await carried(store, peer, clock, for_=HOUR + timedelta(minutes=6))

        assert peer.attempts < 40
        cards = [each.incident for each in peer.told if isinstance(each, CardNotice)]
        assert sorted((each.template.untainted(), each.count) for each in cards) == [
            ("blue", 1),
            ("red", 3),
        ]
        assert (await store.standing()).outbox == {}


async def test_the_pause_a_peer_asks_for_holds_for_every_job() -> None:
    """Not only for the one that met it."""
    clock = FakeClock()
    pause = ThrottledError("peer: 429", destination="peer", retry_after=timedelta(seconds=40))
    peer = FakeSink(clock, pause, down_until=timedelta(0))
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red")
        await record(store, "blue")
        await carried(store, peer, clock, for_=timedelta(seconds=39))
        assert (peer.attempts, peer.told) == (1, [])

        courier = await carried(store, peer, clock, for_=timedelta(seconds=5))
        assert len(peer.told) == 2
        assert courier.attempts.delivered == 2


async def test_a_card_that_is_refused_is_told_of_in_plain_words_and_holds_up_nothing() -> None:
    """It is kept to be looked at, the next one is told, and people hear of the refused one."""
    clock = FakeClock()
    peer = FakeSink(clock, RejectedError("peer: no", destination="peer"), down_until=timedelta(0))
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red")
        await record(store, "blue")
        await carried(store, peer, clock, for_=timedelta(seconds=3))

        cards = [
            each.incident.template.untainted() for each in peer.told if isinstance(each, CardNotice)
        ]
        texts = [each for each in peer.told if isinstance(each, TextNotice)]
        assert cards == ["blue"]
        assert [each.kind for each in texts] == [TextKind.NOTICE_REFUSED]
        assert dict(texts[0].details)["problem"] == short_id("v1:red")
        assert (await store.standing()).outbox == {"peer": {"buried": 1}}


async def test_two_refused_cards_are_two_plain_notices() -> None:
    """The second one must not take the place of the first while both wait."""
    clock = FakeClock()
    refusals = [RejectedError("peer: no", destination="peer") for _ in range(2)]
    peer = FakeSink(clock, *refusals, down_until=timedelta(0))
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red")
        await record(store, "blue")
        await carried(store, peer, clock, for_=timedelta(seconds=3))

        texts = [dict(each.details) for each in peer.told if isinstance(each, TextNotice)]
        assert {each["problem"] for each in texts} == {short_id("v1:red"), short_id("v1:blue")}


async def test_a_refused_text_is_not_told_of_by_another_text() -> None:
    """Or a destination that takes nothing would be asked for ever."""
    clock = FakeClock()
    refusals = [RejectedError("peer: no", destination="peer") for _ in range(4)]
    peer = FakeSink(clock, *refusals, down_until=timedelta(0))
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red")
        await carried(store, peer, clock, for_=timedelta(seconds=5))

        assert peer.attempts == 2
        assert (await store.standing()).outbox == {"peer": {"buried": 2}}


async def test_people_hear_of_a_state_that_fails_though_the_outbox_is_empty() -> None:
    """With a full disk nothing gets into the outbox: they must be told past it, once each way."""
    clock = FakeClock()
    peer = FakeSink(clock, down_until=timedelta(0))
    health = Health(clock)
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        courier = Courier(peer, store, clock, health, asyncio.Event())
        draining = asyncio.Event()
        draining.set()
        health.problem("state", "state: database or disk is full")
        for _ in range(180):
            await courier.run(draining)
            clock.advance(seconds=1)
        kinds = [each.kind for each in peer.told if isinstance(each, TextNotice)]
        assert kinds == [TextKind.STATE_FAILING]

        health.clear("state")
        for _ in range(120):
            await courier.run(draining)
            clock.advance(seconds=1)
        kinds = [each.kind for each in peer.told if isinstance(each, TextNotice)]
        assert kinds == [TextKind.STATE_FAILING, TextKind.STATE_RECOVERED]


async def test_an_old_webhooks_refusal_does_not_close_the_new_one() -> None:
    """The configuration was changed while a request was on its way."""
    clock = FakeClock()
    gone = UnauthorizedError("peer: 404", destination="peer")
    old, new = (
        FakeSink(clock, gone, down_until=timedelta(0)),
        FakeSink(clock, down_until=timedelta(0)),
    )
    async with open_store(None, Policy(sinks=("peer",)), limits=Limits(), now=NOON) as store:
        await record(store, "red")
        courier = Courier(old, store, clock, Health(clock), asyncio.Event())
        real = old.post

        async def replaced_meanwhile(notice: Notice) -> Receipt:
            courier.replace(new)
            return await real(notice)

        old.post = replaced_meanwhile  # type: ignore[method-assign]
        draining = asyncio.Event()
        draining.set()
        await courier.run(draining)
        clock.advance(seconds=1)
        await courier.run(draining)

        assert len(new.told) == 1
