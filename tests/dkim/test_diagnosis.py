"""Why a signature failed: every way to break a message against the cause that is named, and no proof that is false."""

from __future__ import annotations

import email
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import reduce
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliverability.core.limits import Limits
from deliverability.core.plan import solve
from deliverability.core.text import LANGS
from deliverability.dkim.canonical import canonicalize_body, canonicalize_field
from deliverability.dkim.diagnose import diagnose_all
from deliverability.dkim.diagnosis import Cause, Certainty, Diagnosis, DkimDiagnoses, SignatureDiagnosis
from deliverability.dkim.diagnosis.links import original_of, rewriter_of
from deliverability.dkim.diagnosis.texts import CAUSES, next_step, what_happened
from deliverability.dkim.verification import DkimVerification, verify_plan
from deliverability.headers.fields import parse
from deliverability.sources.table import TableSource
from tests.support.dkim_breaks import (
    BREAKS,
    DOMAIN,
    LIST_FOOTER,
    PDF,
    Break,
    body,
    edit,
    invoice,
    plain,
    to_base64,
)
from tests.support.signing import key_record, published, sign

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = published(domain=DOMAIN)


def verified(raw: bytes, answers: dict[str, object] | None = None) -> DkimVerification:
    return solve(verify_plan(raw, now=NOW), TableSource(answers if answers is not None else KEYS))


def diagnoses(raw: bytes, answers: dict[str, object] | None = None, **limits: int) -> DkimDiagnoses:
    return diagnose_all(verified(raw, answers), raw, parse(raw), limits=Limits(**limits))


def diagnosis(raw: bytes, answers: dict[str, object] | None = None) -> SignatureDiagnosis:
    """The diagnosis of the lowest signature, the first that was made."""
    return diagnoses(raw, answers).signatures[-1]


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_the_true_cause_is_named(broken: Break) -> None:
    found = diagnosis(broken.arrived(), broken.answers())

    named = [d for d in found.diagnoses if d.cause is broken.cause]
    assert named, found.diagnoses
    assert named[0].certainty is broken.certainty
    assert {key: named[0].args.get(key) for key in broken.args} == broken.args


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_each_diagnosis_speaks_both_languages(broken: Break) -> None:
    for found in diagnosis(broken.arrived(), broken.answers()).diagnoses:
        for text in (what_happened(found), next_step(found)):
            assert text.en != text.es
            for lang in LANGS:
                assert text.format(lang).strip()
                assert not {"{", "}"} & set(text.format(lang).replace(found.excerpt, ""))
        assert not what_happened(found).en.endswith(".")
        assert next_step(found).es.endswith(".")


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_before_it_was_broken_it_verifies_or_the_signature_itself_is_at_fault(broken: Break) -> None:
    """A break that changes nothing would prove nothing."""
    if broken.signed() != broken.arrived() and broken.cause is not Cause.KEY_OTHER_SELECTOR:
        assert verified(broken.signed(), broken.answers()).best == "pass"
    assert verified(broken.arrived(), broken.answers()).results[-1].passed is False


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(Cause)


def test_the_table_is_wide() -> None:
    assert len(BREAKS) >= 28
    assert len({broken.cause for broken in BREAKS}) >= 35


# --- what a diagnosis holds -----------------------------------------------------------------------------------------


def test_nothing_is_computed_for_a_signature_that_passes() -> None:
    raw = sign(invoice(), domain=DOMAIN)

    assert diagnoses(raw, dkim_diagnosis_octets=0, dkim_diagnosis_tries=0) == DkimDiagnoses()


def test_the_place_of_a_footer_is_its_first_line() -> None:
    raw = sign(plain(), domain=DOMAIN)
    found = diagnosis(raw + b"\r\n" + LIST_FOOTER)

    assert found.main.line == raw.count(b"\n") + 2
    assert found.main.excerpt.startswith("____")
    assert found.header_intact is True


def test_the_place_of_a_changed_field_is_the_field() -> None:
    raw = edit(b"Subject: ", b"Subject: [Lista] ")(sign(invoice(), domain=DOMAIN))
    found = diagnosis(raw).main

    assert found.field is not None
    assert raw.split(b"\r\n")[(found.line or 0) - 1].startswith(b"Subject: [Lista]")
    assert found.excerpt == "Factura F-2026/118 de Empresa"


