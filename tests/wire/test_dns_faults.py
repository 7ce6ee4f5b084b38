"""The fault matrix: what a live source makes of each way in which DNS goes wrong, over real sockets on loopback.

Only NoName and NoData may ever mean "there is none"; every other trouble is a `Failed` of its own kind.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from deliverability.core.limits import Limits
from deliverability.core.names import DomainName, query_name
from deliverability.core.plan import ask, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, MxRecord, NoData, NoName
from deliverability.sources.drive import solve_async, solve_live
from deliverability.sources.live import LiveSource
from tests.support.faultdns import FaultServer

pytestmark = pytest.mark.wire

GOOD = ["v=spf1 -all"]
FAULTS = [
    "timeout",
    "servfail",
    "refused",
    "notimp",
    "formerr",
    "nxdomain",
    "nodata",
    "lame",
    "truncate",
    "truncate-tcp-refused",
    "truncate-partial",
    "drip",
    "wrongid",
    "wrongid-then-good",
    "wrongq",
    "garbage-long",
    "malformed",
    "no-edns",
    "drop-edns",
    "fail-first",
    "slow",
]
ZONE: dict[str, Any] = {
    **{f"{fault}.example/TXT": {"fault": fault, "answer": GOOD, "bad": ["v=bad"], "seconds": 1.7} for fault in FAULTS},
    "fail-servfail.example/TXT": {"fault": "fail-first", "how": "servfail", "answer": GOOD},
    "truncate-partial.example/TXT": {"fault": "truncate-partial", "answer": ["v=spf1 -all", "second"]},
    "good.example/TXT": GOOD,
    "good.example/MX": ["20 mx2.good.example.", "10 mx1.good.example.", "10 mx1.good.example."],
    "big.example/TXT": ["x" * 255 + str(number) for number in range(20)],
    "alias.example/CNAME": ["further.example."],
    "further.example/CNAME": ["good.example."],
    "dangling.example/CNAME": ["nowhere.example."],
    "empty.example/CNAME": ["mx-only.example."],
    "mx-only.example/MX": ["0 ."],
    "circle.example/CNAME": ["circle2.example."],
    "circle2.example/CNAME": ["circle.example."],
    **{f"c{number}.example/CNAME": [f"c{number + 1}.example."] for number in range(17)},
    "c17.example/TXT": GOOD,
    "onward.example/TXT": {"fault": "mixed", "rr": [["CNAME", ["good.example."]]]},
    "slipped.example/TXT": {
        "fault": "mixed",
        "rr": [["A", ["192.0.2.1"]], ["TXT", GOOD], ["MX", ["10 evil.example."]]],
    },
    "*.wild.example/TXT": ["v=spf1 ~all"],
    "twice.example/TXT": ["v=spf1 -all", "v=spf1 -all", "other"],
    "strings.example/TXT": [["v=spf1 ", "-all"]],
    "octets.example/TXT": [{"b64": "//4A"}],
    "types.example/A": ["192.0.2.2", "192.0.2.1"],
    "types.example/AAAA": ["2001:db8::1"],
    "types.example/NS": ["NS1.Types.example."],
    "types.example/SOA": ["ns1.types.example. host\\.master.types.example. 7 7200 3600 1209600 60"],
    "types.example/TLSA": ["3 1 1 " + "ab" * 32],
    "types.example/DS": ["12345 13 2 " + "cd" * 32],
    "types.example/SPF": GOOD,
    "1.2.0.192.in-addr.arpa/PTR": ["mail.good.example."],
}
QUESTIONS = [
    *(DnsQuestion(DomainName(key.partition("/")[0]), "TXT") for key in ZONE if key.endswith("/TXT")),
    *(DnsQuestion(DomainName(name), "TXT") for name in ("alias.example", "dangling.example", "empty.example")),
    *(DnsQuestion(DomainName(name), "TXT") for name in ("circle.example", "c0.example", "c1.example")),
    DnsQuestion(DomainName("any.deep.wild.example"), "TXT"),
    DnsQuestion(DomainName("deep.wild.example"), "MX"),
    DnsQuestion(DomainName("absent.example"), "TXT"),
    DnsQuestion(DomainName("good.example"), "MX"),
    DnsQuestion(DomainName("mx-only.example"), "MX"),
    DnsQuestion(DomainName("alias.example"), "CNAME"),
    *(DnsQuestion(DomainName("types.example"), kind) for kind in ("A", "AAAA", "NS", "SOA", "TLSA", "DS", "SPF")),
    DnsQuestion(DomainName("1.2.0.192.in-addr.arpa"), "PTR"),
]


@pytest.fixture(scope="module")
def scene() -> Iterator[tuple[dict[str, Answer], FaultServer, float]]:
    """All questions at once against one server: the slow ones cost their seconds only once."""
    with FaultServer(ZONE) as server:
        started = time.perf_counter()
        source = LiveSource([server.address])
        answers = asyncio.run(solve_async(gather(*(ask(q.name, q.type) for q in QUESTIONS)), source))
        yield dict(zip(map(str, QUESTIONS), answers, strict=True)), server, time.perf_counter() - started


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("timeout", FailureKind.TIMEOUT),
        ("servfail", FailureKind.SERVFAIL),
        ("refused", FailureKind.REFUSED),
        ("notimp", FailureKind.NOTIMP),
        ("formerr", FailureKind.NOTIMP),
        ("lame", FailureKind.LAME),
        ("truncate-tcp-refused", FailureKind.TRUNCATED),
        ("truncate-partial", FailureKind.TRUNCATED),
        ("drip", FailureKind.TIMEOUT),
        ("wrongid", FailureKind.TIMEOUT),
        ("wrongq", FailureKind.TIMEOUT),
        ("garbage-long", FailureKind.TIMEOUT),
        ("malformed", FailureKind.MALFORMED),
        ("fail-servfail", FailureKind.SERVFAIL),
    ],
)
def test_a_fault_that_leaves_no_answer(scene: Any, fault: str, kind: FailureKind) -> None:
    answers, server, _ = scene
    answer = answers[f"{fault}.example TXT"]

    assert isinstance(answer, Failed)
    assert answer.kind is kind
    assert server.address in answer.detail


@pytest.mark.parametrize("fault", ["truncate", "wrongid-then-good", "no-edns", "drop-edns", "fail-first", "slow"])
def test_a_fault_that_is_overcome(scene: Any, fault: str) -> None:
    answers, _, _ = scene

    assert answers[f"{fault}.example TXT"] == Found(((b"v=spf1 -all",),), 300)


def test_only_two_kinds_of_answer_are_absence(scene: Any) -> None:
    answers, _, _ = scene

    assert answers["nxdomain.example TXT"] == NoName(60)
    assert answers["absent.example TXT"] == NoName(60)
    assert answers["nodata.example TXT"] == NoData(60)
    absent = {question for question, answer in answers.items() if isinstance(answer, (NoData, NoName))}
    assert absent == {
        "nxdomain.example TXT",
        "absent.example TXT",
        "nodata.example TXT",
        "dangling.example TXT",
        "empty.example TXT",
        "deep.wild.example MX",
    }


def test_the_slowest_question_keeps_its_deadline(scene: Any) -> None:
    _, _, seconds = scene

    assert seconds < 8  # 5 s is the limit of one question; drip alone would take a minute


def test_aliases(scene: Any) -> None:
    answers, _, _ = scene

    assert answers["alias.example TXT"] == Found(((b"v=spf1 -all",),), 300, ("further.example", "good.example"))
    assert answers["alias.example CNAME"] == Found(("further.example",), 300)
    assert answers["dangling.example TXT"] == NoName(60, ("nowhere.example",))
    assert answers["empty.example TXT"] == NoData(60, ("mx-only.example",))
    assert answers["circle.example TXT"].kind is FailureKind.LOOP
    assert answers["c0.example TXT"].kind is FailureKind.LOOP
    assert isinstance(answers["c1.example TXT"], Found)
    assert len(answers["c1.example TXT"].aliases) == 16


def test_a_target_that_the_resolver_left_out_is_asked_for(scene: Any) -> None:
    answers, _, _ = scene

    assert answers["onward.example TXT"] == Found(((b"v=spf1 -all",),), 300, ("good.example",))


def test_only_records_of_the_asked_name_and_type_count(scene: Any) -> None:
    answers, _, _ = scene

    assert answers["slipped.example TXT"] == Found(((b"v=spf1 -all",),), 300)


def test_wildcards(scene: Any) -> None:
    answers, _, _ = scene

    assert answers["any.deep.wild.example TXT"] == Found(((b"v=spf1 ~all",),), 300)
    assert answers["deep.wild.example MX"] == NoData(60)


def test_every_record_type_is_read(scene: Any) -> None:
    answers, _, _ = scene
    records = {
        question: tuple(map(str, answer.records)) for question, answer in answers.items() if isinstance(answer, Found)
    }

    assert answers["good.example MX"].records == (MxRecord(10, "mx1.good.example"), MxRecord(20, "mx2.good.example"))
    assert answers["mx-only.example MX"].records == (MxRecord(0, DomainName("")),)
    assert answers["twice.example TXT"].records == ((b"other",), (b"v=spf1 -all",))
    assert answers["strings.example TXT"].records == ((b"v=spf1 ", b"-all"),)
    assert answers["octets.example TXT"].records == ((b"\xff\xfe\x00",),)
    assert len(answers["big.example TXT"].records) == 20
    assert records["types.example A"] == ("192.0.2.1", "192.0.2.2")
    assert records["types.example AAAA"] == ("2001:db8::1",)
    assert records["types.example NS"] == ("ns1.types.example",)
    assert answers["types.example SOA"].records[0].rname == "host\\046master.types.example"
    assert answers["types.example TLSA"].records == ((3, 1, 1, b"\xab" * 32),)
    assert answers["types.example DS"].records[0].text == "12345 13 2 " + "cd" * 32
    assert answers["types.example SPF"].records == ((b"v=spf1 -all",),)
    assert records["1.2.0.192.in-addr.arpa PTR"] == ("mail.good.example",)


def test_no_storm_of_queries(scene: Any) -> None:
    _, server, _ = scene

    assert server.queries("servfail.example") == server.queries("refused.example") == 1
    assert server.queries("lame.example") == server.queries("malformed.example") == 1
    assert server.queries("notimp.example") == 2  # with EDNS and without
    assert server.queries("timeout.example") == 6  # three tries, each repeated once
    assert server.queries("good.example") == 3  # TXT, MX, and TXT again for the alias the resolver left open


def test_queries_as_they_leave(scene: Any) -> None:
    _, server, _ = scene
    first = next(asked for asked in server.log if asked.name == "good.example")

    assert first.edns
    assert first.payload == 1232
    assert first.flags & 0x0100  # RD
    assert first.flags & 0x0020  # AD
    assert not first.flags & 0x0010  # CD
    udp = [asked for asked in server.log if asked.transport == "udp"]
    assert len({asked.port for asked in udp}) > len(QUESTIONS) * 0.8  # a new source port for each question
    assert len({asked.id for asked in udp}) > len(QUESTIONS) * 0.9


def test_checking_disabled_and_direct_questions() -> None:
    with FaultServer({"good.example/TXT": GOOD, "cut.example/TXT": {"fault": "lame"}}) as server:
        loopback = ip_address("127.0.0.1")
        source = LiveSource(["127.0.0.1#9"], direct_port=server.port)
        answers = solve_live(
            gather(
                ask(DomainName("good.example"), "TXT", server=loopback),
                ask(DomainName("good.example"), "TXT", checking_disabled=True, server=loopback),
                ask(DomainName("cut.example"), "TXT", server=loopback),
            ),
            source,
        )
        flags = sorted(asked.flags & 0x0110 for asked in server.log if asked.name == "good.example")

    assert answers[0] == answers[1] == Found(((b"v=spf1 -all",),), 300)
    assert isinstance(answers[2], Failed)
    assert flags == [0, 0x0010]  # never RD; CD once


def test_name_servers_asked_directly_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes, and its connection is closed."""
    monkeypatch.setattr("deliverability.sources.dns._DIRECT_SERVERS", 1)
    with FaultServer({"good.example/TXT": GOOD}) as server:

        async def scene() -> list[Answer]:
            async with LiveSource(["127.0.0.1#9"], direct_port=server.port, tcp_only=True) as source:
                question = DnsQuestion(DomainName("good.example"), "TXT", server=ip_address("127.0.0.1"))
                first = await source.ask(question)
                await source.ask(question._replace(server=ip_address("127.0.0.9")))  # nobody listens there
                source.clear()
                return [first, await source.ask(question)]

        assert asyncio.run(scene()) == [Found(((b"v=spf1 -all",),), 300)] * 2
        assert server.connections == 2


