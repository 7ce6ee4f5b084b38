"""Rules about the text of the record: what is not SPF, what is read otherwise than it was meant, what is too long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.finding import Actor, Basis, Finding, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.finding import record_evidence as text_evidence
from deliverability.core.limits import DEFAULT_LIMITS
from deliverability.core.patterns import pattern
from deliverability.core.questions import TxtStrings, join_strings
from deliverability.core.rule import Area, Rule
from deliverability.core.span import Span
from deliverability.core.text import Text
from deliverability.spf import repair
from deliverability.spf.facts import SpfFacts
from deliverability.spf.record import Macro, SpfProblem, SpfProblemKind, is_spf
from deliverability.spf.rules.common import (
    COULD_NOT_ASK,
    NOTHING_OF_THE_KIND,
    at_spans,
    at_terms,
    listed,
    records_of,
    unread,
)
from deliverability.spf.texts import problem_text
from deliverability.spf.tree_model import Placed, State

SYNTAX_ERROR = Rule(
    code="SPF003",
    name="spf-syntax-error",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("SPF syntax", "Sintaxis del SPF"),
    title=Text("The SPF record of {domain} {fault} `{term}`", "El registro SPF de {domain} {fault} `{term}`"),
    why=Text(
        "What is wrong in the record of {domain}: {problem}. {effect}",
        "Qué está mal en el registro de {domain}: {problem}. {effect}",
    ),
    fix=Text(
        "Whoever manages your DNS: correct `{term}` in the SPF record of {domain}{suggestion}. Copy it from your provider's "
        "instructions instead of typing it.",
        "Quien gestione su DNS: corrija `{term}` en el registro SPF de {domain}{suggestion}. Cópielo de las instrucciones de su proveedor "
        "en vez de teclearlo.",
    ),
    references=("RFC 7208 §4.6", "RFC 7208 §12"),
    consequence_of=("SPF021",),
    identity=("term",),
)

_MAX_LOOKUPS = DEFAULT_LIMITS.spf_lookups

#: Defects that a rule of their own tells.
_ELSEWHERE = frozenset({SpfProblemKind.REPEATED_MODIFIER, SpfProblemKind.AFTER_ALL, SpfProblemKind.REDIRECT_WITH_ALL})


@SYNTAX_ERROR.check
def spf_syntax_error(spf: SpfFacts) -> Iterator[Outcome]:
    """One finding for each defect: fatal ones are errors, slips that the grammar lets pass are warnings."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        yield early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
        return
    problems = _distinct(p for p in record.problems if p.kind not in _ELSEWHERE and not _is_bad_address(p))
    fix = repair.publish(spf.root, repair.corrected(record)) if problems else None
    for problem in problems:
        yield SYNTAX_ERROR.found(
            spf.domain,
            severity=_severity(problem),
            evidence=at_spans(spf, [problem.span]),
            fix=fix,
            domain=spf.domain,
            fault=_ERROR_AT if problem.fatal else _SLIP_AT,
            term=problem.text,
            problem=problem_text(problem),
            effect=_effect(problem),
            suggestion=_suggestion(problem),
        )
    if not problems:
        yield Passed(spf.domain)


def _distinct(problems: Iterable[SpfProblem]) -> list[SpfProblem]:
    """The same slip at the same word is told once."""
    return list({(problem.kind, problem.text): problem for problem in problems}.values())


_ERROR_AT = Text("has an error at", "tiene un error en")
_SLIP_AT = Text("has a slip at", "contiene un descuido en")
_IP_TERM = pattern(r"[-+?~]?ip[46]\b", re.IGNORECASE)


def _is_bad_address(problem: SpfProblem) -> bool:
    """Whether SPF017 tells it: an address or length that is wrong, in a term that takes addresses."""
    lengths = (SpfProblemKind.PREFIX_LENGTH, SpfProblemKind.LEADING_ZERO, SpfProblemKind.NETMASK)
    return problem.kind in repair.ADDRESS_KINDS and (
        problem.kind in lengths or _IP_TERM.match(problem.text) is not None
    )


def _severity(problem: SpfProblem) -> Severity:
    if problem.fatal:
        return Severity.ERROR
    return Severity.INFO if problem.kind is SpfProblemKind.HOST_BITS else Severity.WARNING