def test_body_and_header_are_diagnosed_each_for_itself() -> None:
    raw = edit(b"Subject: ", b"Subject: [Lista] ")(sign(plain(), domain=DOMAIN)) + LIST_FOOTER
    found = diagnosis(raw)

    assert [d.cause for d in found.diagnoses] == [Cause.FOOTER_APPENDED, Cause.SUBJECT_TAGGED]
    assert all(d.proved for d in found.diagnoses)


def test_an_rsa_signature_tells_a_wrong_key_from_a_changed_header() -> None:
    raw = sign(invoice(), domain=DOMAIN)
    changed = edit(b"contabilidad@", b"otra.persona@")(raw)
    other = {f"s1._domainkey.{DOMAIN}/TXT": [key_record("rsa1024")]}

    assert diagnosis(changed).main.cause is Cause.HEADER_CHANGED
    assert diagnosis(raw, other).main.cause is Cause.KEY_OTHER
    assert diagnosis(changed, other).main.cause is Cause.KEY_OTHER


def test_an_ed25519_signature_cannot_tell_them_apart_and_says_so() -> None:
    raw = edit(b"contabilidad@", b"otra.persona@")(sign(invoice(), domain=DOMAIN, key="ed25519"))
    found = diagnosis(raw, published(domain=DOMAIN, key="ed25519")).main

    assert (found.cause, found.certainty) == (Cause.KEY_OR_HEADER, Certainty.UNKNOWN)


def test_without_effort_nothing_is_proved_about_a_body() -> None:
    raw = sign(plain(), domain=DOMAIN) + LIST_FOOTER
    found = diagnoses(raw, dkim_diagnosis_octets=10, dkim_diagnosis_tries=10).signatures[0].main

    assert found.certainty is not Certainty.PROVED


def test_two_failed_signatures_share_what_is_known_of_the_body() -> None:
    raw = sign(sign(plain(), domain=DOMAIN), domain=DOMAIN, selector="s2") + LIST_FOOTER
    found = diagnoses(raw, {**KEYS, **published(domain=DOMAIN, selector="s2")}).signatures

    assert [signature.main.cause for signature in found] == [Cause.FOOTER_APPENDED] * 2


def test_a_message_stored_with_bare_line_feeds_is_diagnosed_the_same() -> None:
    raw = (sign(plain(), domain=DOMAIN) + LIST_FOOTER).replace(b"\r\n", b"\n")

    assert diagnosis(raw).main.cause is Cause.FOOTER_APPENDED


@pytest.mark.parametrize(
    ("link", "original"),
    [
        (b"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F%3Fb%3D1&data=x", b"https://a.example/?b=1"),
        (b"https://urldefense.com/v3/__https://a.example/x__;!!A!b$", b"https://a.example/x"),
        (b"https://urldefense.com/v3/__https:/a.example/*anchor__;Iw!!A!b$", b"https://a.example/#anchor"),
        (b"https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_x&d=y", b"https://a.example/x"),
        (b"https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fa.example%2f&c=E,1", b"https://a.example/"),
        (b"https://secure-web.cisco.com/1abc/https%3A%2F%2Fa.example%2F", b"https://a.example/"),
        (b"https://eu-west-1.protection.sophos.com?d=a.example&u=aHR0cHM6Ly9hLmV4YW1wbGUv&i=1", b"https://a.example/"),
        (b"https://url.avanan.click/v2/___x___", None),
    ],
)  # fmt: skip
def test_rewritten_links_give_their_originals(link: bytes, original: bytes | None) -> None:
    service = rewriter_of(link)

    assert service is not None
    assert original_of(link, service) == original


def test_a_link_of_nobody_known_is_left_alone() -> None:
    assert rewriter_of(b"https://notsafelinks.protection.outlook.com.evil.example/?url=x") is None


# --- no proof is false ----------------------------------------------------------------------------------------------
#
# Whatever is done to a message, a cause that is called proved has to be what was done, or come to the same: the claim
# is checked against the signed message, which the diagnosis never saw.


def _lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n")


def _insert(raw: bytes, random: Random) -> bytes:
    lines = _lines(raw)
    at = random.randrange(1, len(lines))
    words = [
        b"publicidad",
        b"",
        b"--",
        b"[x]",
        b"<p>aviso</p>",
        b".",
        b"From x",
        b"X-Nueva: si",
        b"\t",
        b"Cc: a@b.example",
    ]
    lines[at:at] = [random.choice(words) for _ in range(random.randrange(1, 4))]
    return b"\r\n".join(lines)