def test_a_closed_port_is_unreachable_at_once() -> None:
    with FaultServer({}) as server:
        port = server.port
    started = time.perf_counter()
    answer = solve_live(ask(DomainName("good.example"), "TXT"), LiveSource([f"127.0.0.1#{port}"]))

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.UNREACHABLE
    assert time.perf_counter() - started < 4


def test_the_next_server_is_asked_when_one_fails_or_is_silent() -> None:
    broken = {"a.example/TXT": {"fault": "servfail"}, "b.example/TXT": {"fault": "timeout"}, "d.example/TXT": GOOD}
    whole = {f"{name}.example/TXT": GOOD for name in "abcd"} | {"c.example/TXT": {"fault": "servfail"}}
    broken["c.example/TXT"] = {"fault": "refused"}
    with FaultServer(broken) as first, FaultServer(whole) as second:
        source = LiveSource([first.address, second.address])
        started = time.perf_counter()
        answers = solve_live(gather(*(ask(DomainName(f"{name}.example"), "TXT") for name in "abcd")), source)
        seconds = time.perf_counter() - started

        assert [isinstance(answer, Found) for answer in answers] == [True, True, False, True]
        assert answers[2].kind is FailureKind.REFUSED  # type: ignore[union-attr]
        assert first.queries("a.example") == second.queries("a.example") == 1
        assert first.queries("c.example") == second.queries("c.example") == 1
        assert second.queries("d.example") == 0
        assert 0.9 < seconds < 3


