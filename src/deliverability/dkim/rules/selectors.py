"""Rules about selectors: whether a key is where it is looked for (DKIM002, 005, 006, 030 to 032)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange, record_value
from deliverability.core.facts import AuditedDomain
from deliverability.core.finding import (
    Actor,
    Basis,
    Finding,
    NotApplicable,
    Outcome,
    Passed,
    Severity,
    Unknown,
    evidence_of,
)
from deliverability.core.names import DomainName, child
from deliverability.core.questions import DnsQuestion, Failed, Found
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.facts import DkimFacts, Origin, Selector
from deliverability.dkim.record import DkimKey, parse_key
from deliverability.dkim.repair import rejoined
from deliverability.dkim.rules.common import (
    GOOGLE_SENDERS,
    NOT_ANSWERED,
    above_evidence,
    above_name,
    each_selector,
    evidence,
    needed,
    probe_evidence,
    unknown,
    unknowns,
)
from deliverability.providers.registry import provider_of_dkim_target

_SENDS_NOTHING = Text(
    en="The domain sends no mail, so it needs no DKIM key.",
    es="El dominio no envía correo, así que no necesita ninguna clave DKIM.",
)

# --- DKIM002 --------------------------------------------------------------------------------------------------------

NO_KNOWN_SELECTOR = Rule(
    "DKIM002",
    "no-dkim-selector",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM key found", es="Clave DKIM localizada"),
    title=Text(
        en="{domain} has no DKIM key at all: nothing exists under {above}",
        es="{domain} no tiene ninguna clave DKIM: no existe nada bajo {above}",
    ),
    why=Text(
        en="No message can carry a valid signature by {domain} itself. Gmail, Yahoo and Outlook.com require one from whoever "
        "sends 5,000 messages a day or more, and without it a forwarded invoice has nothing left to prove its origin.",
        es="Ningún mensaje puede llevar una firma válida del propio {domain}. Gmail, Yahoo y Outlook.com la exigen a quien "
        "envía 5.000 mensajes al día o más, y sin ella una factura reenviada no tiene con qué demostrar su origen.",
    ),
    fix=Text(
        en="Whoever runs the mail platform switches DKIM on for {domain} in its settings; the platform then shows the "
        "records, and whoever manages the DNS publishes them. If the mail is signed with another domain, ask for "
        "signatures with {domain}.",
        es="Quien administre la plataforma de correo debe activar DKIM para {domain}; la plataforma mostrará los "
        "registros y quien gestione el DNS los publicará. Si el correo se firma con otro dominio, pida que se firme "
        "con {domain}.",
    ),
    references=(
        "RFC 8020 §2",
        "RFC 6376 §3.6.2.1",
        GOOGLE_SENDERS,
    ),
    consequence_of=("DKIM029", "DKIM031", "DKIM005", "DNS010", "DKIM001", "DKIM017", "DKIM016"),
)


@NO_KNOWN_SELECTOR.check
def no_known_selector(facts: DkimFacts, domain: AuditedDomain) -> Outcome:
    """Selectors cannot be listed (RFC 6376 §3.1); only a missing `_domainkey` proves that there are none."""
    seen = tuple(selector.selector for selector in facts.existing)
    if seen:
        return Passed(facts.domain, Text(en=", ".join(seen), es=", ".join(seen)))
    if domain.sends is False:
        return NotApplicable(_SENDS_NOTHING, facts.domain)
    if facts.failed or isinstance(facts.above, Failed):
        return Unknown(NOT_ANSWERED, facts.domain, (above_evidence(facts), *map(evidence, facts.failed[:3])))
    if facts.proven_absent:
        return NO_KNOWN_SELECTOR.found(
            facts.domain, evidence=above_evidence(facts), domain=facts.domain, above=above_name(facts)
        )
    return Unknown(_tried(facts), facts.domain, (above_evidence(facts),))


def _tried(facts: DkimFacts) -> Text:
    number = len(facts.selectors)
    return Text(
        en=f"None of the {number} selectors tried has a key. Selectors cannot be listed from DNS, so there may be another: "
        "open a message that you sent, look for s= in its DKIM-Signature header, and give that name.",
        es=f"Ninguno de los {number} selectores probados tiene clave. El DNS no permite listarlos, así que puede haber otro: "
        "abra un mensaje enviado por usted, busque s= en la cabecera DKIM-Signature e indique ese nombre.",
    )


# --- DKIM005 --------------------------------------------------------------------------------------------------------

KEY_NOT_FOUND = Rule(
    "DKIM005",
    "dkim-key-not-found",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="Key of your DKIM selector", es="Clave de su selector DKIM"),
    title=Text(
        en="There is no DKIM key for the selector {selector}",
        es="No hay clave DKIM para el selector {selector}",
    ),
    why=Text(
        en="Receivers look for the key at {name}. Without it every signature made with this selector fails for good, and "
        "DMARC is left with SPF alone.",
        es="Los receptores buscan la clave en {name}. Sin ella, toda firma hecha con este selector falla definitivamente y "
        "a DMARC solo le queda el SPF.",
    ),
    fix=Text(
        en="Copy the DKIM record that your mail platform shows for {selector}; whoever manages your DNS publishes it at "
        "{name}. If the platform no longer signs with this selector, take it out of your configuration.",
        es="Copie el registro DKIM que su plataforma de correo muestra para {selector}; quien gestione su DNS debe "
        "publicarlo en {name}. Si la plataforma ya no firma con este selector, quítelo de su configuración.",
    ),
    references=("RFC 6376 §6.1.2", "RFC 6376 §3.6.2.1"),
    consequence_of=("DKIM031", "DKIM032"),
)

_NONE_GIVEN = Text(
    en="No selector was given to look for.",
    es="No se ha indicado ningún selector que buscar.",
)
_NOT_A_NAME = Text(
    en="This selector cannot be part of a DNS name.",
    es="Este selector no puede formar parte de un nombre de DNS.",
)
_SEE_DANGLING = Text(
    en="The selector is a CNAME that leads nowhere; see DKIM030.",
    es="El selector es un CNAME que no lleva a ninguna parte; vea DKIM030.",
)


@KEY_NOT_FOUND.check
def key_not_found(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §6.1.2 step 3: no key for the signature is a permanent failure."""
    given = [selector for selector in facts.selectors if selector.origin is Origin.GIVEN]
    if not given and not facts.invalid:
        yield NotApplicable(_NONE_GIVEN, facts.domain)
    yield from (Unknown(_NOT_A_NAME, text) for text in facts.invalid)
    for selector in given:
        if isinstance(selector.answer, Failed):
            yield unknown(selector)
        elif selector.dangling:
            yield NotApplicable(_SEE_DANGLING, selector.name)
        elif any(key.is_key_record for key in selector.keys) or selector.exists:
            yield Passed(selector.name)
        else:
            yield KEY_NOT_FOUND.found(
                selector.name, evidence=evidence(selector), selector=selector.selector, name=selector.name
            )


