"""DNS018 to DNS020 and DNS022: the domain's age, its end, its likeness to the brand, its top-level domain."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.facts import AuditedDomain, Moment, Sending
from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity
from deliverability.core.names import registrable_domain
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.naming import is_low_trust
from deliverability.hosts.rules.common import M3AAWG_SENDERS, RSPAMD

#: Days after its registration during which lists of fresh domains hold a name, and before its end when to renew it.
FRESH_DAYS = 30
EXPIRY_DAYS = 30

FRESH_DOMAIN = Rule(
    "DNS018",
    "fresh-domain",
    Severity.WARNING,
    Basis.FILTER,
    Area.REPUTATION,
    Actor.SENDER,
    label=Text("Age of the domain", "Antigüedad del dominio"),
    title=Text(
        "{domain} was registered on {date}, {days} days ago", "{domain} se registró el {date}, hace {days} días"
    ),
    why=Text(
        "Spammers use fresh domains and drop them again, so filters keep lists of new names: rspamd adds 3 points in the first days, Spamhaus lists a name for its first 24 hours.",
        "Quien envía spam usa dominios recién creados y los abandona enseguida, así que los filtros mantienen listas de nombres nuevos: rspamd suma 3 puntos los primeros días y Spamhaus los incluye durante las primeras 24 horas.",
    ),
    fix=Text(
        "Whoever sends: keep sending invoices from the old domain for now, or start with few messages to customers who expect them, and grow over four weeks.",
        "Quien envía: siga enviando las facturas desde el dominio antiguo por ahora, o empiece con pocos mensajes a clientes que los esperan y aumente durante cuatro semanas.",
    ),
    references=(RSPAMD, M3AAWG_SENDERS),
    filter_points=3.0,
)


@FRESH_DOMAIN.check
def fresh_domain(domain: AuditedDomain, sending: Sending, moment: Moment) -> Iterator[Outcome]:
    """Found in the first days after the registration that the user told."""
    if sending.registered is None:
        return
    days = (moment.today - sending.registered).days
    if days >= FRESH_DAYS:
        yield Passed(domain.registrable)
        return
    date = sending.registered.isoformat()
    yield FRESH_DOMAIN.found(domain.registrable, domain=domain.registrable, date=date, days=max(days, 0))


EXPIRING_DOMAIN = Rule(
    "DNS019",
    "domain-expires",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("The domain is paid for", "El dominio está renovado"),
    title=Text("The registration of {domain} {when}", "El registro de {domain} {when}"),
    why=Text(
        "When it ends, the name servers stop answering: no mail comes in, what goes out is refused, and somebody else can register the name and write as you.",
        "Cuando caduque, los servidores de nombres dejarán de responder: no entrará correo, el que salga se rechazará y otro podrá registrar el nombre y escribir como usted.",
    ),
    fix=Text(
        "Whoever registered the domain: renew it now, switch automatic renewal on, and check that the card and the contact address at the registrar still work.",
        "Quien registró el dominio: renuévelo ya, active la renovación automática y compruebe que la tarjeta y el correo de contacto del registrador siguen vigentes.",
    ),
    references=(M3AAWG_SENDERS,),
)


@EXPIRING_DOMAIN.check
def expiring_domain(domain: AuditedDomain, sending: Sending, moment: Moment) -> Iterator[Outcome]:
    """Found in the last days before the end that the user told, and after it."""
    if sending.expires is None:
        return
    days = (sending.expires - moment.today).days
    if days >= EXPIRY_DAYS:
        yield Passed(domain.registrable)
        return
    date = sending.expires.isoformat()
    ended = Text(f"ended on {date}", f"caducó el {date}")
    ending = Text(f"ends on {date}, in {days} days", f"caduca el {date}, dentro de {days} días")
    yield EXPIRING_DOMAIN.found(domain.registrable, domain=domain.registrable, when=ended if days < 0 else ending)


COUSIN_DOMAIN = Rule(
    "DNS020",
    "cousin-domain",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.SENDER,
    label=Text("Mail comes from the brand's own domain", "El correo sale del dominio de la marca"),
    title=Text(
        "Mail is sent from {domain}, while customers know {brand}",
        "El correo se envía desde {domain}, pero los clientes conocen {brand}",
    ),
    why=Text(
        "The domain inherits nothing of the good name of {brand}, and a look-alike in an invoice is what customers are taught to take for fraud. Filters compare sender and brand too.",
        "El dominio no hereda nada de la buena reputación de {brand}, y un nombre parecido en una factura es justo lo que se enseña a los clientes a tomar por fraude. Los filtros también comparan remitente y marca.",
    ),
    fix=Text(
        "Whoever sends: write from {brand}, as facturas@{brand} for instance, or from a subdomain of it. Set up SPF, DKIM and the return path of the sending service there.",
        "Quien envía: escriba desde {brand}, por ejemplo como facturas@{brand}, o desde un subdominio suyo. Configure ahí el SPF, el DKIM y el dominio de retorno del servicio de envío.",
    ),
    references=(M3AAWG_SENDERS,),
)


@COUSIN_DOMAIN.check
def cousin_domain(domain: AuditedDomain, sending: Sending) -> Iterator[Outcome]:
    """Found for another registrable domain than the brand's; as info where only the ending differs."""
    if sending.brand_domain is None or domain.sends is False:
        return
    brand = registrable_domain(sending.brand_domain) or sending.brand_domain
    if domain.registrable == brand:
        yield Passed(domain.name)
        return
    same_word = domain.registrable.partition(".")[0] == brand.partition(".")[0]
    severity = Severity.INFO if same_word else None
    yield COUSIN_DOMAIN.found(domain.name, severity=severity, domain=domain.registrable, brand=brand)


LOW_TRUST_TLD = Rule(
    "DNS022",
    "low-trust-tld",
    Severity.INFO,
    Basis.OPINION,
    Area.IDENT,
    Actor.NOBODY,
    label=Text("Top-level domain", "Extensión del dominio"),
    title=Text(
        "{domain} ends in .{tld}, which some filters distrust",
        "{domain} termina en .{tld}, de la que algunos filtros desconfían",
    ),
    why=Text(
        "Much abuse comes from cheap endings, and some filters and companies weigh that. No large receiver says that it does, so it costs nothing here.",
        "Mucho abuso viene de extensiones baratas, y algunos filtros y empresas lo tienen en cuenta. Ningún gran receptor lo declara, así que aquí no resta nada.",
    ),
    fix=Text(
        "Nothing has to be done. If you choose a domain for invoices anew, take the ending of your country or .com.",
        "No es necesario hacer nada. Si elige un dominio nuevo para las facturas, prefiera la extensión de su país o .com.",
    ),
    references=("Public abuse statistics, 2026-11-22",),
)


@LOW_TRUST_TLD.check
def low_trust_tld(domain: AuditedDomain) -> Outcome:
    """Found for an ending on the list; never scored."""
    if not is_low_trust(domain.name):
        return Passed(domain.name)
    return LOW_TRUST_TLD.found(domain.name, domain=domain.name, tld=domain.name.rpartition(".")[2])


RULES = (FRESH_DOMAIN, EXPIRING_DOMAIN, COUSIN_DOMAIN, LOW_TRUST_TLD)