def test_a_server_that_never_answers_edns_is_remembered() -> None:
    with FaultServer(
        {f"n{number}.example/TXT": {"fault": "drop-edns", "answer": GOOD} for number in range(4)}
    ) as server:
        source = LiveSource([server.address], limits=Limits(dns_try_timeout=0.2))

        async def scene() -> list[Answer]:
            return [await source.ask(DnsQuestion(DomainName(f"n{number}.example"), "TXT")) for number in range(4)]

        answers = asyncio.run(scene())

        assert all(isinstance(answer, Found) for answer in answers)
        assert server.queries("n0.example") > 1
        assert server.queries("n3.example") == 1


def test_tcp_only_shares_one_connection() -> None:
    zone = {f"n{number}.example/TXT": GOOD for number in range(30)}
    with FaultServer(zone) as server:
        with LiveSource([server.address], tcp_only=True) as source:
            answers = solve_live(
                gather(*(ask(DomainName(f"n{number}.example"), "TXT") for number in range(30))), source
            )

        assert set(answers) == {Found(((b"v=spf1 -all",),), 300)}
        assert {asked.transport for asked in server.log} == {"tcp"}
        assert server.connections == 1


def test_ipv6_servers() -> None:
    try:
        server = FaultServer({"good.example/TXT": GOOD}, host="::1")
        with server:
            answer = solve_live(ask(DomainName("good.example"), "TXT"), LiveSource([server.address]))
    except OSError as error:
        pytest.skip(f"no IPv6 on loopback here: {error}")

    assert isinstance(answer, Found)


