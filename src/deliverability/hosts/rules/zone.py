"""DNS010 and DNS012 to DNS015: does the zone answer, is it signed soundly, and does each name hold what it may hold?"""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.changes import Fix, RecordChange, record_value
from deliverability.core.finding import Actor, Basis, Outcome, Passed, Severity
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, Failed, FailureKind, Found, MxRecord, NoName
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.hosts.facts import Asked, Zone, is_absent
from deliverability.hosts.rules.common import fix, not_applicable, unknown

ZONE_UNRESOLVABLE = Rule(
    "DNS010",
    "zone-not-resolvable",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("The domain resolves", "El dominio se resuelve"),
    title=Text("{domain} cannot be resolved: {reason}", "{domain} no se resuelve: {reason}"),
    why=Text(
        "Receivers can look up neither SPF, DKIM nor DMARC, nor find where to send a reply. Large ones refuse mail from a domain that does not resolve, others keep it waiting.",
        "Los receptores no pueden consultar ni SPF, ni DKIM, ni DMARC, ni saber adónde responder. Los grandes rechazan el correo de un dominio que no se resuelve; otros lo dejan en espera.",
    ),
    fix=Text(
        "Whoever registered the domain: check in the registrar's panel that the registration is paid and that the name servers there are the ones that hold the zone. Then check the spelling of the name given here.",
        "Quien registró el dominio: compruebe en el panel del registrador que el registro está al corriente de pago y que los servidores de nombres que figuran son los que alojan la zona. Revise también que el nombre esté bien escrito.",
    ),
    references=("RFC 1912 §2.8", "RFC 5321 §5.1", "RFC 2308 §2.1"),
    # It stands for MX001, which it explains.
    cap=50,
)

_NXDOMAIN = Text("the name does not exist", "el nombre no existe")
_DANGLING = Text("it is an alias of a name that does not exist", "es un alias de un nombre que no existe")
_LAME = Text(
    "the zone above answers, but the domain's own name servers give no usable answer to any question",
    "la zona superior responde, pero los servidores de nombres del dominio no dan una respuesta útil a ninguna pregunta",
)


@ZONE_UNRESOLVABLE.check
def zone_unresolvable(zone: Zone) -> Outcome:
    """Found for a name that does not exist, and where every question fails though the parent zone answers."""
    evidence = tuple(asked.evidence for asked in zone.at_name)
    answers = [asked.answer for asked in zone.at_name]
    # The CNAME question does not follow the alias: what mail needs is behind it.
    followed = [asked.answer for asked in (zone.mx, zone.txt, zone.a, zone.aaaa)]
    missing = next((answer for answer in followed if isinstance(answer, NoName)), None)
    if missing is not None and not any(isinstance(answer, Found) for answer in followed):
        reason = _DANGLING if missing.aliases else _NXDOMAIN
        return ZONE_UNRESOLVABLE.found(zone.domain, evidence=evidence, domain=zone.domain, reason=reason)
    if not all(isinstance(answer, Failed) for answer in answers):
        return Passed(zone.domain)
    if zone.unchecked is not None and not isinstance(zone.unchecked.answer, Failed):
        return not_applicable(
            zone.domain,
            "It resolves without DNSSEC checking; DNS012 judges that.",
            "Se resuelve si no se comprueba DNSSEC; lo valora DNS012.",
        )
    if not isinstance(zone.ds.answer, Failed) and all(_server_fault(answer) for answer in answers):
        evidence = (*evidence, zone.ds.evidence)
        return ZONE_UNRESOLVABLE.found(zone.domain, evidence=evidence, domain=zone.domain, reason=_LAME)
    return unknown(zone.domain, *evidence)


def _server_fault(answer: Answer) -> bool:
    """Whether the failure speaks of the zone's own servers. A timeout or a refusal may be the resolver's."""
    return isinstance(answer, Failed) and answer.kind in (FailureKind.SERVFAIL, FailureKind.LAME)


DNSSEC_BOGUS = Rule(
    "DNS012",
    "dnssec-bogus",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("Sound DNSSEC signatures", "Firmas DNSSEC válidas"),
    title=Text("The DNSSEC signatures of {domain} do not hold", "Las firmas DNSSEC de {domain} no son válidas"),
    why=Text(
        "Receivers that check DNSSEC, Google and Microsoft among them, see nothing of the domain: no SPF, no DKIM key, no MX. To the rest it looks fine, so the fault seems to come and go.",
        "Los receptores que comprueban DNSSEC, entre ellos Google y Microsoft, no ven nada del dominio: ni SPF, ni clave DKIM, ni MX. Los demás lo ven bien, así que el fallo parece intermitente.",
    ),
    fix=Text(
        "Whoever registered the domain: make the DS at the registrar match the keys of the DNS provider. After a move to a provider without DNSSEC, delete the DS at the registrar.",
        "Quien registró el dominio: haga que el DS del registrador coincida con las claves del proveedor de DNS. Si cambió a un proveedor sin DNSSEC, borre el DS en el registrador.",
    ),
    references=("RFC 4035 §5.5", "RFC 4035 §3.2.2"),
)