def _effect(problem: SpfProblem) -> Text:
    if problem.fatal:
        return _FATAL
    return _WHOLE_NETWORK if problem.kind is SpfProblemKind.HOST_BITS else _READ_OTHERWISE


_FATAL = Text(
    "One such error anywhere in the record makes every receiver drop the whole of it (permerror): no mail passes SPF.",
    "Basta un error así en cualquier parte del registro para que todo receptor lo descarte entero (permerror): ningún correo pasa SPF.",
)
_WHOLE_NETWORK = Text(
    "If a single server was meant, write its address without the prefix.",
    "Si quería indicar un solo servidor, escriba su dirección sin el prefijo.",
)
_READ_OTHERWISE = Text(
    "Receivers do read the record, but not as it was meant: what this term should let pass does not pass.",
    "Los receptores leen el registro, pero no como usted quería: lo que este término debería dejar pasar no pasa.",
)


def _suggestion(problem: SpfProblem) -> Text | str:
    if not problem.suggestion.strip():
        return ""
    word = problem.suggestion.strip()
    return Text(f"; `{word}` was probably meant", f"; probablemente quería decir `{word}`")


TERMS_AFTER_ALL = Rule(
    code="SPF015",
    name="terms-after-all",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Order of `all` in SPF", "Posición de `all` en el SPF"),
    title=Text(
        "Terms that `all` cancels in the SPF of {domain}: {terms}",
        "Términos que `all` anula en el SPF de {domain}: {terms}",
    ),
    why=Text(
        "Receivers stop at `all`. What stands after it, and a redirect anywhere beside it, is ignored: a server or service listed there "
        "does not pass.",
        "Los receptores paran en `all`. Lo que haya detrás, y todo redirect que lo acompañe, se ignora: el servidor o servicio que figure "
        "ahí no pasa.",
    ),
    fix=Text(
        "Whoever manages your DNS: put every sender before `all`, let `all` be the last mechanism, and take out a redirect. "
        "Every include moved there costs DNS lookups, of which receivers allow ten: run the audit again on the new record.",
        "Quien gestione su DNS: ponga todos los remitentes antes de `all`, deje `all` como último mecanismo y quite el redirect, si lo "
        "hay. Cada include que traslade gasta consultas DNS, y los receptores admiten diez: repita la auditoría con el registro nuevo.",
    ),
    references=("RFC 7208 §5.1", "RFC 7208 §6.1"),
)


@TERMS_AFTER_ALL.check
def terms_after_all(spf: SpfFacts) -> Outcome:
    """Legal, and nobody means it."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        return early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
    kinds = (SpfProblemKind.AFTER_ALL, SpfProblemKind.REDIRECT_WITH_ALL)
    ignored = [p for p in record.problems if p.kind in kinds]
    if not ignored:
        return Passed(spf.domain)
    return TERMS_AFTER_ALL.found(
        spf.domain,
        evidence=at_spans(spf, [p.span for p in ignored]),
        fix=repair.publish(spf.root, repair.senders_before_all(record, room=_MAX_LOOKUPS - spf.tree.lookups)),
        domain=spf.domain,
        terms=listed(p.text for p in ignored),
    )


REPEATED_MODIFIER = Rule(
    code="SPF016",
    name="repeated-modifier",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("`redirect` and `exp` once at most", "`redirect` y `exp`, una sola vez"),
    title=Text(
        "`{name}` stands more than once in the SPF of {domain}", "`{name}` aparece más de una vez en el SPF de {domain}"
    ),
    why=Text(
        "The standard allows one redirect and one exp. With two, receivers drop the whole record (permerror) and no mail passes SPF.",
        "La norma admite un redirect y un exp. Con dos, los receptores descartan el registro entero (permerror) y ningún correo pasa SPF.",
    ),
    fix=Text(
        "Whoever manages your DNS: keep one `{name}`. To name two domains, write `include:` for each and end the record in `~all`.",
        "Quien gestione su DNS: deje un solo `{name}`. Para nombrar dos dominios, escriba un `include:` por cada uno y termine el registro "
        "en `~all`.",
    ),
    references=("RFC 7208 §6",),
    identity=("name",),
)


@REPEATED_MODIFIER.check
def repeated_modifier(spf: SpfFacts) -> Iterator[Outcome]:
    """redirect and exp; RFC 6652's modifiers are no error."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        yield early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
        return
    problems = [p for p in record.problems if p.kind is SpfProblemKind.REPEATED_MODIFIER and p.fatal]
    for name in dict.fromkeys(p.text.partition("=")[0].lower() for p in problems):
        yield REPEATED_MODIFIER.found(
            spf.domain,
            evidence=at_spans(spf, [p.span for p in problems]),
            fix=repair.publish(spf.root, repair.one_of_each_modifier(record)),
            domain=spf.domain,
            name=name,
        )
    if not problems:
        yield Passed(spf.domain)


