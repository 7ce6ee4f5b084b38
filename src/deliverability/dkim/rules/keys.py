"""Rules about keys that verifiers cannot use (DKIM007, 008, 009, 025, 026)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.facts import DkimFacts, Selector
from deliverability.dkim.record import RSA_BITS_MUST, DkimKey, KeyProblemKind
from deliverability.dkim.rules.common import each_key, each_selector, evidence, needed, record_fix, spans_of
from deliverability.dkim.texts import describe

# --- DKIM007 --------------------------------------------------------------------------------------------------------

REVOKED = Rule(
    "DKIM007",
    "dkim-key-revoked",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key in force", es="Clave DKIM en vigor"),
    title=Text(
        en="The DKIM key {selector} is revoked: its record holds an empty p=",
        es="La clave DKIM {selector} está anulada: su registro tiene p= vacío",
    ),
    why=Text(
        en="Receivers treat every signature made with this selector as failed.",
        es="Los receptores dan por fallida toda firma hecha con este selector.",
    ),
    fix=Text(
        en="If your mail is still signed with {selector}, have the platform create a key under a new selector and publish "
        "that. If not, nothing has to be done: an empty record is the right way to retire a key. A TXT record of your own may "
        "be deleted after some weeks; keep a CNAME to your provider, who needs it for the next change of keys.",
        es="Si su correo aún se firma con {selector}, pida a la plataforma una clave con un selector nuevo y publíquela. "
        "Si no, no es necesario hacer nada: el registro vacío es la forma correcta de retirar una clave. Si es un TXT suyo, "
        "puede borrarlo pasadas unas semanas; si es un CNAME a su proveedor, consérvelo: servirá para el próximo cambio de clave.",
    ),
    references=("RFC 6376 §3.6.1", "RFC 6376 §6.1.2"),
)


@REVOKED.check
def revoked(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §3.6.1: an empty p= means that the key has been revoked."""

    def decide(selector: Selector) -> Outcome:
        key = selector.key
        if key is None or not key.revoked:
            return Passed(selector.name)
        return REVOKED.found(
            selector.name,
            severity=Severity.ERROR if needed(selector, facts) else Severity.INFO,
            evidence=evidence(selector),
            selector=selector.selector,
        )

    return each_selector(facts, decide)


# --- DKIM008 --------------------------------------------------------------------------------------------------------

DAMAGED = Rule(
    "DKIM008",
    "dkim-key-damaged",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="DKIM record well formed", es="Registro DKIM bien formado"),
    title=Text(
        en="The DKIM record {selector} is damaged: {problem}",
        es="El registro DKIM {selector} está dañado: {problem}",
    ),
    why=Text(
        en="Receivers that read the record by the standard ignore it, and every signature with this selector fails there; "
        "some read past small defects, so the result differs from one receiver to the next.",
        es="Los receptores que leen el registro según el estándar lo ignoran, y allí fallan todas las firmas con este "
        "selector; algunos pasan por alto defectos pequeños, así que el resultado cambia de un receptor a otro.",
    ),
    fix=Text(
        en="Copy the record again from your mail platform; whoever manages your DNS replaces the one at {name}. Paste it "
        "without quotation marks, backslashes or line breaks. If the panel cuts it at 255 characters, enter it as several "
        "strings of one record.",
        es="Copie otra vez el registro de su plataforma de correo; quien gestione su DNS debe sustituir el de {name}. "
        "Péguelo sin comillas, barras invertidas ni saltos de línea. Si el panel lo corta a los 255 caracteres, "
        "introdúzcalo como varias cadenas de un mismo registro.",
    ),
    references=("RFC 6376 §3.6.1", "RFC 6376 §3.6.2.2", "RFC 6376 §6.1.2", "RFC 8463 §4.2"),
    consequence_of=("DKIM006",),
)

