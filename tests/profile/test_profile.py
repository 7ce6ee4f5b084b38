"""Profiles: what the file may say, what a mistake is answered with, and what applying one does."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverability.core.errors import DeliverabilityError, InvalidConfiguration, UnreadableFile
from deliverability.core.expiry import Expiry
from deliverability.core.finding import Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.names import DomainName
from deliverability.core.profile import Ignore, Profile, check_code, names_rule
from deliverability.core.report import Checked
from deliverability.core.text import Text
from tests.support.demo_report import rule

WHOLE = """
domains = [
  "Empresa.example",
  "facturación.example",
]
lang = "es"
baseline = "known.json"
timeout = 2.5
retries = 0
fail-on = "warning"
incomplete = "pass"
select = ["SPF", "DMARC001"]
ignore = [{ code = "SPF004", reason = "provider moves in January", until = 2027-01-31, subject = "empresa.example" }]
severity = { SPF014 = "info" }
nameservers = ["192.0.2.53"]

[sending]
ips = ["192.0.2.1", "2001:db8::1"]
selectors = ["s1"]
daily_volume = 300

[domain."empresa.example"]
selectors = ["s2"]
sends = true
registered = "2020-02-29"
"""


def load(tmp_path: Path, text: str, name: str = "deliverability.toml") -> Profile:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return Profile.load(path)


def test_every_setting_is_read(tmp_path: Path) -> None:
    profile = load(tmp_path, WHOLE)

    assert profile.domains == ("empresa.example", "xn--facturacin-obb.example")
    assert (profile.lang, profile.fail_on, profile.incomplete) == ("es", "warning", "pass")
    assert profile.select == ("SPF", "DMARC001")
    assert profile.ignore == (Ignore("SPF004", "provider moves in January", date(2027, 1, 31), "empresa.example"),)
    assert profile.severity == {"SPF014": Severity.INFO}
    assert profile.nameservers == ("192.0.2.53",)
    assert (profile.timeout, profile.retries) == (2.5, 0)
    assert profile.baseline == tmp_path / "known.json", "beside the file, wherever the command runs"
    assert profile.sending.ips == (ip_address("192.0.2.1"), ip_address("2001:db8::1"))


def test_a_domain_table_stands_over_the_common_one(tmp_path: Path) -> None:
    profile = load(tmp_path, WHOLE)

    own = profile.sending_for("empresa.example")
    assert own.selectors == ("s2",)
    assert own.daily_volume == 300
    assert own.registered == date(2020, 2, 29)
    assert profile.sending_for("other.example") == profile.sending


def test_lines_of_domains_and_ignores_are_known(tmp_path: Path) -> None:
    profile = load(tmp_path, WHOLE)

    assert profile.line_of("empresa.example") == 3
    assert profile.line_of("xn--facturacin-obb.example") == 4
    assert profile.ignore[0].line == 13
    assert profile.line_of("other.example") is None


def test_lines_are_those_of_the_keys_and_not_of_words_that_look_like_them(tmp_path: Path) -> None:
    text = """# "b.example" and SPF004 are named here
select = [
  "SPF004",
  "DKIM001"]
domains = ["a.example", # "b.example"
  'b.example']