BAD_ADDRESS = Rule(
    code="SPF017",
    name="bad-ip-mechanism",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Addresses in ip4 and ip6", "Direcciones en ip4 e ip6"),
    title=Text(
        "`{term}` in the SPF of {domain} is no valid address or network",
        "`{term}` en el SPF de {domain} no es una dirección o red válida",
    ),
    why=Text(
        "What is wrong in the record of {domain}: {problem}. {effect}",
        "Qué está mal en el registro de {domain}: {problem}. {effect}",
    ),
    fix=Text(
        "Whoever manages your DNS: write an IPv4 address as `ip4:198.51.100.7` or a network as `ip4:198.51.100.0/24` (length 0 to 32), "
        "IPv6 with `ip6:` (0 to 128){suggestion}.",
        "Quien gestione su DNS: escriba una dirección IPv4 así: `ip4:198.51.100.7`, o una red así: `ip4:198.51.100.0/24` (longitud de 0 a "
        "32), e IPv6 con `ip6:` (de 0 a 128){suggestion}.",
    ),
    references=("RFC 7208 §5.6",),
    consequence_of=("SPF021",),
    identity=("term",),
)


@BAD_ADDRESS.check
def bad_ip_mechanism(spf: SpfFacts) -> Iterator[Outcome]:
    """Malformed, of the other family, with a netmask or too long a prefix."""
    early = unread(spf)
    record = spf.root.record
    if early is not None or record is None:
        yield early or NotApplicable(NOTHING_OF_THE_KIND, spf.domain)
        return
    problems = _distinct(p for p in record.problems if _is_bad_address(p))
    fix = repair.publish(spf.root, repair.corrected(record)) if problems else None
    for problem in problems:
        yield BAD_ADDRESS.found(
            spf.domain,
            severity=Severity.ERROR if problem.fatal else Severity.WARNING,
            evidence=at_spans(spf, [problem.span]),
            fix=fix,
            domain=spf.domain,
            term=problem.text,
            problem=problem_text(problem),
            effect=_effect(problem),
            suggestion=_suggestion(problem),
        )
    if problems:
        return
    addressed = any(d.network is not None for d in record.directives)
    yield Passed(spf.domain) if addressed else NotApplicable(NOTHING_OF_THE_KIND, spf.domain)


OVERSIZED = Rule(
    code="SPF020",
    name="oversized-spf-answer",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Size of the SPF answer", "Tamaño de la respuesta SPF"),
    title=Text("{problem} at {domain}", "{problem} en {domain}"),
    why=Text(
        "The TXT answer has {octets} octets. Over 512 octets it takes receivers a second try, over TCP or with larger packets, that "
        "firewalls sometimes block: SPF is then missing for them. A string over 255 octets cannot be published at all, and panels cut "
        "it off.",
        "La respuesta TXT ocupa {octets} octetos. Por encima de 512, los receptores tienen que repetir la consulta por TCP o con paquetes "
        "mayores, y algunos cortafuegos lo impiden: para ellos falta el SPF. Una cadena de más de 255 octetos ni siquiera se puede "
        "publicar, y los paneles la recortan.",
    ),
    fix=Text(
        "Whoever manages your DNS: delete TXT records of verifications that are over, shorten the SPF record, and write it as several "
        "strings of at most 255 octets with the blanks kept. The standard advises staying under 450 octets.",
        "Quien gestione su DNS: borre los registros TXT de verificaciones ya terminadas, acorte el registro SPF y escríbalo en varias "
        "cadenas de 255 octetos como máximo, conservando los espacios. La norma aconseja no pasar de 450 octetos.",
    ),
    references=("RFC 7208 §3.3", "RFC 7208 §3.4"),
)