# --- DKIM006 --------------------------------------------------------------------------------------------------------

SEVERAL_RECORDS = Rule(
    "DKIM006",
    "several-dkim-records",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="One record per DKIM selector", es="Un solo registro por selector DKIM"),
    title=Text(
        en="The DKIM selector {selector} has {count} TXT records; there may be one",
        es="El selector DKIM {selector} tiene {count} registros TXT; solo puede haber uno",
    ),
    why=Text(
        en="The standard leaves the result open: one receiver takes the first record, another the last, and the order "
        "changes with each query. Signatures then pass and fail by chance.",
        es="El estándar deja el resultado en el aire: un receptor usa el primer registro, otro el último, y el orden "
        "cambia en cada consulta. Las firmas unas veces valen y otras no.",
    ),
    fix=Text(
        en="Whoever manages your DNS keeps the one record that your mail platform shows for {selector} and deletes the "
        "others. A long key is one record made of several strings, not several records.",
        es="Quien gestione su DNS debe dejar solo el registro que su plataforma de correo muestra para {selector} y borrar "
        "los demás. Una clave larga es un registro con varias cadenas, no varios registros.",
    ),
    references=("RFC 6376 §3.6.2.2",),
)


@SEVERAL_RECORDS.check
def several_records(facts: DkimFacts) -> Iterator[Outcome]:
    """RFC 6376 §3.6.2.2: TXT records must be unique for a selector."""

    def decide(selector: Selector) -> Outcome:
        if len(selector.keys) < 2:
            return Passed(selector.name)
        return SEVERAL_RECORDS.found(
            selector.name,
            evidence=evidence(selector),
            fix=_only_one(selector),
            selector=selector.selector,
            count=len(selector.keys),
        )

    return each_selector(facts, decide)


def _only_one(selector: Selector) -> Fix | None:
    """The pieces of one key joined, or the only usable key kept; None where only the platform knows which it is."""
    if selector.aliases:
        return None
    everything = tuple(key.text for key in selector.keys)
    whole = rejoined(selector.keys)
    if whole is not None:
        return Fix((RecordChange(selector.name, "TXT", add=(whole,), remove=everything),))
    usable = [key for key in selector.keys if key.usable]
    if len({key.fingerprint for key in usable}) != 1 or any(key.revoked for key in selector.keys):
        return None
    others = tuple(text for text in everything if text != usable[0].text)
    return Fix((RecordChange(selector.name, "TXT", remove=others),))