_AUTHENTICATED = Text(
    "By the word of the resolver (AD bit); trust it as far as the way to that resolver.",
    "Según el servidor DNS consultado (bit AD); es tan fiable como el camino hasta él.",
)


@DNSSEC_BOGUS.check
def dnssec_bogus(zone: Zone) -> Outcome:
    """Found when a question fails with SERVFAIL and is answered once DNSSEC checking is off."""
    if is_absent(zone.ds.answer):
        return not_applicable(zone.registrable, "The domain is not signed.", "El dominio no está firmado.")
    failed = [asked for asked in zone.at_name if isinstance(asked.answer, Failed)]
    if zone.unchecked is not None:
        first = next(a for a in failed if a.question.type == zone.unchecked.question.type)
        if isinstance(zone.unchecked.answer, Failed) or isinstance(zone.ds.answer, Failed):
            return unknown(zone.registrable, first.evidence, zone.unchecked.evidence, zone.ds.evidence)
        evidence = (first.evidence, zone.unchecked.evidence, zone.ds.evidence)
        return DNSSEC_BOGUS.found(zone.registrable, evidence=evidence, domain=zone.registrable)
    if isinstance(zone.ds.answer, Failed) or len(failed) == len(zone.at_name):
        return unknown(zone.registrable, zone.ds.evidence, *(asked.evidence for asked in failed))
    if any(not isinstance(a.answer, Failed) and a.answer.authenticated for a in zone.at_name):
        return Passed(zone.registrable, _AUTHENTICATED)
    return not_applicable(
        zone.registrable,
        "The resolver in use does not check DNSSEC, so a broken signature would not show.",
        "El servidor DNS consultado no comprueba DNSSEC, así que una firma rota no se notaría.",
    )


NO_DNSSEC = Rule(
    "DNS013",
    "no-dnssec",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.NOBODY,
    label=Text("Domain signed with DNSSEC", "Dominio firmado con DNSSEC"),
    title=Text("{domain} is not signed with DNSSEC", "{domain} no está firmado con DNSSEC"),
    why=Text(
        "No receiver asks for it. It is needed only for DANE, which protects the transport of incoming mail, and badly run it takes the whole domain off the net.",
        "Ningún receptor lo exige. Solo hace falta para DANE, que protege el transporte del correo entrante, y mal mantenido deja todo el dominio fuera de la red.",
    ),
    fix=Text(
        "Nothing has to be done. If your DNS provider and registrar both manage DNSSEC by themselves, switching it on in their panel is safe.",
        "No es necesario hacer nada. Si su proveedor de DNS y su registrador gestionan DNSSEC automáticamente, puede activarlo en su panel sin riesgo.",
    ),
    references=("RFC 7672 §2.2", "RFC 4035 §5"),
)


@NO_DNSSEC.check
def no_dnssec(zone: Zone) -> Outcome:
    """Found when the parent zone holds no DS for the registrable domain."""
    if isinstance(zone.ds.answer, Failed):
        return unknown(zone.registrable, zone.ds.evidence)
    if isinstance(zone.ds.answer, Found):
        return Passed(zone.registrable)
    # One NXDOMAIN is about the name, whatever the type (RFC 8020 §2); questions that failed do not contradict it.
    if isinstance(zone.ds.answer, NoName) and all(isinstance(asked.answer, NoName | Failed) for asked in zone.at_name):
        return not_applicable(
            zone.registrable, "The domain does not exist; DNS010 says so.", "El dominio no existe; lo indica DNS010."
        )
    return NO_DNSSEC.found(zone.registrable, evidence=zone.ds.evidence, domain=zone.registrable)


CNAME_CLASH = Rule(
    "DNS014",
    "cname-clash",
    Severity.ERROR,
    Basis.STANDARD,
    Area.IDENT,
    Actor.DNS,
    label=Text("No alias beside other records", "Sin alias junto a otros registros"),
    title=Text(
        "{domain} is an alias (CNAME) of {target}, {where}", "{domain} es un alias (CNAME) de {target}, {where}"
    ),
    why=Text(
        "An alias stands for every record of the name. Resolvers then look for MX, SPF and DKIM at {target} and never see yours, or see them only now and then.",
        "Un alias sustituye a todos los registros del nombre. Los servidores DNS buscan entonces MX, SPF y DKIM en {target} y no ven los suyos, o solo a veces.",
    ),
    fix=Text(
        "Whoever manages your DNS: delete the CNAME at {domain} and publish the addresses of {target} there as A and AAAA, or use the ALIAS or ANAME type if your provider has one. Then check that MX and TXT are still there.",
        "Quien gestione su DNS: borre el CNAME de {domain} y publique allí las direcciones de {target} como A y AAAA, o use el tipo ALIAS o ANAME si su proveedor lo ofrece. Después compruebe que MX y TXT siguen ahí.",
    ),
    references=("RFC 1034 §3.6.2", "RFC 1912 §2.4", "RFC 2181 §10.1"),
)