#: A DNS message over UDP without EDNS (RFC 1035 §2.3.4), and one character-string (§3.3).
_MESSAGE, _STRING = 512, 255
_TOO_LONG_STRING = Text(
    "A string of the SPF record is longer than 255 octets", "Una cadena del registro SPF pasa de 255 octetos"
)
_TOO_LONG_ANSWER = Text(
    "The TXT answer with SPF is longer than 512 octets", "La respuesta TXT con el SPF pasa de 512 octetos"
)


@OVERSIZED.check
def oversized_spf_answer(spf: SpfFacts) -> Outcome:
    """All TXT records of the name come in one answer, so all of them count (RFC 7208 §3.4)."""
    early = unread(spf)
    if isinstance(early, Unknown) or (early is not None and not spf.root.texts):
        return early
    octets = answer_octets(spf.domain, spf.strings)
    long = [s for s in spf.strings if is_spf(join_strings(s)) and any(len(part) > _STRING for part in s)]
    if not long and octets <= _MESSAGE:
        return Passed(spf.domain, Text(f"{octets} octets", f"{octets} octetos"))
    text = spf.root.texts[0]
    split = Fix((RecordChange(spf.domain, "TXT", add=(text,), remove=(text,)),)) if long else None
    return OVERSIZED.found(
        spf.domain,
        severity=Severity.ERROR if long else Severity.WARNING,
        evidence=spf.root.evidence,
        fix=split,
        domain=spf.domain,
        problem=_TOO_LONG_STRING if long else _TOO_LONG_ANSWER,
        octets=octets,
    )


def answer_octets(domain: str, strings: Sequence[TxtStrings]) -> int:
    """The octets of the DNS message that carries these TXT records: header, question, each record with its name compressed."""
    question = len(domain) + 2 + 4
    records = sum(2 + 10 + sum(1 + len(part) for part in each) for each in strings)
    return 12 + question + records


JOINED_STRINGS = Rule(
    code="SPF021",
    name="strings-join-without-space",
    severity=Severity.ERROR,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Strings of the SPF record", "Cadenas del registro SPF"),
    title=Text(
        "Two strings of the SPF of {domain} run together: `{joined}`",
        "Dos cadenas del SPF de {domain} se juntan sin espacio: `{joined}`",
    ),
    why=Text(
        "A long record is published as several strings, and receivers join them with nothing between. Without a blank at the seam two "
        "terms become one: an error, or two senders that do not pass.",
        "Un registro largo se publica en varias cadenas y los receptores las unen sin nada en medio. Si falta el espacio en la unión, dos "
        "términos se convierten en uno: un error, o dos remitentes que no pasan.",
    ),
    fix=Text(
        "Whoever manages your DNS: begin the second string with a blank, or paste the record as one line if your panel splits it itself.",
        "Quien gestione su DNS: empiece la segunda cadena con un espacio, o pegue el registro en una sola línea si su panel lo parte por sí "
        "mismo.",
    ),
    references=("RFC 7208 §3.3",),
    identity=("joined",),
)

_WORD_END = pattern(rb"[^ ]*\Z")
_WORD_BEGIN = pattern(rb"[^ ]*")
#: How a new term begins, sure enough not to be the rest of a name.
_TERM = pattern(
    rb"[-+?~]?(?:include:|exists:|ip4:|ip6:|a:|mx:|ptr:)|(?:redirect|exp)=|[-+?~](?:all|a|mx|ptr)\Z", re.IGNORECASE
)
_ONLY_QUALIFIER = pattern(rb"[-+?~]?")


@JOINED_STRINGS.check
def strings_join_without_space(spf: SpfFacts) -> Iterator[Outcome]:
    """At each seam: a word on the left that is whole, and a new term on the right."""
    if spf.root.state in (State.TEMPERROR, State.NOT_READ):
        yield Unknown(COULD_NOT_ASK, spf.domain, spf.root.evidence)
        return
    records = [s for s in spf.strings if is_spf(join_strings(s))]
    clean = True
    for strings in records:
        seams = bad_seams(strings)
        if seams:
            clean = False
            yield _joined(spf, strings, seams)
    if clean:
        yield (
            Passed(spf.domain)
            if any(len(s) > 1 for s in records)
            else NotApplicable(Text("The record is a single string.", "El registro es una sola cadena."), spf.domain)
        )


