"""A proposal over the world: who answers, and where aliases cross the border."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from deliverability.core.names import DomainName
from deliverability.core.plan import KnownSource, LiveSourceLike
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, NoData, NoName, Question
from deliverability.sources.overlay import OFFLINE, KnownOverlay, LiveOverlay, Overlay
from deliverability.sources.snapshot import Snapshot
from deliverability.sources.table import TableSource
from deliverability.sources.zone import ZoneSource

WORLD: Mapping[str, Any] = {
    "empresa.example/TXT": ["v=spf1 ip4:192.0.2.1 -all"],
    "empresa.example/MX": ["10 mx.empresa.example."],
    "mx.empresa.example/A": ["192.0.2.1"],
    "old.empresa.example/TXT": ["old"],
    "provider.example/TXT": ["v=spf1 ip4:198.51.100.0/24 -all"],
    "shop.example/CNAME": ["old.empresa.example."],
    "blog.example/CNAME": ["new.empresa.example."],
    "down.example/TXT": {"fault": "timeout"},
}
WHOLE = ZoneSource.from_text(
    """
    $ORIGIN empresa.example.
    @ SOA ns hostmaster 1 2 3 4 60
    @ TXT "v=spf1 include:provider.example -all"
    @ MX 10 mx
    mx A 192.0.2.2
    new TXT "new"
    out CNAME provider.example.
    far CNAME shop.example.
    """
)
LIST = ZoneSource.from_text('empresa.example. TXT "v=spf1 -all"\n_dmarc.empresa.example. TXT "v=DMARC1; p=reject"\n')


class Waiting:
    """A known source that has to be awaited, as the live DNS has."""

    def __init__(self, below: KnownSource) -> None:
        self.below = below
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        await asyncio.sleep(0)
        return self.below.answer(question)


def both(top: KnownSource, name: str, record_type: str) -> Answer:
    """The answer of the overlay over a known world; that over a live one has to be the same."""
    question = DnsQuestion(DomainName(name), record_type)  # type: ignore[arg-type]
    known = Overlay(top, TableSource(WORLD))
    live = Overlay(top, Waiting(TableSource(WORLD)))
    assert isinstance(known, KnownOverlay)
    assert isinstance(live, LiveOverlay)
    got = known.answer(question)
    assert asyncio.run(live.ask(question)) == got
    return got


def txt(text: str, ttl: int = 3600, aliases: tuple[str, ...] = ()) -> Found:
    return Found(((text.encode(),),), ttl, tuple(DomainName(alias) for alias in aliases))


def test_a_whole_zone_hides_what_is_published_under_it() -> None:
    assert both(WHOLE, "empresa.example", "TXT") == txt("v=spf1 include:provider.example -all")
    assert both(WHOLE, "old.empresa.example", "TXT") == NoName(60)
    assert both(WHOLE, "mx.empresa.example", "TXT") == NoData(60)
    assert both(WHOLE, "provider.example", "TXT") == txt("v=spf1 ip4:198.51.100.0/24 -all")
    assert both(WHOLE, "nowhere.example", "TXT") == NoName(3600)


def test_a_list_replaces_what_it_lists() -> None:
    assert both(LIST, "empresa.example", "TXT") == txt("v=spf1 -all")
    assert both(LIST, "_dmarc.empresa.example", "TXT") == txt("v=DMARC1; p=reject")
    assert isinstance(both(LIST, "empresa.example", "MX"), Found)
    assert both(LIST, "old.empresa.example", "TXT") == txt("old")


def test_an_alias_out_of_the_proposal_is_followed_below() -> None:
    way = ("provider.example",)
    assert both(WHOLE, "out.empresa.example", "TXT") == txt("v=spf1 ip4:198.51.100.0/24 -all", aliases=way)
    assert both(WHOLE, "out.empresa.example", "CNAME") == Found(way, 3600)


def test_an_alias_into_the_proposal_leads_to_the_proposed_record() -> None:
    assert both(WHOLE, "shop.example", "TXT") == NoName(60, ("old.empresa.example",))
    assert both(WHOLE, "blog.example", "TXT") == txt("new", aliases=("new.empresa.example",))
    way = ("shop.example", "old.empresa.example")
    assert both(WHOLE, "far.empresa.example", "TXT") == NoName(60, way)


def test_trouble_below_stays_trouble() -> None:
    got = both(WHOLE, "down.example", "TXT")

    assert isinstance(got, Failed)
    assert got.kind is FailureKind.TIMEOUT


def test_zones_over_zones_follow_each_other() -> None:
    other = ZoneSource.from_text(
        "$ORIGIN provider.example.\n@ SOA a b 1 2 3 4 5\n@ TXT two\nback CNAME new.empresa.example.\n"
    )
    source = Overlay(WHOLE, Overlay(other, OFFLINE))
    reverse = Overlay(other, Overlay(WHOLE, OFFLINE))
    for overlay in (source, reverse):
        assert overlay.answer(DnsQuestion(DomainName("out.empresa.example"), "TXT")) == txt(
            "two", aliases=("provider.example",)
        )
        assert overlay.answer(DnsQuestion(DomainName("back.provider.example"), "TXT")) == txt(
            "new", aliases=("new.empresa.example",)
        )
        outside = overlay.answer(DnsQuestion(DomainName("elsewhere.example"), "TXT"))
        assert isinstance(outside, Failed)
        assert outside.kind is FailureKind.OFFLINE


@pytest.mark.parametrize("record_type", ["TXT", "A"])
def test_a_circle_across_the_border_ends(record_type: str) -> None:
    top = ZoneSource.from_text("$ORIGIN a.example.\n@ SOA a b 1 2 3 4 5\nx CNAME x.b.example.\n")
    below = ZoneSource.from_text("$ORIGIN b.example.\n@ SOA a b 1 2 3 4 5\nx CNAME x.a.example.\n")
    for name in ("x.a.example", "x.b.example"):
        got = Overlay(top, below).answer(DnsQuestion(DomainName(name), record_type))  # type: ignore[arg-type]
        assert isinstance(got, Failed)
        assert got.kind is FailureKind.LOOP


def test_a_long_way_across_the_border_ends() -> None:
    top = ZoneSource.from_text(
        "$ORIGIN a.example.\n@ SOA a b 1 2 3 4 5\n" + "".join(f"x{n} CNAME x{n}.b.example.\n" for n in range(30))
    )
    below = ZoneSource.from_text(
        "$ORIGIN b.example.\n@ SOA a b 1 2 3 4 5\n" + "".join(f"x{n} CNAME x{n + 1}.a.example.\n" for n in range(30))
    )
    got = Overlay(top, below).answer(DnsQuestion(DomainName("x0.a.example"), "TXT"))

    assert isinstance(got, Failed)
    assert got.kind is FailureKind.LOOP


def test_other_sources_can_lie_on_top() -> None:
    question = DnsQuestion(DomainName("empresa.example"), "TXT")
    recorded = Snapshot({question: txt("recorded")})

    assert Overlay(recorded, TableSource(WORLD)).answer(question) == txt("recorded")
    assert isinstance(Overlay(TableSource({}, open=True), TableSource(WORLD)).answer(question), Found)


def test_below_is_asked_only_for_what_the_proposal_does_not_know() -> None:
    below = Waiting(TableSource(WORLD))
    overlay = Overlay(WHOLE, below)
    question = DnsQuestion(DomainName("empresa.example"), "TXT")
    asyncio.run(overlay.ask(question))
    assert below.asked == []
    asyncio.run(overlay.ask(question._replace(name=DomainName("provider.example"))))
    assert len(below.asked) == 1


def test_offline_knows_nothing() -> None:
    got = OFFLINE.answer(DnsQuestion(DomainName("empresa.example"), "TXT"))

    assert isinstance(got, Failed)
    assert got.kind is FailureKind.OFFLINE
    assert isinstance(OFFLINE, KnownSource)
    assert not isinstance(Overlay(WHOLE, Waiting(OFFLINE)), KnownSource)
    assert isinstance(Overlay(WHOLE, Waiting(OFFLINE)), LiveSourceLike)
