"""The rule about the DKIM selectors of Microsoft 365 (DKIM029)."""

from __future__ import annotations

from deliverability.core.changes import Fix, RecordChange
from deliverability.core.facts import Sending
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.questions import Failed
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dkim.facts import DkimFacts, Selector, missing_sibling
from deliverability.dkim.rules.common import NOT_ANSWERED, evidence
from deliverability.providers.registry import DetectedProviders, Seen, provider_of_dkim_target

_BULK = 5_000  # messages a day from which Gmail, Yahoo and Outlook.com ask for DKIM

MICROSOFT_SELECTORS = Rule(
    "DKIM029",
    "microsoft-dkim-selectors",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.AUTH,
    Actor.PLATFORM,
    label=Text(en="DKIM selectors of Microsoft 365", es="Selectores DKIM de Microsoft 365"),
    title=Text(
        en="The DKIM selectors of Microsoft 365 are not in place: {state}",
        es="Los selectores DKIM de Microsoft 365 no están en su sitio: {state}",
    ),
    why=Text(
        en="Microsoft 365 needs both CNAMEs, to switch DKIM on and at each change of keys. Without them it signs with your "
        "onmicrosoft.com name only. That signature does not count for DMARC, so {domain} depends on SPF, which forwarding "
        "breaks.",
        es="Microsoft 365 necesita los dos CNAME, tanto para activar DKIM como en cada cambio de clave. Sin ellos firma solo "
        "con su nombre onmicrosoft.com. Esa firma no cuenta para DMARC, así que {domain} depende del SPF, que se rompe al "
        "reenviar.",
    ),
    fix=Text(
        en="In the Microsoft Defender portal, under Email authentication settings, DKIM, choose {domain} and copy its two "
        "CNAMEs. They look like selector1-{dashed}._domainkey.(your tenant).(letter)-v1.dkim.mail.microsoft, or end in "
        "onmicrosoft.com for older domains. Whoever manages your DNS publishes both; then switch DKIM on in the portal.",
        es="En el portal de Microsoft Defender, en la configuración de autenticación de correo, apartado DKIM, elija "
        "{domain} y copie sus dos CNAME. Son del tipo selector1-{dashed}._domainkey.(su inquilino).(letra)-v1.dkim.mail."
        "microsoft o, en dominios antiguos, terminan en onmicrosoft.com. Quien gestione su DNS debe publicar los dos; "
        "después active DKIM en el portal.",
    ),
    references=("Microsoft Learn: email-authentication-dkim-configure (defender-office-365), 2024-04-08",),
    consequence_of=("DKIM031",),
)

_NOT_MICROSOFT = Text(
    en="Neither MX nor SPF shows Microsoft 365.",
    es="Ni el MX ni el SPF apuntan a Microsoft 365.",
)
_NOT_TOLD = Text(
    en="DNS gave no answer about the MX or SPF, so it cannot be told whether Microsoft 365 is in use.",
    es="El DNS no ha respondido sobre el MX o el SPF, así que no se puede saber si se usa Microsoft 365.",
)
_NOT_ASKED = Text(
    en="The selectors of Microsoft 365 were not asked for.",
    es="No se ha preguntado por los selectores de Microsoft 365.",
)
_STATES = {
    "absent": Text(en="is missing", es="falta"),
    "txt": Text(en="is a TXT record instead of a CNAME", es="es un registro TXT en lugar de un CNAME"),
    "elsewhere": Text(en="points to somebody else", es="apunta a otro sitio"),
}


@MICROSOFT_SELECTORS.check
def microsoft_selectors(facts: DkimFacts, providers: DetectedProviders, sending: Sending) -> Outcome:
    """Microsoft 365 signs with a custom domain only once both selectors are CNAMEs into its zone."""
    seen = providers.get("microsoft365")
    if seen is None or not {Seen.MX, Seen.SPF, Seen.PROFILE} & set(seen.seen_in):
        unanswered = tuple(item for item in providers.unanswered if item.name == facts.domain)
        if unanswered:
            return Unknown(_NOT_TOLD, facts.domain, unanswered)
        return NotApplicable(_NOT_MICROSOFT, facts.domain)
    both = [s for s in facts.selectors if s.selector in ("selector1", "selector2")]
    if len(both) < 2:
        return NotApplicable(_NOT_ASKED, facts.domain)
    failed = tuple(evidence(selector) for selector in both if isinstance(selector.answer, Failed))
    if failed:
        return Unknown(NOT_ANSWERED, facts.domain, failed)
    wrong = [(selector.selector, state) for selector in both if (state := _microsoft_state(selector)) != "cname"]
    if not wrong:
        return Passed(facts.domain)
    bulk = sending.daily_volume is not None and sending.daily_volume >= _BULK
    return MICROSOFT_SELECTORS.found(
        facts.domain,
        severity=Severity.ERROR if bulk else Severity.WARNING,
        evidence=[evidence(selector) for selector in both],
        fix=_from_sibling(both),
        domain=facts.domain,
        dashed=facts.domain.replace(".", "-"),
        state=Text(
            en="; ".join(f"{name} {_STATES[state].en}" for name, state in wrong),
            es="; ".join(f"{name} {_STATES[state].es}" for name, state in wrong),
        ),
    )


def _microsoft_state(selector: Selector) -> str:
    if selector.synthesised:
        return "absent"
    if selector.aliases:
        owners = (provider_of_dkim_target(alias) for alias in selector.aliases)
        return "cname" if any(owner is not None and owner.id == "microsoft365" for owner in owners) else "elsewhere"
    return "txt" if selector.exists else "absent"


def _from_sibling(both: list[Selector]) -> Fix | None:
    """The missing CNAME; None where neither is there."""
    missing = missing_sibling(both)
    return Fix((RecordChange(missing[0].name, "CNAME", add=(missing[1],)),)) if missing is not None else None


RULES: tuple[Rule, ...] = (MICROSOFT_SELECTORS,)
