"""Rules about keys that work and could be better (DKIM010, 011, 014, 027, 028)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from deliverability.core.facts import Moment
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.facts import DkimFacts, Selector
from deliverability.dkim.record import RSA_BITS_MUST, RSA_BITS_SHOULD, RSA_BITS_SUPPORTED, DkimKey
from deliverability.dkim.rules.common import (
    GOOGLE_SENDERS,
    NO_KEY_SEEN,
    each_key,
    evidence,
    record_fix,
    unknown,
    unknowns,
)
from deliverability.providers.registry import common_selectors

M3AAWG_ROTATION = "M3AAWG DKIM Key Rotation Best Common Practices (2019-03)"

# --- DKIM010 --------------------------------------------------------------------------------------------------------

WEAK_KEY = Rule(
    "DKIM010",
    "dkim-key-1024",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key of 2048 bits", es="Clave DKIM de 2048 bits"),
    title=Text(
        en="The DKIM key {selector} has {bits} bits; 2048 are recommended",
        es="La clave DKIM {selector} tiene {bits} bits; se recomiendan 2048",
    ),
    why=Text(
        en="All large receivers still accept it, and the standard asks signers for at least 2048. Google recommends 2048 "
        "too; Yahoo accepts 1024 and more.",
        es="Los grandes receptores todavía la aceptan, pero el estándar pide a quien firma al menos 2048. Google también "
        "recomienda 2048; Yahoo acepta desde 1024.",
    ),
    fix=Text(
        en="In the mail platform create a 2048-bit key under a new selector, publish its record, switch signing over, and "
        "keep {selector} for about a week so that mail on its way can still be verified.",
        es="En la plataforma de correo, cree una clave de 2048 bits con un selector nuevo, publique su registro, cambie la "
        "firma y conserve {selector} alrededor de una semana para que se pueda verificar el correo en camino.",
    ),
    references=("RFC 8301 §3.2", GOOGLE_SENDERS),
)


@WEAK_KEY.check
def weak_key(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 8301 §3.2: signers SHOULD use RSA keys of at least 2048 bits."""

    def decide(selector: Selector, key: DkimKey) -> Outcome | None:
        if key.bits is None or (key.key_type == "rsa" and key.bits < RSA_BITS_MUST):
            return None  # DKIM008 and DKIM009
        if key.key_type != "rsa" or key.bits >= RSA_BITS_SHOULD:
            return Passed(selector.name, Text(en=f"{key.bits} bits", es=f"{key.bits} bits"))
        return WEAK_KEY.found(selector.name, evidence=evidence(selector), selector=selector.selector, bits=key.bits)

    return each_key(facts, decide)


# --- DKIM011 --------------------------------------------------------------------------------------------------------

LARGE_KEY = Rule(
    "DKIM011",
    "dkim-key-large",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key no larger than needed", es="Clave DKIM no mayor de lo necesario"),
    title=Text(
        en="The DKIM key {selector} has {bits} bits, more than mail needs",
        es="La clave DKIM {selector} tiene {bits} bits, más de los que necesita el correo",
    ),
    why=Text(
        en="Receivers must support keys of up to 4096 bits and may refuse larger ones. A long record also gets cut by some "
        "DNS panels and makes DNS answers big, without making the mail more trusted.",
        es="Los receptores deben admitir claves de hasta 4096 bits y pueden rechazar las mayores. Además, algunos paneles de "
        "DNS cortan un registro tan largo y las respuestas DNS crecen, sin que el correo inspire más confianza.",
    ),
    fix=Text(
        en="Use 2048 bits when the key is next changed. Above 4096 bits, change it now.",
        es="Use 2048 bits en el próximo cambio de clave. Si pasa de 4096 bits, cámbiela ya.",
    ),
    references=("RFC 8301 §3.2",),
)


@LARGE_KEY.check
def large_key(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 8301 §3.2: verifiers must support 1024 to 4096 bits, and may support more."""

    def decide(selector: Selector, key: DkimKey) -> Outcome | None:
        if key.bits is None:
            return None
        if key.key_type != "rsa" or key.bits <= RSA_BITS_SHOULD:
            return Passed(selector.name)
        return LARGE_KEY.found(
            selector.name,
            severity=Severity.WARNING if key.bits > RSA_BITS_SUPPORTED else Severity.INFO,
            evidence=evidence(selector),
            selector=selector.selector,
            bits=key.bits,
        )

    return each_key(facts, decide)


# --- DKIM014 --------------------------------------------------------------------------------------------------------

TEST_MODE = Rule(
    "DKIM014",
    "dkim-test-mode",
    Severity.WARNING,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="DKIM out of test mode", es="DKIM fuera del modo de prueba"),
    title=Text(
        en="The DKIM key {selector} is marked as a test (t=y)",
        es="La clave DKIM {selector} está marcada como prueba (t=y)",
    ),
    why=Text(
        en="With t=y receivers must treat the mail as if it were not signed, even when the signature is good.",
        es="Con t=y, los receptores deben tratar el correo como si no estuviera firmado, aunque la firma sea correcta.",
    ),
    fix=Text(
        en="Once signed mail arrives as it should, whoever manages your DNS takes t=y out of the record at {name}.",
        es="Cuando compruebe que el correo firmado llega bien, quien gestione su DNS debe quitar t=y del registro de {name}.",
    ),
    references=("RFC 6376 §3.6.1",),
)


@TEST_MODE.check
def test_mode(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §3.6.1: messages in testing mode are not treated differently from unsigned mail."""

    def decide(selector: Selector, key: DkimKey) -> Outcome:
        if not key.testing:
            return Passed(selector.name)
        flags = key.tag("t")
        return TEST_MODE.found(
            selector.name,
            evidence=evidence(selector, *([flags.value_span] if flags else [])),
            fix=record_fix(selector, key),
            selector=selector.selector,
            name=selector.name,
        )

    return each_key(facts, decide)


# --- DKIM027 --------------------------------------------------------------------------------------------------------

SHARED_KEY = Rule(
    "DKIM027",
    "dkim-key-shared",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="A key of its own for each selector", es="Una clave propia para cada selector"),
    title=Text(
        en="The DKIM selectors {selectors} share one key",
        es="Los selectores DKIM {selectors} comparten la misma clave",
    ),
    why=Text(
        en="If the key leaks, all of them have to be changed at once, and retiring one of them retires nothing.",
        es="Si la clave se filtra, hay que cambiarlos todos a la vez, y retirar uno de ellos no sirve de nada.",
    ),
    fix=Text(
        en="Have the mail platform create a key of its own for each selector in use, and delete the records that nothing "
        "signs with.",
        es="Pida a la plataforma de correo una clave distinta para cada selector en uso y borre los registros con los que "
        "ya no se firma.",
    ),
    references=(M3AAWG_ROTATION,),
    identity=("selectors",),
)