# --- DKIM030 --------------------------------------------------------------------------------------------------------

DANGLING = Rule(
    "DKIM030",
    "dangling-dkim-cname",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="DKIM CNAMEs lead to a key", es="Los CNAME de DKIM llevan a una clave"),
    title=Text(
        en="The DKIM selector {selector} points to {target}, where there is no key",
        es="El selector DKIM {selector} apunta a {target}, donde no hay ninguna clave",
    ),
    why=Text(
        en="Signatures with this selector fail. And if somebody else can get hold of that name at the provider, they can "
        "publish a key there and sign mail as {domain}.",
        es="Las firmas con este selector fallan. Y si otra persona consigue ese nombre en el proveedor, puede publicar allí "
        "una clave y firmar correo en nombre de {domain}.",
    ),
    fix=Text(
        en="If you no longer send through that provider, whoever manages your DNS deletes the CNAME at {name}. If you do and "
        "another selector of the same provider has a key, this one waits for the next change of keys: leave it. If none has, "
        "verify the domain again in the provider's panel (Microsoft 365: switch DKIM on) so that the key appears.",
        es="Si ya no envía con ese proveedor, quien gestione su DNS debe borrar el CNAME de {name}. Si todavía envía y otro "
        "selector del mismo proveedor tiene clave, este espera al próximo cambio de clave: déjelo como está. Si ninguno la "
        "tiene, vuelva a verificar el dominio en el panel del proveedor (en Microsoft 365, active DKIM) para que aparezca.",
    ),
    references=("RFC 6376 §6.1.2",),
)


@DANGLING.check
def dangling(facts: DkimFacts) -> Iterator[Outcome]:
    """A CNAME that ends where there is no TXT record."""
    outcomes: list[Outcome] = [Passed(s.name) for s in facts.existing if s.aliases]
    outcomes += [_dangling(selector, facts) for selector in facts.selectors if selector.dangling]
    outcomes += unknowns(facts)
    yield from outcomes or (NotApplicable(_NO_CNAME, facts.domain),)


_NO_CNAME = Text(
    en="No selector that was tried is a CNAME.",
    es="Ninguno de los selectores probados es un CNAME.",
)


def _dangling(selector: Selector, facts: DkimFacts) -> Finding:
    important = needed(selector, facts)
    delete = RecordChange(selector.name, "CNAME", remove=(selector.aliases[0],))
    return DANGLING.found(
        selector.name,
        severity=Severity.ERROR if important else Severity.INFO,
        evidence=evidence(selector),
        # What is in use needs a key, not a deletion, and a provider's spare selector waits for its turn.
        fix=None if selector.in_use else Fix((delete,)),
        selector=selector.selector,
        target=selector.aliases[-1],
        domain=facts.domain,
        name=selector.name,
    )


# --- DKIM031 --------------------------------------------------------------------------------------------------------

DOUBLED_NAME = Rule(
    "DKIM031",
    "doubled-dkim-name",
    Severity.ERROR,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="DKIM record at the right name", es="Registro DKIM en el nombre correcto"),
    title=Text(
        en="The DKIM key {selector} lies at {doubled}: the DNS panel has added the domain twice",
        es="La clave DKIM {selector} está en {doubled}: el panel de DNS ha añadido el dominio dos veces",
    ),
    why=Text(
        en="It looks published in the panel, but receivers look at {name} and find nothing, so every signature fails.",
        es="En el panel parece publicada, pero los receptores miran en {name} y no encuentran nada, así que todas las "
        "firmas fallan.",
    ),
    fix=Text(
        en="Whoever manages your DNS creates the same record again with only {short} as its name (the panel adds the domain) "
        "and deletes the wrong one.",
        es="Quien gestione su DNS debe crear de nuevo el mismo registro poniendo solo {short} como nombre (el panel añade "
        "el dominio) y borrar el equivocado.",
    ),
    references=("RFC 6376 §3.6.2.1",),
)


@DOUBLED_NAME.check
def doubled_name(facts: DkimFacts) -> Iterator[Outcome]:
    """A key under the selector's name with the domain at its end twice."""
    asked = [selector for selector in facts.selectors if selector.doubled is not None]
    failed = unknowns(facts)  # nobody knows whether they are missing where they should be
    yield from failed
    if not asked and not failed:
        yield NotApplicable(_NOTHING_MISSING, facts.domain)
    for selector in asked:
        yield _doubled(selector, facts.domain)