_DAMAGE = (
    # What names the cause best comes first.
    KeyProblemKind.QUOTES,
    KeyProblemKind.BACKSLASH,
    KeyProblemKind.PEM,
    KeyProblemKind.TRUNCATED,
    KeyProblemKind.SYNTAX,
    KeyProblemKind.DUPLICATE_TAG,
    KeyProblemKind.NO_KEY,
    KeyProblemKind.BASE64,
    KeyProblemKind.ED25519_WRAPPED,
    KeyProblemKind.ED25519_LENGTH,
    KeyProblemKind.WRONG_ALGORITHM,
    KeyProblemKind.DER,
    KeyProblemKind.MODULUS,
    KeyProblemKind.EXPONENT,
    KeyProblemKind.TOO_LONG,
    KeyProblemKind.TRAILING,
    KeyProblemKind.PADDING,
    KeyProblemKind.EMPTY_TAG,
    KeyProblemKind.FOREIGN_OCTETS,
    KeyProblemKind.WHITE_SPACE,
)
#: The standard allows white space inside the key (RFC 6376 §3.6.1); it only shows how the record was pasted.
_HARMLESS = {KeyProblemKind.WHITE_SPACE}


@DAMAGED.check
def damaged(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §6.1.2 step 5: a record that does not follow the format is ignored."""

    def decide(selector: Selector, key: DkimKey) -> Outcome:
        if key.problem(KeyProblemKind.VERSION) and not key.is_key_record:
            return NotApplicable(_NOT_A_KEY, selector.name)
        problems = [problem for kind in _DAMAGE for problem in key.problems if problem.kind is kind]
        # An unknown k= leaves nothing to compare p= with; DKIM025 tells that.
        if key.problem(KeyProblemKind.KEY_TYPE):
            problems = [problem for problem in problems if problem.kind is not KeyProblemKind.DER]
        if not problems:
            return Passed(selector.name)
        return DAMAGED.found(
            selector.name,
            severity=_severity(
                selector, key, [problem.kind for problem in problems if problem.fatal], problems[0].kind
            ),
            evidence=evidence(selector, *spans_of(tuple(problems))),
            fix=record_fix(selector, key),
            selector=selector.selector,
            name=selector.name,
            problem=describe(problems[0]),
        )

    return each_key(facts, decide)


_NOT_A_KEY = Text(
    en="The record at this name is no DKIM key at all; see DKIM026.",
    es="El registro de este nombre no es una clave DKIM; vea DKIM026.",
)


def _severity(selector: Selector, key: DkimKey, fatal: list[KeyProblemKind], first: KeyProblemKind) -> Severity:
    if fatal:
        return Severity.ERROR if key.is_key_record or selector.in_use else Severity.INFO
    return Severity.INFO if first in _HARMLESS else Severity.WARNING


# --- DKIM009 --------------------------------------------------------------------------------------------------------

SHORT_KEY = Rule(
    "DKIM009",
    "dkim-key-too-short",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key of 1024 bits or more", es="Clave DKIM de 1024 bits o más"),
    title=Text(
        en="The DKIM key {selector} has only {bits} bits; receivers must refuse it",
        es="La clave DKIM {selector} tiene solo {bits} bits; los receptores deben rechazarla",
    ),
    why=Text(
        en="A key this short can be broken, so receivers do not accept its signatures: the mail counts as unsigned, and "
        "whoever breaks the key can sign as you.",
        es="Una clave tan corta se puede romper, por lo que los receptores no aceptan sus firmas: el correo cuenta como no "
        "firmado, y quien la rompa podrá firmar en su nombre.",
    ),
    fix=Text(
        en="Have the mail platform create a 2048-bit key under a new selector, publish its record, let the platform sign "
        "with it, and only then delete {selector}.",
        es="Pida a la plataforma de correo una clave de 2048 bits con un selector nuevo, publique su registro, haga que la "
        "plataforma firme con ella y solo entonces borre {selector}.",
    ),
    references=("RFC 8301 §3.2",),
)


@SHORT_KEY.check
def short_key(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 8301 §3.2: verifiers MUST NOT consider signatures by RSA keys below 1024 bits valid."""

    def decide(selector: Selector, key: DkimKey) -> Outcome | None:
        if key.bits is None:
            return None  # not readable: DKIM008
        if key.key_type != "rsa" or key.bits >= RSA_BITS_MUST:
            return Passed(selector.name, Text(en=f"{key.bits} bits", es=f"{key.bits} bits"))
        return SHORT_KEY.found(selector.name, evidence=evidence(selector), selector=selector.selector, bits=key.bits)

    return each_key(facts, decide)


# --- DKIM025 --------------------------------------------------------------------------------------------------------

RESTRICTED = Rule(
    "DKIM025",
    "dkim-key-restricted",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="DKIM key allowed for e-mail", es="Clave DKIM válida para correo"),
    title=Text(
        en="The DKIM record {selector} excludes its use for mail: {problem}",
        es="El registro DKIM {selector} impide usar la clave para el correo: {problem}",
    ),
    why=Text(
        en="Receivers must ignore a key whose record does not allow the kind of key, the hash or the service of a mail "
        "signature, so every signature with this selector fails. SHA-1 is no longer accepted by any rule.",
        es="Los receptores deben ignorar una clave cuyo registro no admite el tipo de clave, el hash o el servicio de una "
        "firma de correo, así que toda firma con este selector falla. SHA-1 ya no se acepta en ningún caso.",
    ),
    fix=Text(
        en="Whoever manages your DNS takes the tag k=, h= or s= in question out of the record at {name}; the defaults are "
        "right for mail.",
        es="Quien gestione su DNS debe quitar del registro de {name} la etiqueta k=, h= o s= en cuestión; los valores por "
        "defecto son los correctos para el correo.",
    ),
    references=("RFC 6376 §3.6.1", "RFC 6376 §6.1.2", "RFC 8301 §3.1", "RFC 8463 §4.2"),
)