def test_loss_never_becomes_absence() -> None:
    """With 30 % of datagrams lost each way, an answer is the right one or a timeout; 400 questions, none "absent"."""
    zone = {f"n{number}.example/TXT": [f"v=spf1 ip4:192.0.2.{number % 250} -all"] for number in range(400)}
    limits = Limits(dns_try_timeout=0.3, dns_question_timeout=1.5)
    with FaultServer(zone, loss=0.3, seed=20261122) as server:
        source = LiveSource([server.address], limits=limits)
        answers = solve_live(gather(*(ask(DomainName(f"n{number}.example"), "TXT") for number in range(400))), source)

    found = [answer for answer in answers if isinstance(answer, Found)]
    lost = [answer for answer in answers if isinstance(answer, Failed) and answer.kind is FailureKind.TIMEOUT]
    assert len(found) + len(lost) == 400
    assert len(lost) < 20  # 0.51^6 = 1.8 % are expected
    for number, answer in enumerate(answers):
        if isinstance(answer, Found):
            assert answer.records == ((f"v=spf1 ip4:192.0.2.{number % 250} -all".encode(),),)


def test_names_with_odd_octets_travel_as_they_are() -> None:
    odd = query_name("a\\.b \x01.example")
    assert odd is not None
    with FaultServer({}) as server:
        answer = solve_live(ask(odd, "TXT"), LiveSource([server.address]))
        asked = server.log[0].name

    assert isinstance(answer, NoName)
    assert asked == "a\\.b\\032\\001.example"