_AT_APEX = Text("although it is the top of its zone", "aunque es la raíz de su zona")
_BESIDE = Text("beside other records of its own", "junto a otros registros propios")


@CNAME_CLASH.check
def cname_clash(zone: Zone) -> Outcome:
    """Found for a CNAME at the registrable domain or the top of a zone, and for one that does not stand alone."""
    target = _alias_target(zone)
    others = [a for a in (*zone.at_name[:4], *zone.at_name[5:]) if isinstance(a.answer, Found) and not a.aliases]
    if target is None:
        if isinstance(zone.cname.answer, Failed):
            return unknown(zone.domain, zone.cname.evidence)
        return Passed(zone.domain)
    if not others and zone.domain != zone.registrable:
        return Passed(zone.domain, _ALONE)
    return CNAME_CLASH.found(
        zone.domain,
        evidence=tuple(asked.evidence for asked in zone.at_name if isinstance(asked.answer, Found)),
        fix=_without_cname(zone, target),
        domain=zone.domain,
        target=target or ".",
        where=_BESIDE if others else _AT_APEX,
    )


_ALONE = Text("An alias that stands alone, as it may.", "Un alias que está solo, como debe.")


def _alias_target(zone: Zone) -> DomainName | None:
    """What the domain is an alias of: by its CNAME, or by the way another answer took."""
    if isinstance(zone.cname.answer, Found):
        return DomainName(str(zone.cname.answer.records[0]))
    return next((asked.aliases[0] for asked in zone.at_name if asked.aliases), None)


def _without_cname(zone: Zone, target: DomainName) -> Fix | None:
    """The name without its alias; what came by way of the alias is published at the name itself, so that nothing is lost."""
    kept = [a for a in (zone.a, zone.aaaa, zone.mx, zone.txt) if isinstance(a.answer, Found) and a.aliases]
    changes = [RecordChange(zone.domain, a.question.type, add=_values(a)) for a in kept]
    return fix(RecordChange(zone.domain, "CNAME", remove=(target,)), *changes)


def _values(asked: Asked) -> tuple[str, ...]:
    records = asked.answer.records if isinstance(asked.answer, Found) else ()
    return tuple(record_value(record) for record in records)


WILDCARD = Rule(
    "DNS015",
    "wildcard-answers",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.IDENT,
    Actor.DNS,
    label=Text("No TXT or MX for names that nobody made", "Sin TXT ni MX para nombres que nadie creó"),
    title=Text(
        "Every name below {domain} answers with the same {type}: {records}",
        "Cualquier nombre bajo {domain} responde con el mismo {type}: {records}",
    ),
    why=Text(
        "A wildcard puts unrelated text where receivers look for DKIM keys and DMARC records, and it lets strangers write from names that you never made.",
        "Un comodín coloca un texto ajeno donde los receptores buscan claves DKIM y registros DMARC, y permite que un extraño escriba desde nombres que usted nunca creó.",
    ),
    fix=Text(
        "Whoever manages your DNS: delete the wildcard (*) {type} record and publish the record at the names that need it. One that only says that such names neither send nor receive mail (v=spf1 -all, MX 0 .) may stay.",
        "Quien gestione su DNS: borre el registro {type} comodín (*) y publique el registro solo en los nombres que lo necesiten. Si solo declara que esos nombres no envían ni reciben correo (v=spf1 -all, MX 0 .), puede dejarlo.",
    ),
    references=("RFC 4592 §2.2.1", "RFC 4592 §4"),
    identity=("type",),
)


@WILDCARD.check
def wildcard_answers(zone: Zone) -> Iterator[Outcome]:
    """Found for TXT and for MX, where a name that nobody made has them."""
    if zone.probe is None:
        yield not_applicable(
            zone.domain, "The name is too long for a test.", "El nombre es demasiado largo para la prueba."
        )
        return
    for asked in (zone.probe.txt, zone.probe.mx):
        if isinstance(asked.answer, Failed):
            yield unknown(zone.domain, asked.evidence)
        elif isinstance(asked.answer, Found):
            yield WILDCARD.found(
                zone.domain,
                severity=Severity.INFO if _protects(asked.answer) else None,
                evidence=asked.evidence,
                domain=zone.domain,
                type=asked.question.type,
                records=_values(asked),
            )
        else:
            yield Passed(zone.domain)


def _protects(answer: Found) -> bool:
    """Whether the wildcard only says that no mail comes from or goes to such names, which some publish on purpose."""
    return all(
        not record.exchange if isinstance(record, MxRecord) else record_value(record).strip().lower() == "v=spf1 -all"
        for record in answer.records
    )


RULES = (ZONE_UNRESOLVABLE, DNSSEC_BOGUS, NO_DNSSEC, CNAME_CLASH, WILDCARD)
