"""Against real servers: nsd with zones of ours, and unbound in front of it and of a faulty server.

What nsd answers is also held against `ZoneSource` on the same zone file: it has to say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from deliverability.core.limits import Limits
from deliverability.core.names import DomainName
from deliverability.core.plan import ask, ask_txt, gather
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, NoData, NoName
from deliverability.sources.drive import solve_live
from deliverability.sources.live import LiveSource
from deliverability.sources.zone import ZoneSource
from tests.support.faultdns import FaultServer
from tests.support.nameservers import nsd, unbound

pytestmark = pytest.mark.wire

BIG = "".join(f'big IN TXT "{"x" * 200}{number}"\n' for number in range(25))
ZONE = f"""
$ORIGIN empresa.example.
$TTL 3600
@       IN SOA  ns1 hostmaster 2026112201 7200 3600 1209600 300
        IN NS   ns1
        IN MX   10 mx1
        IN MX   20 mx2.provider.test.
        IN TXT  "v=spf1 " "mx -all"
        IN TXT  "verification=1"
ns1     IN A    127.0.0.1
mx1     IN A    192.0.2.1
        IN AAAA 2001:db8::1
null    IN MX   0 .
www     IN CNAME mx1
chain   IN CNAME www
gone    IN CNAME nothere
out     IN CNAME mail.provider.test.
*.wild  IN TXT  "caught"
own.wild IN A   192.0.2.9
*.walias IN CNAME mx1
a.b.c   IN TXT  "deep"
old     IN DNAME new
host.new IN A   192.0.2.77
sub     IN NS   ns.sub
ns.sub  IN A    192.0.2.99
_25._tcp.mx1 IN TLSA 3 1 1 {"ab" * 32}
sp\\097ce IN TXT "\\255\\000octets"
{BIG}"""
PROVIDER = """
$ORIGIN provider.test.
$TTL 600
@       IN SOA  ns1 hostmaster 1 7200 3600 1209600 60
        IN NS   ns1