def bad_seams(strings: TxtStrings) -> tuple[int, ...]:
    """Where in the joined text a blank is missing between two strings."""
    seams: list[int] = []
    at = 0
    for left, right in pairwise(strings):
        at += len(left)
        before, after = _WORD_END.search(left), _WORD_BEGIN.match(right)
        if before is None or after is None or not _TERM.match(after[0]):
            continue
        if not _ONLY_QUALIFIER.fullmatch(before[0]):
            seams.append(at)
    return tuple(seams)


def _joined(spf: SpfFacts, strings: TxtStrings, seams: tuple[int, ...]) -> Finding:
    text = join_strings(strings).decode("latin-1")
    spans = [Span(text.rfind(" ", 0, at) + 1, _end_of_word(text, at)) for at in seams]
    apart, end = "", 0
    for at in seams:
        apart, end = apart + text[end:at] + " ", at
    whole = apart + text[end:]
    first = spans[0]
    fix = None
    if spf.root.texts == (text,):
        fix = repair.publish(spf.root, whole)
    return JOINED_STRINGS.found(
        spf.domain,
        evidence=text_evidence(spf.domain, "TXT", text, *spans),
        fix=fix,
        domain=spf.domain,
        joined=text[first.start : first.end],
    )


def _end_of_word(text: str, at: int) -> int:
    end = text.find(" ", at)
    return len(text) if end < 0 else end


RISKY_MACRO = Rule(
    code="SPF031",
    name="risky-macro",
    severity=Severity.WARNING,
    basis=Basis.STANDARD,
    area=Area.AUTH,
    actor=Actor.DNS,
    label=Text("Macros in SPF names", "Macros en los nombres del SPF"),
    title=Text(
        "SPF of {domain} builds names from what a sender may choose: {terms}",
        "El SPF de {domain} forma nombres con datos que elige el remitente: {terms}",
    ),
    why=Text(
        "`%{{p}}` costs reverse lookups and is discouraged. `%{{h}}`, `%{{l}}` and `%{{s}}` put text of the message into DNS names: strangers "
        "then decide what your name servers are asked, every miss is a void lookup, and receivers cannot cache the answer.",
        "`%{{p}}` exige consultas inversas y está desaconsejada. `%{{h}}`, `%{{l}}` y `%{{s}}` ponen texto del mensaje en nombres DNS: un "
        "extraño decide qué se pregunta a sus servidores, cada fallo es una consulta nula y el receptor no puede guardar la respuesta.",
    ),
    fix=Text(
        "Whoever manages your DNS: list the addresses that send (`ip4:`, `ip6:`) or the provider's plain `include:` instead. If a provider "
        "gave you the macro, ask whether it also offers a plain one.",
        "Quien gestione su DNS: indique en su lugar las direcciones que envían (`ip4:`, `ip6:`) o el `include:` sencillo del proveedor. Si la "
        "macro se la dio un proveedor, pregúntele si ofrece también uno sin ella.",
    ),
    references=("RFC 7208 §7.3", "RFC 7208 §11.1"),
)

_RISKY = frozenset("phls")


@RISKY_MACRO.check
def risky_macro(spf: SpfFacts) -> Outcome:
    """Macros that the sender of a message chooses; `%{i}`, `%{d}` and `%{o}` are not among them."""
    early = unread(spf)
    if early is not None:
        return early
    found = [p for p in spf.tree.reached() if _is_risky(p)]
    if not found:
        return Passed(spf.domain)
    own = [p.term.term for p in found if p.is_own]
    return RISKY_MACRO.found(
        spf.domain,
        severity=Severity.WARNING if own else Severity.INFO,
        evidence=[at_terms(spf, own)] if own else records_of(found),
        domain=spf.domain,
        terms=listed(p.term.term.text if p.is_own else f"{p.term.term.text} ({p.record.domain})" for p in found),
    )


def _is_risky(placed: Placed) -> bool:
    spec = placed.term.term.domain_spec
    return spec is not None and any(isinstance(part, Macro) and part.letter in _RISKY for part in spec.parts)


RULES: tuple[Rule, ...] = (
    SYNTAX_ERROR,
    TERMS_AFTER_ALL,
    REPEATED_MODIFIER,
    BAD_ADDRESS,
    OVERSIZED,
    JOINED_STRINGS,
    RISKY_MACRO,
)
