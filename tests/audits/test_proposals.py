"""A proposed zone over the world: what it does to each source of mail, and what the gate makes of it."""

from __future__ import annotations

import asyncio

import pytest

import deliverability as dv
from deliverability.audits.effects import Verdict
from deliverability.audits.senders import KeyState
from deliverability.core.comparison import Kind
from deliverability.core.plan import KnownSource
from deliverability.core.questions import Answer, Question
from tests.support.proposals import (
    DOMAIN,
    NOW,
    SERVER,
    SPF,
    UNLISTED,
    change_of,
    effect,
    profile,
    propose,
    table,
    verdicts,
)


def spf(record: str) -> str:
    strings = " ".join(f'"{record[start : start + 200]}"' for start in range(0, len(record), 200))
    return f"{DOMAIN}. TXT {strings}\n"


def said(report: dv.Report, lang: str = "en", width: int = 200) -> str:
    return report.render("terminal", lang=lang, width=width)  # type: ignore[arg-type]


def test_the_same_zone_changes_nothing() -> None:
    report = propose(spf(SPF))

    change = change_of(report)
    assert change.comparison.is_empty
    assert not report.stops
    assert set(verdicts(report).values()) == {Verdict.SAME}
    assert "This zone changes nothing for mail." in said(report)


def test_an_include_that_is_removed_stops_its_servers() -> None:
    report = propose(spf(SPF.replace(" include:_spf.facturas.example", "")))

    found = effect(report, "include:_spf.facturas.example")
    assert (found.before.spf, found.after.spf) == ("pass", "softfail")
    assert found.verdict is Verdict.STOPS
    assert found.removed == "include:_spf.facturas.example"
    assert report.stops == ("include:_spf.facturas.example",)
    assert report.exit_code() == 1
    assert report.exit_code("never") == 0
    assert (
        "include:_spf.facturas.example: would stop passing SPF (softfail): `include:_spf.facturas.example` was removed."
    ) in said(report)
    assert effect(report, "include:spf.protection.outlook.com").verdict is Verdict.SAME


def test_a_provider_is_called_by_its_name_in_both_languages() -> None:
    report = propose(spf(SPF.replace(" include:spf.protection.outlook.com", "")))

    assert "Mailboxes (Microsoft 365): would stop passing SPF (softfail)" in said(report)
    assert "Buzones (Microsoft 365): el correo dejaría de pasar SPF (softfail)" in said(report, "es")


def test_what_bounces_to_its_own_domain_does_not_stop_with_its_include() -> None:
    """Mailchimp's mail is judged by Mailchimp's own SPF record, so the include is a leftover; SPF028 says so too."""
    over = {
        f"{DOMAIN}/TXT": [SPF.replace("~all", "include:servers.mcsv.net ~all")],
        "servers.mcsv.net/TXT": ["v=spf1 ip4:205.201.128.0/20 -all"],
    }
    report = propose(spf(SPF), over=over)

    found = effect(report, "include:servers.mcsv.net")
    assert (found.before.spf, found.after.spf) == ("pass", "softfail")
    assert found.verdict is Verdict.WORSE
    assert not report.stops
    assert "Newsletter (Mailchimp): would stop passing SPF" in said(report)


def test_its_key_is_what_stops_it() -> None:
    over = {
        f"{DOMAIN}/TXT": [SPF.replace("~all", "include:servers.mcsv.net ~all")],
        "servers.mcsv.net/TXT": ["v=spf1 ip4:205.201.128.0/20 -all"],
        f"k1._domainkey.{DOMAIN}/CNAME": ["dkim.mcsv.net."],
        "dkim.mcsv.net/TXT": ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    }
    kept = propose(spf(SPF), over=over)
    assert effect(kept, "include:servers.mcsv.net").verdict is Verdict.CHANGES
    assert not kept.stops

    gone = propose(
        f"""
        @ SOA ns1 hostmaster 2 7200 900 1209600 3600
        @ NS ns1
        ns1 A 192.0.2.53
        @ TXT "{SPF}"
        _dmarc TXT "v=DMARC1; p=none"
        """,
        over=over,
    )
    assert effect(gone, "include:servers.mcsv.net").verdict is Verdict.STOPS