ns1     IN A    127.0.0.1
mx2     IN A    198.51.100.1
mail    IN TXT  "at the provider"
"""
NAMES = [
    *("empresa", "mx1.empresa", "null.empresa", "www.empresa", "chain.empresa", "gone.empresa", "nothere.empresa"),
    *(
        "x.wild.empresa",
        "x.y.wild.empresa",
        "own.wild.empresa",
        "x.own.wild.empresa",
        "wild.empresa",
        "x.walias.empresa",
    ),
    *("b.c.empresa", "a.b.c.empresa", "x.a.b.c.empresa", "host.old.empresa", "old.empresa", "none.old.empresa"),
    *("_25._tcp.mx1.empresa", "_tcp.mx1.empresa", "big.empresa", "space.empresa"),
]
TYPES = ("A", "AAAA", "MX", "TXT", "NS", "SOA", "CNAME", "TLSA")


@pytest.fixture(scope="module")
def authoritative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with nsd(tmp_path_factory.mktemp("nsd"), {"empresa.example": ZONE, "provider.test": PROVIDER}) as port:
        yield port


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultServer]:
    faults = ("servfail", "timeout", "refused", "lame", "truncate", "wrongid", "nxdomain", "nodata", "fail-first")
    zone = {f"{fault}.broken.test/TXT": {"fault": fault, "answer": ["v=spf1 -all"]} for fault in faults}
    with FaultServer(zone) as server:
        yield server


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory, authoritative: int, faulty: FaultServer) -> Iterator[int]:
    with FaultServer({}) as nobody:
        closed = nobody.port
    forwards = {
        "empresa.example": authoritative,
        "provider.test": authoritative,
        "broken.test": faulty.port,
        "dead.test": closed,
    }
    with unbound(tmp_path_factory.mktemp("unbound"), forwards) as port:
        yield port


def ask_all(port: int, questions: list[DnsQuestion], **options: object) -> list[Answer]:
    source = LiveSource([f"127.0.0.1#{port}"], **options)  # type: ignore[arg-type]
    with source:
        limits = Limits(audit_questions=1000)
        return list(
            solve_live(gather(*(ask(q.name, q.type, server=q.server) for q in questions)), source, limits=limits)
        )


def test_nsd_and_the_zone_file_say_the_same(authoritative: int) -> None:
    """Every name and type, with TTLs, aliases and absences."""
    zone = ZoneSource.from_text(ZONE)
    questions = [DnsQuestion(DomainName(f"{name}.example"), kind) for name in NAMES for kind in TYPES]  # type: ignore[arg-type]
    answers = ask_all(authoritative, questions)

    different = {
        str(q): (live, zone.answer(q)) for q, live in zip(questions, answers, strict=True) if live != zone.answer(q)
    }
    assert different == {}
    assert {type(answer) for answer in answers} == {Found, NoData, NoName}


def test_tcp_gives_what_udp_gives(authoritative: int) -> None:
    questions = [DnsQuestion(DomainName(f"{name}.example"), "TXT") for name in NAMES]

    assert ask_all(authoritative, questions, tcp_only=True) == ask_all(authoritative, questions)


def test_unbound_tells_the_same_as_nsd(authoritative: int, resolver: int) -> None:
    questions = [DnsQuestion(DomainName(f"{name}.example"), kind) for name in NAMES for kind in TYPES]  # type: ignore[arg-type]
    for question, direct, resolved in zip(
        questions, ask_all(authoritative, questions), ask_all(resolver, questions), strict=True
    ):
        assert type(direct) is type(resolved), question
        assert not isinstance(direct, Failed)
        assert not isinstance(resolved, Failed)
        assert direct.aliases == resolved.aliases, question
        if isinstance(direct, Found) and isinstance(resolved, Found):
            assert direct.records == resolved.records


def test_a_large_answer_comes_over_tcp(authoritative: int) -> None:
    answer = ask_all(authoritative, [DnsQuestion(DomainName("big.empresa.example"), "TXT")])[0]

    assert isinstance(answer, Found)
    assert len(answer.records) == 25


def test_an_alias_to_another_zone_is_followed(authoritative: int, resolver: int) -> None:
    question = DnsQuestion(DomainName("out.empresa.example"), "TXT")
    wanted = Found(((b"at the provider",),), 600, (DomainName("mail.provider.test"),))

    for port in (authoritative, resolver):  # nsd leaves the target out or not, unbound has it
        answer = ask_all(port, [question])[0]
        assert isinstance(answer, Found)
        assert (answer.records, answer.aliases) == (wanted.records, wanted.aliases)


def test_a_name_server_asked_itself(authoritative: int) -> None:
    loopback = ip_address("127.0.0.1")
    questions = [
        DnsQuestion(DomainName("empresa.example"), "SOA", server=loopback),
        DnsQuestion(DomainName("x.sub.empresa.example"), "TXT", server=loopback),
        DnsQuestion(DomainName("elsewhere.test"), "SOA", server=loopback),
    ]
    soa, delegated, foreign = ask_all(1, questions, direct_port=authoritative)

    assert isinstance(soa, Found)
    assert isinstance(delegated, Failed)
    assert delegated.kind is FailureKind.LAME
    assert isinstance(foreign, Failed)
    assert foreign.kind is FailureKind.REFUSED


def test_what_a_resolver_makes_of_faults_behind_it(resolver: int) -> None:
    """A resolver turns faults into SERVFAIL, is silent for longer than we wait, or hands a referral on: never absence."""
    overcome = ("truncate", "fail-first")
    lasting = ("servfail", "timeout", "refused", "lame", "wrongid")
    names = [*(f"{fault}.broken.test" for fault in (*overcome, *lasting, "nxdomain", "nodata")), "x.dead.test"]
    answers = dict(zip(names, ask_all(resolver, [DnsQuestion(DomainName(n), "TXT") for n in names]), strict=True))

    for fault in overcome:
        assert isinstance(answers[f"{fault}.broken.test"], Found), fault
    for name in (*(f"{fault}.broken.test" for fault in lasting), "x.dead.test"):
        answer = answers[name]
        assert isinstance(answer, Failed), name
        assert answer.kind in (FailureKind.SERVFAIL, FailureKind.TIMEOUT, FailureKind.LAME), name
    assert isinstance(answers["nxdomain.broken.test"], NoName)
    assert isinstance(answers["nodata.broken.test"], NoData)


def test_unbound_is_silent_or_says_servfail_for_a_dead_forward(resolver: int) -> None:
    answer = solve_live(ask_txt(DomainName("y.dead.test")), LiveSource([f"127.0.0.1#{resolver}"]))

    assert isinstance(answer, Failed)
    assert answer.kind in (FailureKind.SERVFAIL, FailureKind.TIMEOUT)
    assert f"127.0.0.1#{resolver}" in answer.detail


def test_zone_files_are_what_nsd_was_given(tmp_path: Path) -> None:
    (tmp_path / "empresa.example.zone").write_text(ZONE)

    assert ZoneSource.from_file(tmp_path / "empresa.example.zone").apexes == ("empresa.example",)