def test_a_name_that_cannot_be_put_on_the_wire_is_an_answer_not_an_exception() -> None:
    answer = solve_live(ask(DomainName("a..example"), "TXT"), LiveSource(["127.0.0.1#9"]))

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.MALFORMED


def test_an_answer_that_arrived_while_the_loop_was_busy_counts() -> None:
    with FaultServer({"good.example/TXT": GOOD}) as server:
        source = LiveSource([server.address], timeout=0.2, retries=0)

        async def scene() -> Answer:
            waiting = asyncio.create_task(source.ask(DnsQuestion(DomainName("good.example"), "TXT")))
            while not server.log:
                await asyncio.sleep(0)
            time.sleep(0.5)
            return await waiting

        assert isinstance(asyncio.run(scene()), Found)


def test_a_loop_that_cannot_watch_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the standard loop of Windows."""

    def add_reader(*_: Any) -> None:
        raise NotImplementedError

    async def scene(source: LiveSource) -> Answer:
        monkeypatch.setattr(asyncio.get_running_loop(), "add_reader", add_reader, raising=False)
        return await source.ask(DnsQuestion(DomainName("good.example"), "TXT"))

    with FaultServer({"good.example/TXT": GOOD}, delay=0.05) as server:
        assert isinstance(asyncio.run(scene(LiveSource([server.address]))), Found)


def test_a_flood_of_wrong_datagrams_ends_with_the_question() -> None:
    """Somebody who knows the port but not the ID sends without pause; the loop stays usable."""
    with socket.socket(type=socket.SOCK_DGRAM) as flood:
        flood.bind(("127.0.0.1", 0))
        flood.settimeout(5)
        stop = threading.Event()

        def send() -> None:
            _, address = flood.recvfrom(4096)
            while not stop.is_set():
                flood.sendto(b"\0" * 40, address)

        thread = threading.Thread(target=send)
        thread.start()
        source = LiveSource([f"127.0.0.1#{flood.getsockname()[1]}"], timeout=0.5, retries=0)

        async def scene() -> tuple[Answer, int]:
            ticks = 0
            waiting = asyncio.create_task(source.ask(DnsQuestion(DomainName("good.example"), "TXT")))
            while not waiting.done():
                await asyncio.sleep(0.01)
                ticks += 1
            return await waiting, ticks

        started = time.perf_counter()
        answer, ticks = asyncio.run(scene())
        seconds = time.perf_counter() - started
        stop.set()
        thread.join()

    assert isinstance(answer, Failed)
    assert answer.kind is FailureKind.TIMEOUT
    assert seconds < 3
    assert ticks > 3