note = 1
"""
    with pytest.raises(InvalidConfiguration, match=r'^deliverability\.toml, line 7: there is no setting "note"'):
        load(tmp_path, text)
    profile = load(tmp_path, text.replace("note = 1", '[[ignore]]\ncode = "SPF004"\nreason = "x"'))

    assert (profile.line_of("a.example"), profile.line_of("b.example")) == (5, 6)
    assert profile.ignore[0].line == 7
    with pytest.raises(InvalidConfiguration, match=r"line 4: select: there is no rule"):
        profile.check_codes([("SPF004", "too-many-lookups")])


def test_pyproject_has_the_same_keys_below_its_table(tmp_path: Path) -> None:
    text = '[tool.deliverability]\ndomains = ["a.example"]\n[tool.deliverability.sending]\nsends = false\n'
    profile = load(tmp_path, text, "pyproject.toml")

    assert profile.domains == ("a.example",)
    assert profile.sending.sends is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('fail_on = "err"', ("fail_on", "error, warning, info, never", '"err"')),
        ('failon = "error"', ('"failon"', "did you mean fail_on?")),
        ('[sending]\nip = ["192.0.2.1"]', ('"sending.ip"', "did you mean ips?")),
        ('[sending]\nips = ["192.0.2"]', ("sending.ips", "IP addresses")),
        ("[sending]\ndaily_volume = true", ("sending.daily_volume", "whole number", "true")),
        ('[sending]\nsends = "yes"', ("sending.sends", "true or false")),
        ("timeout = 0", ("timeout", "more than 0 and at most 600")),
        ("timeout = true", ("timeout", "seconds")),
        ("retries = 21", ("retries", "from 0 to 20")),
        ("baseline = 3", ("baseline", "a text")),
        ("[sending]\nselectors = 1", ("sending.selectors", "list of texts")),
        ("sending = 1", ("sending", "table")),
        ('ignore = [{ code = "SPF004" }]', ("entry 1", "expected reason")),
        ('ignore = [{ reason = "x" }]', ("entry 1", "expected code")),
        ('ignore = [{ code = "SPF004", reason = "  " }]', ("entry 1: reason", "a text")),
        ('ignore = [{ code = "SPF004", reason = "x", until = "2026-13-01" }]', ("entry 1: until", "2027-01-31")),
        ('ignore = ["SPF004"]', ("ignore", "list of tables")),
        ('severity = { SPF004 = "fatal" }', ("severity.SPF004", "error, warning, info")),
        ('severity = { "a b" = "info" }', ("severity.a b",)),
        ('domains = ["a..b"]', ("domains", "double or leading dot")),
        ("domains = [3]", ("domains", "list of texts")),
        ("[domain.empresa.example]\nsends = true", ("domain", "mind the quotes", "empresa")),
        ('[domain."no dot"]\nsends = true', ("domain", "mind the quotes")),
        ('"\\u001b[31m" = 1', ("\\x1b[31m",)),
    ],
)
def test_a_mistake_names_file_key_and_what_is_expected(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(tmp_path, text)

    message = str(caught.value)
    assert re.match(r"deliverability\.toml, line [12]: ", message), message
    assert all(word in message for word in words), message
    assert message.isprintable()


@pytest.mark.parametrize("content", [b"a = [1", b"\xff\xfe", b"a = " + b"[" * 5000, b"x" * (1 << 21)])
def test_a_file_that_cannot_be_understood_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deliverability.toml"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=r"deliverability\.toml"):
        Profile.load(path)


def test_a_missing_file_and_a_missing_table_are_errors_when_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        Profile.load(tmp_path / "none.toml")
    with pytest.raises(InvalidConfiguration, match=r"\[tool\.deliverability\]"):
        load(tmp_path, "[project]\n", "pyproject.toml")


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.deliverability]\ndomains = ["above.example"]\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\n")

    assert Profile.find(inner).domains == ("above.example",)
    (inner / "deliverability.toml").write_text('domains = ["near.example"]\n')
    assert Profile.find(inner).domains == ("near.example",)


def test_without_a_file_the_profile_is_the_default(tmp_path: Path) -> None:
    assert Profile.find(tmp_path).fail_on == "error"


@given(st.text(max_size=300))
def test_any_text_is_a_profile_or_a_documented_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("p") / "deliverability.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    try:
        assert Profile.load(path).path == path
    except DeliverabilityError as error:
        assert str(error).isprintable()  # noqa: PT017 - either outcome is right, an unprintable message is not


def checked(code: str = "SPF004", subject: str = "empresa.example") -> Checked:
    own = rule(code)
    return Checked(own, own.found(subject, what="x"))


TODAY = date(2026, 11, 22)


def test_an_ignore_takes_the_finding_out_until_its_day_is_over() -> None:
    profile = Profile(ignore=(Ignore("SPF004", "why", TODAY),))

    applied = profile.apply((checked(), checked("SPF005")), TODAY)
    assert [item.rule.code for item in applied.checked] == ["SPF005"]
    assert [(i.finding.code, i.reason) for i in applied.ignored] == [("SPF004", "why")]
    assert applied.expired == ()


def test_past_its_day_an_ignored_finding_counts_again_and_is_told() -> None:
    profile = Profile(ignore=(Ignore("SPF004", "why", date(2026, 11, 21)), Ignore("SPF009", "why", date(2020, 1, 1))))

    applied = profile.apply((checked(),), datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert [item.rule.code for item in applied.checked] == ["SPF004"]
    assert applied.ignored == ()
    [entry] = applied.expired
    assert (entry.code, entry.state) == ("SPF004", Expiry.STANDING), "of SPF009 nothing was reached, so nothing is told"
    assert entry.fingerprints == {
        item.outcome.fingerprint for item in applied.checked if isinstance(item.outcome, Finding)
    }


@pytest.mark.parametrize(
    ("outcomes", "subject", "state"),
    [
        ([Passed("a.example")], "", Expiry.GONE),
        ([Passed("a.example")], "A.example", Expiry.GONE),
        ([Passed("a.example")], "b.example", None),
        ([Passed("a.example"), Unknown(Text("x", "x"), "a.example")], "", Expiry.UNTOLD),
        ([Passed("a.example"), Unknown(Text("x", "x"), "b.example")], "a.example", Expiry.GONE),
        ([NotApplicable(Text("x", "x"))], "", None),
        ([], "", None),
    ],
)
def test_what_became_of_an_ignore_whose_day_is_over(
    outcomes: list[Outcome], subject: str, state: Expiry | None
) -> None:
    own = rule("SPF004")
    profile = Profile(ignore=(Ignore("SPF", "why", date(2020, 1, 1), subject),))

    applied = profile.apply([Checked(own, outcome) for outcome in outcomes], TODAY)
    assert [entry.state for entry in applied.expired] == ([state] if state else [])
    assert not any(entry.fails for entry in applied.expired)


def test_an_ignore_that_is_over_is_silent_where_another_stands() -> None:
    profile = Profile(ignore=(Ignore("SPF004", "old", date(2020, 1, 1)), Ignore("SPF", "new", date(2027, 1, 1))))

    applied = profile.apply((checked(),), TODAY)
    assert [item.reason for item in applied.ignored] == ["new"]
    assert applied.expired == ()


def test_an_ignore_may_name_one_subject() -> None:
    profile = Profile(ignore=(Ignore("SPF004", "why", subject="A.example"),))

    applied = profile.apply((checked(subject="a.example"), checked(subject="b.example")), TODAY)
    assert [item.outcome.subject for item in applied.checked] == ["b.example"]


def test_select_keeps_codes_families_and_names() -> None:
    items = (checked("SPF004"), checked("SPF005"), checked("DMARC001"), checked("MX001"))

    kept = Profile(select=("spf", "demo-mx001")).apply(items, TODAY).checked
    assert [item.rule.code for item in kept] == ["SPF004", "SPF005", "MX001"]


def test_a_severity_counts_for_the_finding_and_for_what_could_not_be_told() -> None:
    own = rule("SPF004")
    items = (Checked(own, own.found("a.example", what="x")), Checked(own, Passed()))

    first, second = Profile(severity={"SPF004": Severity.INFO}).apply(items, TODAY).checked
    assert isinstance(first.outcome, Finding)
    assert first.outcome.severity is Severity.INFO
    assert second.rule.severity is Severity.INFO
    assert first.outcome.fingerprint == items[0].outcome.fingerprint  # type: ignore[union-attr]


def test_codes_that_do_not_exist_are_refused_with_the_nearest() -> None:
    known = [("SPF004", "too-many-lookups"), ("DMARC001", "no-dmarc")]

    Profile(select=("SPF", "no-dmarc"), severity={"DMARC001": Severity.INFO}).check_codes(known)
    with pytest.raises(InvalidConfiguration, match=r"ignore: there is no rule .*did you mean SPF004"):
        Profile(ignore=(Ignore("SPF04", "x"),)).check_codes(known)
    with pytest.raises(InvalidConfiguration, match="severity"):
        Profile(severity={"SPF": Severity.INFO}).check_codes(known)
    with pytest.raises(DeliverabilityError, match="explain"):
        check_code("ZZZ", known)
    for word in ("SPF4", "spf-04", "SPF0004"):
        with pytest.raises(DeliverabilityError, match=r"did you mean SPF004\?"):
            check_code(word, [*known, ("SPF040", "other"), ("SPF044", "another")])


def test_a_family_is_not_the_beginning_of_a_code() -> None:
    assert names_rule("DNS", "DNS001", "x")
    assert not names_rule("D", "DNS001", "x")
    assert not names_rule("DNS0", "DNS001", "x")


def test_domain_names_are_keys_in_a_form() -> None:
    assert Profile().sending_for(DomainName("x.example")) == Profile().sending