def _delete(raw: bytes, random: Random) -> bytes:
    lines = _lines(raw)
    del lines[random.randrange(1, len(lines))]
    return b"\r\n".join(lines)


def _swap(raw: bytes, random: Random) -> bytes:
    lines = _lines(raw)
    one, two = random.randrange(1, len(lines)), random.randrange(1, len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def _octet(raw: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw))
    return (
        raw[:at]
        + random.choice([b"", b" ", b"\t", b"x", b".", b">", b"=", b"\r\n", b"\xc3\xb1"])
        + raw[at + random.randrange(3) :]
    )


def _append(raw: bytes, random: Random) -> bytes:
    return raw + random.choice([b"pie\r\n", b"\r\n", b" ", LIST_FOOTER, b"--=_mixta--\r\n", b"."])


def _tag(raw: bytes, random: Random) -> bytes:
    return raw.replace(b"Subject: ", b"Subject: " + random.choice([b"[a] ", b"SPAM: ", b"Re: ", b"x"]), 1)


def _field(raw: bytes, random: Random) -> bytes:
    return (
        random.choice([b"From: otra@b.example", b"To: x@y.example", b"Subject: otro", b"X-Original-Subject: uno"])
        + b"\r\n"
        + raw
    )


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (_insert, _delete, _swap, _octet, _append, _tag, _field)
MESSAGES = (plain, invoice, lambda: plain(encoding="base64"), lambda: plain(encoding="quoted-printable"))
SIGNING = (
    {},
    {"c": "simple/simple"},
    {"c": "relaxed/simple", "length": 120},
    {"headers": ("from", "from", "to", "to", "subject", "subject", "date", "cc", "mime-version")},
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, len(MESSAGES) - 1), st.integers(0, len(SIGNING) - 1), st.integers(1, 3))
def test_what_is_called_proved_is_true(seed: int, message: int, signing: int, times: int) -> None:
    random = Random(seed)
    sent = sign(MESSAGES[message](), domain=DOMAIN, **SIGNING[signing])
    arrived = reduce(lambda raw, _: random.choice(MUTATIONS)(raw, random), range(times), sent)

    for signature in diagnoses(arrived).signatures:
        if signature.result.signature.tag("bh") == parsed_bh(sent):
            method = signature.result.signature.canonicalization[1]
            for found in signature.diagnoses:
                if found.proved:
                    check_claim(found, signature, sent, arrived, method)


def parsed_bh(sent: bytes) -> object:
    return verified(sent).results[0].signature.tag("bh")


def check_claim(found: Diagnosis, signature: SignatureDiagnosis, sent: bytes, arrived: bytes, method: str) -> None:
    """Fails when the cause is not what was done to the message."""
    if found.cause in _BODY_CLAIMS:
        was, now = (canonicalize_body(raw[parse(raw).body_start :], method) for raw in (sent, arrived))  # type: ignore[arg-type]
        length = signature.result.signature.body_length
        assert _BODY_CLAIMS[found.cause](was[:length], now, length), (found, sent, arrived)
    elif found.cause in (Cause.REENCODED, Cause.CHARSET_CONVERTED):
        # With l= nothing is claimed beyond it; half of its octets stand for text in any encoding.
        length = signature.result.signature.body_length
        to = None if length is None else length // 2
        assert [text[:to] for text in _texts(sent)] == [text[:to] for text in _texts(arrived)], found
    elif found.cause in _HEADER_CAUSES:
        changed = _changed_fields(signature, sent, arrived)
        named = {str(d.args["name"]).lower() for d in signature.diagnoses if d.cause in _HEADER_CAUSES}
        assert named == changed, (found, changed)
    elif found.cause is Cause.HEADER_CHANGED:
        assert _changed_fields(signature, sent, arrived) or _own_field(sent) != _own_field(arrived)
    elif found.cause is Cause.SIGNATURE_FIELD_CHANGED:
        assert _own_field(sent) != _own_field(arrived)
    else:
        assert found.cause in _OF_THE_FIELD, (found, sent, arrived)


def _is_subsequence(was: bytes, now: bytes) -> bool:
    left = iter(now)
    return all(octet in left for octet in was)