def test_a_server_that_loses_its_last_key_is_worse_off() -> None:
    """SPF still carries DMARC, but not through a forwarder; no tick stands before such a change."""
    key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    over = {f"s1._domainkey.{DOMAIN}/TXT": [key]}

    report = propose(f's1._domainkey.{DOMAIN}. TXT "v=DKIM1; p="\n', over=over, selectors=("s1",))
    found = effect(report, SERVER)
    assert (found.before.by_dkim, found.after.by_dkim, found.after.dmarc) == (True, False, "pass")
    assert found.verdict is Verdict.WORSE
    assert f"Your server {SERVER}: would have no usable DKIM key any more" in said(report)
    assert f"Su servidor {SERVER}: se quedaría sin ninguna clave DKIM utilizable" in said(report, "es")

    report = propose(spf(SPF), over=over, selectors=("s1",))
    assert effect(report, SERVER).verdict is Verdict.SAME


def test_a_hard_end_makes_it_worse_for_a_server_that_is_not_listed() -> None:
    report = propose(spf(SPF.replace("~all", "-all")), SERVER, UNLISTED, selectors=())

    found = effect(report, UNLISTED)
    assert (found.before.spf, found.after.spf) == ("softfail", "fail")
    assert found.verdict is Verdict.WORSE
    assert effect(report, SERVER).verdict is Verdict.SAME
    assert f"Your server {UNLISTED}: SPF would say fail instead of softfail" in said(report)


def test_an_eleventh_lookup_stops_what_comes_after_it() -> None:
    """The listed address comes first and still passes; the includes behind the limit do not."""
    many = {f"s{n}.x.example/TXT": ["v=spf1 -all"] for n in range(9)}
    includes = " ".join(f"include:s{n}.x.example" for n in range(9))
    report = propose(spf(SPF.replace(" include", f" {includes} include", 1)), over=many)

    change = change_of(report)
    assert change.effects.lookups == (2, 11)
    assert effect(report, SERVER).verdict is Verdict.SAME
    assert effect(report, "include:_spf.facturas.example").after.spf == "permerror"
    assert report.stops == ("include:_spf.facturas.example",)
    assert "the record would need 11 DNS lookups, and receivers stop at 10" in said(report)
    assert "SPF004" in {entry.code for entry in change.comparison.new}


def test_a_key_that_is_removed_stops_its_signatures() -> None:
    report = propose(
        f"""
        @ SOA ns1 hostmaster 2 7200 900 1209600 3600
        @ NS ns1
        @ NS ns2.proveedor.example.
        ns1 A 192.0.2.53
        mail A 192.0.2.10
        @ MX 0 empresa-example.mail.protection.outlook.com.
        @ TXT "{SPF}"
        _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@empresa.example"
        """
    )

    found = effect(report, "s1")
    assert (found.before.key, found.after.key) == (KeyState.USABLE, KeyState.MISSING)
    assert report.stops == ("s1",)
    assert "signatures made with it would no longer verify, for the record was removed" in said(report)


def test_a_key_that_is_revoked_is_not_called_removed() -> None:
    report = propose(f's1._domainkey.{DOMAIN}. TXT "v=DKIM1; k=ed25519; p="\n')

    assert effect(report, "s1").after.key is KeyState.REVOKED
    assert "for the key would be revoked" in said(report)


def test_the_mx_that_moves_is_told_and_stops_nobody() -> None:
    report = propose(f"{DOMAIN}. MX 10 mx.nuevo.example.\n")

    found = effect(report, "MX")
    assert found.verdict is Verdict.CHANGES
    assert not report.stops
    assert "Replies would go to mx.nuevo.example instead of empresa-example.mail.protection.outlook.com." in said(
        report
    )
    assert [d.topic for d in change_of(report).comparison.differences] == ["mx"]


@pytest.mark.parametrize("mx", ["0 ."])
def test_a_domain_without_mx_has_nowhere_for_replies(mx: str) -> None:
    report = propose(f"{DOMAIN}. MX {mx}\n")

    assert effect(report, "MX").verdict is Verdict.STOPS
    assert "the domain would have no MX" in said(report)