@SHARED_KEY.check
def shared_key(facts: DkimFacts) -> Iterator[Outcome]:
    """One key under several names; what a provider publishes behind CNAMEs is the provider's business."""
    by_key: dict[str, list[Selector]] = {}
    for selector in facts.existing:
        for key in selector.keys:
            if key.public_key and not selector.aliases:
                by_key.setdefault(key.fingerprint, []).append(selector)
    if not by_key:
        yield from unknowns(facts)[:1] or [NotApplicable(NO_KEY_SEEN, facts.domain)]
        return
    groups = [group for found in by_key.values() if len(group := list(dict.fromkeys(found))) > 1]
    if not groups:
        yield from unknowns(facts)[:1] or [Passed(facts.domain)]
    for group in groups:
        yield SHARED_KEY.found(
            facts.domain,
            evidence=[evidence(selector) for selector in group],
            selectors=tuple(selector.selector for selector in group),
        )


# --- DKIM028 --------------------------------------------------------------------------------------------------------

OLD_KEY = Rule(
    "DKIM028",
    "dkim-key-old",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key changed within a year", es="Clave DKIM renovada en el último año"),
    title=Text(
        en="By its name, the DKIM key {selector} is {months} months old",
        es="Por su nombre, la clave DKIM {selector} tiene {months} meses",
    ),
    why=Text(
        en="No receiver looks at the age. But a key that is never changed stays good for whoever has copied it, and the "
        "first change is better made calmly than after a leak.",
        es="Ningún receptor mira la antigüedad. Pero una clave que nunca se cambia sigue sirviendo a quien la haya copiado, "
        "y es mejor hacer el primer cambio con calma que tras una filtración.",
    ),
    fix=Text(
        en="Create a new key under a new selector name, publish it, switch signing over, and delete the old record a week "
        "later. Twice a year is good practice.",
        es="Cree una clave nueva con otro nombre de selector, publíquela, cambie la firma y borre el registro antiguo una "
        "semana después. Dos veces al año es una buena costumbre.",
    ),
    references=(M3AAWG_ROTATION,),
)

_YEAR = 365
_DATE = pattern(r"(?<![0-9])(20[0-9]{2})-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12][0-9]|3[01]))?(?:[0-9]{6})?(?![0-9])")
_MILLISECONDS = pattern(r"1[0-9]{12}")
_UNDATED = Text(
    en="No selector that was seen carries a date in its name.",
    es="Ninguno de los selectores vistos lleva una fecha en el nombre.",
)


@OLD_KEY.check
def old_key(facts: DkimFacts, moment: Moment) -> Iterator[Outcome]:
    """Keys whose selector is a date; what lies in a provider's zone the provider changes."""
    dated = [
        (selector, day)
        for selector in facts.existing
        if selector.usable and not selector.aliases and (day := selector_date(selector.selector)) is not None
    ]
    failed = [selector for selector in facts.failed if selector_date(selector.selector) is not None]
    yield from (unknown(selector) for selector in failed)
    if not dated and not failed:
        yield NotApplicable(_UNDATED, facts.domain)
    for selector, day in dated:
        age = (moment.today - day).days
        if age <= _YEAR or _fixed_name(selector):
            yield Passed(selector.name)
        else:
            yield OLD_KEY.found(
                selector.name, evidence=evidence(selector), selector=selector.selector, months=age * 12 // _YEAR
            )


def selector_date(selector: str) -> date | None:
    """The day or month that a selector's name states: `20240131`, `2024-01`, `202401`, or milliseconds since 1970."""
    if _MILLISECONDS.fullmatch(selector):
        return datetime.fromtimestamp(int(selector) / 1000, UTC).date()
    match = _DATE.search(selector)
    if match is None:
        return None
    year, month, day = match.groups()
    try:
        return date(int(year), int(month), int(day or 1))
    except ValueError:
        return None


def _fixed_name(selector: Selector) -> bool:
    """Names that look like a date and are the same for every customer (Pardot's 200608)."""
    return selector.selector in common_selectors(thorough=True)


RULES: tuple[Rule, ...] = (WEAK_KEY, LARGE_KEY, TEST_MODE, SHARED_KEY, OLD_KEY)