def _put_in(was: bytes, now: bytes, length: int | None) -> bool:
    return (length is not None or len(now) > len(was)) and _is_subsequence(was.rstrip(b"\r\n"), now)


def _same_but_for(octets: bytes) -> Callable[[bytes, bytes, int | None], bool]:
    def claim(was: bytes, now: bytes, length: int | None) -> bool:
        bare, other = was.translate(None, octets), now.translate(None, octets)
        return bare == other if length is None else other.startswith(bare) or bare.startswith(other)

    return claim


def _without_preamble(octets: bytes) -> bytes:
    return octets[max(0, octets.find(b"--=_")) :]


_WHITE = b" \t\r\n"
_BODY_CLAIMS: dict[Cause, Callable[[bytes, bytes, int | None], bool]] = {
    Cause.FOOTER_APPENDED: _put_in,
    Cause.TEXT_PREPENDED: _put_in,
    Cause.TEXT_INSERTED: _put_in,
    Cause.PART_HEADERS: _put_in,
    Cause.PREAMBLE: lambda was, now, length: (
        _without_preamble(now).startswith(_without_preamble(was))
        and (length is not None or len(_without_preamble(was)) == len(_without_preamble(now)))
    ),
    Cause.LINE_ENDS: _same_but_for(b"\r\n"),
    Cause.LEADING_BLANK_LINES: _same_but_for(b"\r\n"),
    Cause.BLANK_LINE_LOST: _same_but_for(b"\r\n"),
    Cause.WHITE_SPACE: _same_but_for(_WHITE),
    Cause.TABS: _same_but_for(_WHITE),
    Cause.LINES_WRAPPED: _same_but_for(_WHITE + b"!"),
    Cause.FROM_QUOTED: _same_but_for(b">"),
    Cause.DOT_STUFFING: _same_but_for(b"."),
    Cause.BYTE_ORDER_MARK: _same_but_for(b"\xef\xbb\xbf"),
    Cause.TRUNCATED: lambda was, now, _: was.startswith(now.rstrip(b"\r\n")),
}
_HEADER_CAUSES = frozenset(
    (
        Cause.SUBJECT_TAGGED, Cause.FIELD_REENCODED, Cause.FIELD_ADDED, Cause.FIELD_REMOVED, Cause.FIELD_REFOLDED,
        Cause.FIELD_NAME_CASE, Cause.FIELDS_REORDERED, Cause.DATE_REWRITTEN, Cause.MESSAGE_ID_REWRITTEN,
        Cause.FROM_REWRITTEN, Cause.ADDRESSES_REWRITTEN, Cause.CONTENT_TYPE_REWRITTEN,
        Cause.TRANSFER_ENCODING_REWRITTEN, Cause.FIELD_CHANGED,
    )
)  # fmt: skip
#: What the field or its key says of itself needs no comparison.
_OF_THE_FIELD = frozenset(
    (
        Cause.KEY_MISSING, Cause.SIGNATURE_SYNTAX, Cause.SIGNATURE_DAMAGED, Cause.FROM_UNSIGNED, Cause.IDENTITY,
        Cause.SHA1, Cause.FUTURE, Cause.EXPIRED,
    )
)  # fmt: skip


def _texts(raw: bytes) -> list[str]:
    parts = [part for part in email.message_from_bytes(raw).walk() if part.get_content_maintype() == "text"]
    octets = [part.get_payload(decode=True) for part in parts]
    # A soft line break with a blank behind it is one all the same (RFC 2045 §6.7); the standard library keeps the "=".
    return ["".join(o.decode("utf-8", "replace").replace("=", "").split()) for o in octets if isinstance(o, bytes)]


def _own_field(raw: bytes) -> bytes:
    return parse(raw).all("DKIM-Signature")[-1].raw


def _changed_fields(signature: SignatureDiagnosis, sent: bytes, arrived: bytes) -> set[str]:
    """The signed fields that are not what they were, as the signature sees them: each name with its fields in order."""
    method = signature.result.signature.canonicalization[0]
    changed = set()
    for name in set(signature.result.signature.signed_fields):
        was, now = ([canonicalize_field(f.raw, method) for f in parse(raw).all(name)] for raw in (sent, arrived))
        taken = Counter(signature.result.signature.signed_fields)[name]
        if was[::-1][:taken] != now[::-1][:taken]:
            changed.add(name)
    return changed