def test_a_policy_stops_what_is_not_aligned() -> None:
    """p=none lets through what passes for another domain only; p=reject does not."""
    over = {"rebotes.proveedor.example/TXT": [f"v=spf1 ip4:{UNLISTED} -all"]}
    report = propose(
        f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"\n',
        UNLISTED,
        over=over,
        selectors=(),
        envelope_domain="rebotes.proveedor.example",
    )

    found = effect(report, UNLISTED)
    assert (found.before.spf, found.after.spf) == ("pass", "pass")
    assert (found.before.disposition, found.after.disposition) == ("none", "reject")
    assert found.verdict is Verdict.STOPS
    text = said(report)
    assert f"Your server {UNLISTED}: would be rejected." in text
    assert "Its bounce address is at rebotes.proveedor.example" in text
    assert "the administrator of the mail platform" in text


def test_a_policy_stops_a_provider_that_is_in_no_include() -> None:
    """The mailboxes are at Google, which the record does not name: at p=none nobody minds."""
    over = {
        f"{DOMAIN}/TXT": [f"v=spf1 ip4:{SERVER} ~all"],
        f"{DOMAIN}/MX": ["1 smtp.google.com."],
        "smtp.google.com/A": ["192.0.2.77"],
        "_spf.google.com/TXT": ["v=spf1 ip4:74.125.0.0/16 ~all"],
    }
    report = propose(f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=reject"\n', over=over)

    found = effect(report, "google")
    assert found.before.spf == "softfail"
    assert found.verdict is Verdict.STOPS
    assert "would be rejected" in said(report)


def test_what_gets_better_is_told_and_fails_nothing() -> None:
    report = propose(spf(SPF.replace("~all", f"ip4:{UNLISTED} ~all")), SERVER, UNLISTED, selectors=())

    assert effect(report, UNLISTED).verdict is Verdict.BETTER
    assert not report.stops
    assert f"Your server {UNLISTED}: would pass SPF." in said(report)
    assert "SPF024" in {entry.code for entry in change_of(report).comparison.fixed}


def test_what_cannot_be_asked_is_no_stop() -> None:
    """A name server that fails while the check runs is "could not tell", never "would stop"."""
    report = propose(spf(SPF.replace("facturas", "nuevas")), over={"_spf.nuevas.example/TXT": {"fault": "timeout"}})

    found = effect(report, "include:_spf.facturas.example")
    assert found.after.spf == "temperror"
    assert found.verdict is Verdict.UNTOLD
    assert not report.stops
    lost = {entry.code for entry in change_of(report).comparison.of(Kind.LOST)}
    assert "SPF031" in lost or lost, "what hangs on the failed question is lost"


class Counting:
    """Counts the questions that reach the world."""

    def __init__(self, below: KnownSource) -> None:
        self._below = below
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        await asyncio.sleep(0)
        return self._below.answer(question)


def test_each_question_is_asked_once_for_both_worlds() -> None:
    world = Counting(table({}))
    proposed = dv.ZoneSource.from_text(spf(SPF.replace(" include:_spf.facturas.example", "")), DOMAIN)
    report = dv.audit_proposal(DOMAIN, proposed, source=world, profile=profile(), now=NOW)

    assert len(world.asked) == len(set(world.asked))
    assert report.stops == ("include:_spf.facturas.example",)


def test_an_awaited_proposal_says_the_same() -> None:
    proposed = dv.ZoneSource.from_text(spf("v=spf1 -all"), DOMAIN)

    async def run() -> dv.Report:
        return await dv.audit_proposal_async(DOMAIN, proposed, source=table({}), profile=profile(), now=NOW)

    awaited = asyncio.run(run())
    plain = dv.audit_proposal(DOMAIN, proposed, source=table({}), profile=profile(), now=NOW)
    assert awaited == plain
    assert change_of(awaited) == change_of(plain)


def test_the_report_is_that_of_the_proposed_state() -> None:
    """Laid over by hand, the audit says the same; the comparison comes beside it."""
    zone = dv.ZoneSource.from_text(spf("v=spf1 +all"), DOMAIN)
    report = dv.audit_proposal(DOMAIN, zone, source=table({}), profile=profile(), now=NOW)
    plain = dv.audit_domain(DOMAIN, source=dv.Overlay(zone, table({})), profile=profile(), now=NOW)

    assert report.checked == plain.checked
    assert report.actions == plain.actions


def test_own_records_are_looked_into() -> None:
    """An include of the domain's own is no source: those that stand in it are."""
    over = {f"{DOMAIN}/TXT": [f"v=spf1 include:_spf.{DOMAIN} ~all"], f"_spf.{DOMAIN}/TXT": [SPF]}
    report = propose(f'_spf.{DOMAIN}. TXT "v=spf1 ip4:{SERVER} ~all"\n', over=over)

    assert f"include:_spf.{DOMAIN}" not in verdicts(report)
    assert set(report.stops) == {"include:spf.protection.outlook.com", "include:_spf.facturas.example"}


def test_where_today_cannot_be_told_nothing_is_called_the_same_or_better() -> None:
    """Neither "still passes" nor "would pass" is known of a source whose present nobody could ask for."""
    report = propose(spf(SPF), over={f"{DOMAIN}/TXT": {"fault": "timeout"}})

    assert effect(report, f"ip4:{SERVER}" if f"ip4:{SERVER}" in verdicts(report) else SERVER).verdict is Verdict.UNTOLD
    change = change_of(report)
    assert change.effects.lookups == (None, 2)
    assert not [d for d in change.comparison.differences if d.topic.startswith("spf")]
    text = said(report)
    assert "Nothing is known to stop, but not everything could be told." in text
    assert "SPF lookups: could not be told → 2 of 10." in text
    assert "Everything that passes today would still pass." not in text


def _with_spf(today: str, proposed: str, **records: list[str]) -> dv.Report:
    over = {f"{name.replace('_', '.')}/TXT": texts for name, texts in records.items()}
    return propose(f'@ TXT "v=spf1 {proposed}"', UNLISTED, over={"empresa.example/TXT": [f"v=spf1 {today}"], **over})


@pytest.mark.parametrize(
    ("today", "proposed", "label", "address"),
    [
        ("ip4:192.0.2.0/24 -all", "ip4:192.0.2.0/25 -all", "ip4:192.0.2.0/24", "192.0.2.128"),
        ("ip6:2001:db8::/32 -all", "ip6:2001:db8::/33 -all", "ip6:2001:db8::/32", "2001:db8:8000::"),
        ("ip4:192.0.2.0/24 -all", "ip4:192.0.2.0/25 ip4:192.0.2.192/26 -all", "ip4:192.0.2.0/24", "192.0.2.128"),
        ("include:b.example -all", "include:a.example -all", "include:b.example", "203.0.113.64"),
    ],
)
def test_what_is_cut_from_a_network_is_not_called_the_same(today: str, proposed: str, label: str, address: str) -> None:
    report = _with_spf(
        today, proposed, a_example=["v=spf1 ip4:203.0.113.0/26 -all"], b_example=["v=spf1 ip4:203.0.113.0/24 -all"]
    )

    found = effect(report, label)
    assert (str(found.sender.ip), found.verdict) == (address, Verdict.STOPS)


def test_two_halves_are_the_whole() -> None:
    report = _with_spf("ip4:192.0.2.0/24 -all", "ip4:192.0.2.128/25 ip4:192.0.2.0/25 -all")

    assert not change_of(report).effects.stops
    assert effect(report, "ip4:192.0.2.0/24").verdict is Verdict.SAME


@pytest.mark.parametrize(
    "term",
    ["include:b.example", "include:%{i}.y.example", "exists:%{i}.y.example", "ptr:y.example", "include:c.example"],
)
def test_a_term_that_decides_by_message_is_not_called_the_same(term: str) -> None:
    report = _with_spf(
        f"{term} -all", "-all", b_example=["v=spf1 exists:%{i}.z.example -all"], c_example=["v=spf1 ptr -all"]
    )

    assert effect(report, term).verdict is Verdict.UNTOLD
    assert "decided for each message" in report.render("terminal", width=200)
    assert "se decide con cada mensaje" in report.render("terminal", lang="es", width=200)


@pytest.mark.parametrize(("term", "name"), [("include:b.example", "b.example/TXT"), ("a:b.example", "b.example/A")])
def test_a_term_without_an_answer_is_not_called_the_same(term: str, name: str) -> None:
    over = {"empresa.example/TXT": [f"v=spf1 {term} -all"], name: {"fault": "timeout"}}
    report = propose('@ TXT "v=spf1 -all"', UNLISTED, over=over)

    assert effect(report, term).verdict is Verdict.UNTOLD
    assert "DNS gave no answer to what decides" in report.render("terminal", width=200)


def test_an_include_of_nothing_passes_nobody() -> None:
    assert effect(_with_spf("-all", "include:b.example -all"), "include:b.example").verdict is Verdict.FAILS