_FOR_TLS_REPORTS = Text(
    en="This key is meant for TLS reports (RFC 8460) and not for mail.",
    es="Esta clave es para informes TLS (RFC 8460) y no para el correo.",
)


@RESTRICTED.check
def restricted(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §3.6.1 and §6.1.2 step 6: keys of unknown type, for other hashes or other services are ignored."""

    def decide(selector: Selector, key: DkimKey) -> Outcome:
        kinds = (KeyProblemKind.KEY_TYPE, KeyProblemKind.HASH, KeyProblemKind.SERVICE)
        problems = tuple(problem for problem in key.problems if problem.kind in kinds)
        if not problems:
            return Passed(selector.name)
        # RFC 8460 §3 adds the service type tlsrpt.
        if len(problems) == 1 and "tlsrpt" in key.service_types:
            return NotApplicable(_FOR_TLS_REPORTS, selector.name)
        return RESTRICTED.found(
            selector.name,
            evidence=evidence(selector, *spans_of(problems)),
            fix=record_fix(selector, key),
            selector=selector.selector,
            name=selector.name,
            problem=describe(problems[0]),
        )

    return each_key(facts, decide)


# --- DKIM026 --------------------------------------------------------------------------------------------------------

BAD_VERSION = Rule(
    "DKIM026",
    "dkim-version",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="Version of the DKIM record", es="Versión del registro DKIM"),
    title=Text(
        en="The DKIM record {selector} is discarded: {problem}",
        es="El registro DKIM {selector} se descarta: {problem}",
    ),
    why=Text(
        en="If v= is there, it must be the first tag and read exactly DKIM1. Receivers discard any other record, and every "
        "signature with this selector fails.",
        es="Si figura v=, tiene que ser la primera etiqueta y valer exactamente DKIM1. Los receptores descartan cualquier "
        "otro registro, y toda firma con este selector falla.",
    ),
    fix=Text(
        en="Whoever manages your DNS corrects the record at {name} so that it begins with v=DKIM1; and replaces it "
        "altogether if it is not a DKIM key.",
        es="Quien gestione su DNS debe corregir el registro de {name} para que empiece por v=DKIM1; o sustituirlo por "
        "completo si no es una clave DKIM.",
    ),
    references=("RFC 6376 §3.6.1",),
)


@BAD_VERSION.check
def bad_version(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §3.6.1: v= must be the first tag; records with any other value than DKIM1 must be discarded."""

    def decide(selector: Selector) -> Outcome | None:
        key = selector.key
        if key is None:
            return None
        problem = key.problem(KeyProblemKind.VERSION, KeyProblemKind.VERSION_POSITION)
        if problem is None:
            return Passed(selector.name)
        return BAD_VERSION.found(
            selector.name,
            severity=Severity.ERROR if key.is_key_record or selector.in_use else Severity.INFO,
            evidence=evidence(selector, problem.span),
            fix=record_fix(selector, key),
            selector=selector.selector,
            name=selector.name,
            problem=describe(problem),
        )

    return each_selector(facts, decide)


RULES: tuple[Rule, ...] = (REVOKED, DAMAGED, SHORT_KEY, RESTRICTED, BAD_VERSION)