def test_the_same_message_gets_the_same_diagnosis() -> None:
    for broken in BREAKS[::7]:
        raw, answers = broken.arrived(), broken.answers()
        once, again = diagnoses(raw, answers), diagnoses(raw, answers)
        assert [s.diagnoses for s in once.signatures] == [s.diagnoses for s in again.signatures]


# --- what it costs --------------------------------------------------------------------------------------------------


def _large_pdf() -> bytes:
    return invoice().replace(to_base64(PDF), to_base64(Random(1).randbytes(3_600_000)))


COSTLY: dict[str, Callable[[], bytes]] = {
    "attachment of 5 MB": _large_pdf,
    "text of 5 MB": lambda: plain("palabra de prueba para ver 121,00 euros\r\n" * 120_000),
    "HTML of 5 MB": lambda: invoice().replace(b"<p>Estim", b"<p>hola que tal</p>\r\n" * 200_000 + b"<p>Estim", 1),
    "blanks": lambda: plain(" " * 5_000_000 + "121,00"),
    "empty lines": lambda: plain("\r\n" * 2_000_000 + "121,00\r\n"),
    "short lines": lambda: plain("a\r\n" * 1_500_000 + "121,00\r\n"),
    "delimiters": lambda: invoice().replace(b"--=_mixta--", b"--=_mixta\r\n\r\n121,00\r\n" * 200_000 + b"--=_mixta--"),
    "angle brackets": lambda: invoice().replace(b"<p>Estim", b"<" * 2_000_000 + b"<p>Estim", 1),
    "percent and equals signs": lambda: plain("=\t =3D" * 500_000 + "121,00").replace(b"8bit", b"quoted-printable"),
    "links": lambda: plain("https://urldefense.com/v3/__http://a__;!!b$ " * 30_000 + "121,00"),
}


@pytest.mark.parametrize("name", COSTLY)
@pytest.mark.parametrize("c", ["relaxed/relaxed", "simple/simple"])
def test_a_large_broken_body_takes_seconds_at_most(name: str, c: str) -> None:
    raw = edit(b"121,00", b"921,00")(sign(COSTLY[name](), domain=DOMAIN, c=c))
    verification, headers = verified(raw), parse(raw)

    start = time.process_time()
    found = diagnose_all(verification, raw, headers)
    spent = time.process_time() - start

    assert found.signatures[0].main.cause in (Cause.BODY_CHANGED, Cause.TRUNCATED, Cause.LINKS_REWRITTEN)
    assert not found.signatures[0].main.proved
    assert spent < 8.0  # a second on a quiet machine; a search without bounds takes minutes


def test_signatures_beyond_the_limit_cost_nothing() -> None:
    field = b"DKIM-Signature: v=1; a=rsa-sha256; d=empresa.example; s=s1; c=simple/simple; h=from; bh=AAAA; b=AAAA\r\n"
    raw = field * 1_900 + edit(b"121,00", b"921,00")(sign(_large_pdf(), domain=DOMAIN))
    verification = verified(raw)

    start = time.process_time()
    found = diagnose_all(verification, raw, parse(raw))
    spent = time.process_time() - start

    assert len(found.signatures) == Limits().dkim_signatures
    assert spent < 8.0  # a second on a quiet machine; a search without bounds takes minutes


def test_a_header_of_many_fields_costs_little() -> None:
    raw = sign(invoice(), domain=DOMAIN, headers=("from", "subject", *["x-a"] * 190))
    raw = edit(b"Subject: Factura", b"Subject: Otra")(b"X-A: b\r\n" * 1_900 + raw)
    verification = verified(raw)

    start = time.process_time()
    diagnose_all(verification, raw, parse(raw))

    assert time.process_time() - start < 8.0


def test_a_footer_behind_a_large_body_is_found() -> None:
    raw = sign(COSTLY["text of 5 MB"](), domain=DOMAIN) + LIST_FOOTER

    assert diagnosis(raw).main.cause is Cause.FOOTER_APPENDED


def test_a_footer_in_the_text_before_a_large_attachment_is_found() -> None:
    footer = body(edit(b"S. L.\r\n\r\n--=_alt", b"S. L.\r\n\r\n-- \r\nAviso de la pasarela\r\n\r\n--=_alt"))
    raw = footer(sign(_large_pdf(), domain=DOMAIN))

    assert diagnosis(raw).main.cause is Cause.FOOTER_APPENDED