_NOTHING_MISSING = Text(
    en="No expected selector is missing.",
    es="No falta ninguno de los selectores esperados.",
)


def _doubled(selector: Selector, domain: DomainName) -> Outcome:
    answer = selector.doubled
    name = child(selector.name, domain)
    if answer is None or isinstance(answer, Failed):
        seen = (evidence_of(DnsQuestion(name, "TXT"), answer),) if answer else ()
        return Unknown(NOT_ANSWERED, selector.name, seen)
    # A wildcard answers there too; only what is a key, or points to a provider's keys, was meant for the selector.
    values = tuple(record_value(record) for record in answer.records) if isinstance(answer, Found) else ()
    moved = _move(selector, name, values, answer.aliases)
    if moved is None:
        return Passed(selector.name)
    return DOUBLED_NAME.found(
        selector.name,
        evidence=evidence_of(DnsQuestion(name, "TXT"), answer),
        fix=moved,
        selector=selector.selector,
        doubled=name,
        name=selector.name,
        short=selector.name.removesuffix("." + domain),
    )


def _move(selector: Selector, name: DomainName, values: tuple[str, ...], aliases: tuple[DomainName, ...]) -> Fix | None:
    """The record taken from the doubled name to the right one; None when nothing there was meant for the selector."""
    if aliases:
        if provider_of_dkim_target(aliases[0]) is None:
            return None
        target = (aliases[0],)
        return Fix((RecordChange(name, "CNAME", remove=target), RecordChange(selector.name, "CNAME", add=target)))
    keys = tuple(value for value in values if _is_key(value))
    if not keys:
        return None
    return Fix((RecordChange(name, "TXT", remove=keys), RecordChange(selector.name, "TXT", add=keys)))


def _is_key(value: str) -> bool:
    return parse_key(value).is_key_record


# --- DKIM032 --------------------------------------------------------------------------------------------------------

WILDCARD = Rule(
    "DKIM032",
    "dkim-wildcard",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.AUTH,
    Actor.DNS,
    label=Text(en="No wildcard among the DKIM selectors", es="Sin comodín entre los selectores DKIM"),
    title=Text(
        en="Any DKIM selector of {domain} gets an answer: a wildcard record stands in for the missing ones",
        es="Cualquier selector DKIM de {domain} obtiene respuesta: un registro comodín sustituye a los que faltan",
    ),
    why=Text(
        en="A mistyped or missing selector is not noticed: receivers get a record that is not its key and reject the "
        "signature, while the panel and simple checkers show an answer.",
        es="Un selector mal escrito o que falta pasa inadvertido: los receptores reciben un registro que no es su clave y "
        "rechazan la firma, mientras que el panel y los comprobadores sencillos ven una respuesta.",
    ),
    fix=Text(
        en="Whoever manages your DNS deletes the TXT wildcard (*._domainkey or *) of {domain}, or limits it to the names "
        "that need it. Keep the record of each selector in use.",
        es="Quien gestione su DNS debe borrar el comodín TXT (*._domainkey o *) de {domain}, o limitarlo a los nombres que "
        "lo necesiten. Conserve el registro de cada selector en uso.",
    ),
    references=("RFC 6376 §6.1.2", "RFC 4592 §2.1.1"),
    consequence_of=("DNS015",),
)

_REVOKED_ON_PURPOSE = Text(
    en="The wildcard holds an empty key on purpose: it revokes every selector that has no record of its own.",
    es="El comodín tiene una clave vacía a propósito: anula todo selector que no tenga registro propio.",
)


@WILDCARD.check
def wildcard(facts: DkimFacts) -> Outcome:
    """A record that answers for a name that nobody made up (RFC 6376 §6.1.2, note)."""
    if isinstance(facts.wildcard, Failed):
        return Unknown(NOT_ANSWERED, facts.domain, (probe_evidence(facts),))
    if not isinstance(facts.wildcard, Found):
        return Passed(facts.domain)
    if all(_revokes(key) for key in facts.wildcard_keys):
        # What M3AAWG advises for domains that send nothing: `*._domainkey TXT "v=DKIM1; p="`.
        return Passed(facts.domain, _REVOKED_ON_PURPOSE)
    return WILDCARD.found(facts.domain, evidence=probe_evidence(facts), domain=facts.domain)


def _revokes(key: DkimKey) -> bool:
    return key.revoked and not any(problem.fatal for problem in key.problems)


RULES: tuple[Rule, ...] = (
    NO_KNOWN_SELECTOR,
    KEY_NOT_FOUND,
    SEVERAL_RECORDS,
    DANGLING,
    DOUBLED_NAME,
    WILDCARD,
)
