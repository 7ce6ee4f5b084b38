"""Rules about ending a subscription: UNS001 to UNS006, UNS008, UNS009 and UNS011."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deliverability.content.classify import Classification
from deliverability.content.rules.letter import text_evidence
from deliverability.content.text import BodyText
from deliverability.core.changes import Fix, HeaderChange
from deliverability.core.facts import Author, MailClass, Sending
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.evidence import field_evidence, part_evidence
from deliverability.headers.facts import HeaderFacts
from deliverability.headers.unsubscribe import (
    ONE_CLICK,
    ListDefect,
    ListDefectKind,
    ListHeaders,
    UnsubscribeProbe,
)

GOOGLE = "Google email sender guidelines (support.google.com/a/answer/81126), 2026-09"
GOOGLE_FAQ = "Google email sender guidelines FAQ (support.google.com/a/answer/14229414), 2026-09"
YAHOO = "Yahoo sender best practices (senders.yahooinc.com/best-practices), 2026-09"
LSSI = "Ley 34/2002 (LSSI), artículo 21, 2026"

#: Messages a day from which Gmail makes the demands of bulk senders.
BULK = 5_000
#: Mailbox domains of Yahoo, which asks one-click of marketing at any volume.
_YAHOO = ("yahoo.", "ymail.com", "rocketmail.com", "aol.", "myyahoo.com")

_NOT_MARKETING = {
    MailClass.TRANSACTIONAL: Text(
        "It is an invoice or another transactional mail: no receiver asks it for a way to unsubscribe.",
        "Es una factura u otro correo transaccional: ningún receptor le exige una forma de darse de baja.",
    ),
    MailClass.UNKNOWN: Text(
        "Nothing shows that it is marketing. Tell the kind of mail if it is.",
        "Nada indica que sea publicidad. Indique la clase de correo si lo es.",
    ),
}


def _severity(sending: Sending, headers: HeaderFacts) -> Severity:
    """An error where a receiver is known to refuse: Gmail from 5,000 a day on, Yahoo always (rules of 2024-02)."""
    if sending.daily_volume is not None and sending.daily_volume >= BULK:
        return Severity.ERROR
    domains = [box.domain.lower() for box in headers.to[:20] if box.domain]
    return Severity.ERROR if any(domain.startswith(_YAHOO) for domain in domains) else Severity.WARNING


def _about_marketing(classification: Classification) -> NotApplicable | None:
    if classification.mail_class is MailClass.MARKETING:
        return None
    return NotApplicable(_NOT_MARKETING[classification.mail_class])


# --- UNS001 ---------------------------------------------------------------------------------------------------------

NO_HEADER = Rule(
    "UNS001",
    "marketing-without-unsubscribe",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("List-Unsubscribe in marketing mail", "List-Unsubscribe en el correo comercial"),
    title=Text("Marketing mail without a List-Unsubscribe field", "Correo comercial sin el campo List-Unsubscribe"),
    why=Text(
        "Gmail (from 5,000 messages a day) and Yahoo (always) ask for it and refuse or file as spam what lacks it. Without the button, readers press the spam button instead, which harms your invoices too.",
        "Gmail (desde 5.000 mensajes al día) y Yahoo (siempre) lo exigen, y rechazan o mandan a spam lo que no lo lleva. Sin ese botón, el lector pulsa el de spam, lo que perjudica también a sus facturas.",
    ),
    fix=Text(
        "Whoever runs the mailing program: turn on its unsubscribe header, or add `List-Unsubscribe: <https://u.{domain}/t/TOKEN>, <mailto:baja@{domain}?subject=TOKEN>` with a token of its own for each recipient.",
        "Quien administre el programa de envíos: active su cabecera de baja o añada `List-Unsubscribe: <https://u.{domain}/t/TOKEN>, <mailto:baja@{domain}?subject=TOKEN>` con un código propio para cada destinatario.",
    ),
    references=("RFC 2369 §3.2", GOOGLE, YAHOO),
)


@NO_HEADER.check
def marketing_without_unsubscribe(
    classification: Classification, lists: ListHeaders, sending: Sending, headers: HeaderFacts, author: Author
) -> Outcome:
    """Found for marketing without the field."""
    other = _about_marketing(classification)
    if other is not None:
        return other
    if lists.unsubscribe is not None:
        return Passed("List-Unsubscribe")
    domain = author.domain or "empresa.example"
    return NO_HEADER.found("List-Unsubscribe", severity=_severity(sending, headers), domain=domain)


# --- UNS002 ---------------------------------------------------------------------------------------------------------

NOT_ONE_CLICK = Rule(
    "UNS002",
    "one-click-missing",
    Severity.ERROR,
    Basis.STANDARD,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("One-click unsubscribe", "Baja con un clic"),
    title=Text("One-click unsubscribe is not offered: {problem}", "No se ofrece la baja con un clic: {problem}"),
    why=Text(
        "Mail programs show the one-click button only for the exact field. Gmail and Yahoo ask for it in marketing mail; without it the mail counts as not compliant.",
        "Los programas de correo solo muestran el botón de un clic si el campo es exacto. Gmail y Yahoo lo exigen en el correo comercial; sin él, el correo no cumple sus requisitos.",
    ),
    fix=Text(
        "Whoever runs the mailing program: send exactly `List-Unsubscribe-Post: List-Unsubscribe=One-Click` beside a List-Unsubscribe with one https link that acts on POST without asking anything, and sign both with DKIM.",
        "Quien administre el programa de envíos: envíe exactamente `List-Unsubscribe-Post: List-Unsubscribe=One-Click` junto a un List-Unsubscribe con un único enlace https que actúe al recibir POST sin preguntar nada, y firme ambos con DKIM.",
    ),
    references=("RFC 8058 §3.1", "RFC 8058 §5", GOOGLE, YAHOO),
    consequence_of=("UNS001",),
)

_MISSING_POST = Text("List-Unsubscribe-Post is missing", "falta List-Unsubscribe-Post")


@NOT_ONE_CLICK.check
def one_click_missing(
    classification: Classification, lists: ListHeaders, sending: Sending, headers: HeaderFacts
) -> Outcome:
    """Found for marketing without the field; an inexact one is told, as information, of other mail too."""
    inexact = lists.post is not None and not lists.one_click
    other = _about_marketing(classification)
    if other is not None and (not inexact or classification.mail_class is MailClass.TRANSACTIONAL):
        return other
    if lists.one_click:
        return Passed("List-Unsubscribe-Post")
    severity = Severity.INFO if other is not None else _severity(sending, headers)
    shown = lists.post.text[:80] if lists.post is not None else ""
    problem = Text(f"the field reads “{shown}”", f"el campo dice «{shown}»") if inexact else _MISSING_POST
    seen = lists.post or lists.unsubscribe
    change = HeaderChange("List-Unsubscribe-Post", ONE_CLICK, 0 if lists.post is not None else None)
    return NOT_ONE_CLICK.found(
        "List-Unsubscribe-Post",
        severity=severity,
        evidence=field_evidence(seen) if seen is not None else (),
        fix=Fix(headers=(change,)) if lists.all("https") else None,
        problem=problem,
    )


# --- UNS003 ---------------------------------------------------------------------------------------------------------

BAD_URI = Rule(
    "UNS003",
    "unsubscribe-link-unusable",
    Severity.ERROR,
    Basis.STANDARD,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("Usable unsubscribe links", "Enlaces de baja utilizables"),
    title=Text("List-Unsubscribe cannot be used as it is: {problem}", "List-Unsubscribe no sirve como está: {problem}"),
    why=Text(
        "Mail programs take links in angle brackets only, and one-click only over https. With anything else the button does not appear, and Gmail and Yahoo count the mail as having none.",
        "Los programas de correo solo admiten enlaces entre < y >, y el clic único solo por https. Con otra cosa el botón no aparece, y para Gmail y Yahoo es como si no lo hubiera.",
    ),
    fix=Text(
        "Whoever runs the mailing program: write one https link and one mailto, each in angle brackets, separated by a comma: `<https://…/TOKEN>, <mailto:baja@…?subject=TOKEN>`.",
        "Quien administre el programa de envíos: escriba un enlace https y un mailto, cada uno entre < y >, separados por una coma: `<https://…/TOKEN>, <mailto:baja@…?subject=TOKEN>`.",
    ),
    references=("RFC 2369 §2", "RFC 8058 §3.1"),
)

_PROBLEMS = {
    ListDefectKind.NO_BRACKETS: Text("a link without angle brackets", "un enlace sin los signos < y >"),
    ListDefectKind.EMPTY: Text("it holds no link", "no contiene ningún enlace"),
    ListDefectKind.NO_SCHEME: Text("a link without https: or mailto:", "un enlace sin https: ni mailto:"),
    ListDefectKind.UNKNOWN_SCHEME: Text(
        "a link that is neither https nor mailto", "un enlace que no es https ni mailto"
    ),
    ListDefectKind.PLAIN_HTTP: Text("http instead of https", "http en lugar de https"),
    ListDefectKind.SEVERAL_HTTPS: Text("several https links", "varios enlaces https"),
    ListDefectKind.NO_HTTPS: Text(
        "one-click is announced, and there is no https link", "se anuncia el clic único y no hay enlace https"
    ),
    ListDefectKind.NO_HOST: Text("a link without a host", "un enlace sin servidor"),
    ListDefectKind.BAD_MAILTO: Text("a mailto without an address", "un mailto sin dirección"),
    ListDefectKind.PLACEHOLDER: Text("a placeholder was not filled in", "quedó un marcador sin rellenar"),
    ListDefectKind.SEVERAL_FIELDS: Text("the field stands there twice", "el campo aparece dos veces"),
    ListDefectKind.POST_ALONE: Text(
        "List-Unsubscribe-Post stands there without it", "List-Unsubscribe-Post está, pero él no"
    ),
}
#: Defects that only matter where one click is announced or asked for (RFC 8058 §3.1).
_OF_ONE_CLICK = frozenset({ListDefectKind.PLAIN_HTTP, ListDefectKind.SEVERAL_HTTPS, ListDefectKind.NO_HTTPS})


@BAD_URI.check
def unsubscribe_link_unusable(classification: Classification, lists: ListHeaders) -> Outcome:
    """Found for whatever keeps mail programs from offering the links; one finding for the field."""
    if lists.unsubscribe is None and lists.post is None:
        return NotApplicable(Text("There is no List-Unsubscribe field.", "No hay campo List-Unsubscribe."))
    one_click = lists.post is not None or classification.mail_class is MailClass.MARKETING
    defects = [defect for defect in lists.defects if _matters(defect, lists, one_click=one_click)]
    if not defects:
        return Passed("List-Unsubscribe")
    severity = Severity.WARNING if lists.usable else Severity.ERROR
    if classification.mail_class is not MailClass.MARKETING:
        severity = Severity.INFO
    problems = list(dict.fromkeys(_PROBLEMS[defect.kind] for defect in defects))
    spans = [defect.span for defect in defects if defect.field is lists.unsubscribe]
    seen = lists.unsubscribe or lists.post
    return BAD_URI.found(
        "List-Unsubscribe",
        severity=severity,
        evidence=field_evidence(seen, *spans) if seen is not None else (),
        fix=_with_brackets(lists, defects),
        problem=Text("; ".join(text.en for text in problems), "; ".join(text.es for text in problems)),
    )


def _matters(defect: ListDefect, lists: ListHeaders, *, one_click: bool) -> bool:
    if defect.kind not in _PROBLEMS:
        return False
    if defect.kind is ListDefectKind.SEVERAL_FIELDS:
        return defect.text == "List-Unsubscribe"
    if defect.kind is ListDefectKind.PLAIN_HTTP and lists.all("https"):
        return False  # the https link beside it is used
    return one_click or defect.kind not in _OF_ONE_CLICK


def _with_brackets(lists: ListHeaders, defects: list[ListDefect]) -> Fix | None:
    """The same links in angle brackets, where that is all that was wrong."""
    if any(defect.kind is not ListDefectKind.NO_BRACKETS for defect in defects):
        return None
    value = ", ".join(f"<{uri.uri}>" for uri in lists.uris)
    return Fix(headers=(HeaderChange("List-Unsubscribe", value, 0),))


# --- UNS004 ---------------------------------------------------------------------------------------------------------

BAD_ENDPOINT = Rule(
    "UNS004",
    "unsubscribe-endpoint-wrong",
    Severity.ERROR,
    Basis.STANDARD,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("The unsubscribe address works", "La dirección de baja funciona"),
    title=Text("The unsubscribe address did not do its work: {problem}", "La dirección de baja no cumplió: {problem}"),
    why=Text(
        "Gmail, Yahoo and Apple post to it when the reader presses the button. If it redirects, asks something or fails, the reader stays subscribed and reports spam; if a mere GET acts, link scanners unsubscribe people who did not ask.",
        "Gmail, Yahoo y Apple le envían un POST cuando el lector pulsa el botón. Si redirige, pregunta o falla, el lector sigue suscrito y lo marca como spam; si basta un GET, los analizadores de enlaces dan de baja a quien no lo pidió.",
    ),
    fix=Text(
        "Whoever programs the endpoint: on POST with List-Unsubscribe=One-Click unsubscribe at once and answer 200, without redirection, login or question; on GET show a page and change nothing.",
        "Quien programe la dirección: al recibir POST con List-Unsubscribe=One-Click, dé de baja al momento y responda 200, sin redirigir, sin pedir acceso ni preguntar; al recibir GET, muestre una página y no cambie nada.",
    ),
    references=("RFC 8058 §3.1", "RFC 8058 §3.2"),
)


@BAD_ENDPOINT.check
def unsubscribe_endpoint_wrong(probe: UnsubscribeProbe) -> Outcome:
    """Found on what the endpoint did with the sender's own test token; not reaching it is no finding."""
    evidence = Evidence(probe.uri, "https", "", probe.problem or str(probe.post_status or ""))
    if probe.post_status is None:
        return Unknown(
            Text("The address could not be reached.", "No se ha podido contactar con la dirección."),
            probe.uri,
            (evidence,),
        )
    problem = _endpoint_problem(probe)
    if problem is None:
        return Passed(probe.uri)
    return BAD_ENDPOINT.found(probe.uri, evidence=evidence, problem=problem)


def _endpoint_problem(probe: UnsubscribeProbe) -> Text | None:
    status = probe.post_status or 0
    if probe.redirected_to or 300 <= status < 400:
        return Text("it redirects the POST", "redirige el POST")
    if not 200 <= status < 300:
        return Text(f"it answers {status} to the POST", f"responde {status} al POST")
    if probe.asks:
        return Text("it asks to log in or to confirm", "pide iniciar sesión o confirmar")
    if probe.get_unsubscribes:
        return Text("a mere GET unsubscribes", "basta un GET para dar de baja")
    return None


# --- UNS005 ---------------------------------------------------------------------------------------------------------

ADDRESS_IN_LINK = Rule(
    "UNS005",
    "address-in-unsubscribe-link",
    Severity.INFO,
    Basis.CONSENSUS,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("No personal data in the unsubscribe link", "Sin datos personales en el enlace de baja"),
    title=Text(
        "The unsubscribe link carries the address {address} in clear",
        "El enlace de baja lleva a la vista la dirección {address}",
    ),
    why=Text(
        "Whoever changes the address in the link unsubscribes other people, and the address ends up in the logs of every server and scanner that sees the link.",
        "Quien cambie la dirección del enlace puede dar de baja a otros, y la dirección queda en los registros de todo servidor o analizador que vea el enlace.",
    ),
    fix=Text(
        "Whoever programs the mailing: put an opaque, signed token into the link that only your server can turn into an address.",
        "Quien programe los envíos: ponga en el enlace un código opaco y firmado que solo su servidor pueda convertir en una dirección.",
    ),
    references=("RFC 8058 §6", "RFC 8058 §3.1"),
)


@ADDRESS_IN_LINK.check
def address_in_link(lists: ListHeaders) -> Outcome:
    """Found for an e-mail address within a web link of List-Unsubscribe."""
    if lists.unsubscribe is None:
        return NotApplicable(Text("There is no List-Unsubscribe field.", "No hay campo List-Unsubscribe."))
    for uri in lists.uris:
        if uri.address:
            return ADDRESS_IN_LINK.found(
                "List-Unsubscribe", evidence=field_evidence(lists.unsubscribe, uri.span), address=uri.address
            )
    return Passed("List-Unsubscribe")


# --- UNS006 ---------------------------------------------------------------------------------------------------------

NO_VISIBLE_LINK = Rule(
    "UNS006",
    "no-visible-unsubscribe",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("Visible way to unsubscribe", "Baja visible en el texto"),
    title=Text(
        "The text of this marketing mail offers no way to unsubscribe",
        "El texto de este correo comercial no ofrece forma de darse de baja",
    ),
    why=Text(
        "Google asks for a clearly visible link in the text besides the header field, and in Spain advertising by e-mail must offer a simple way out (LSSI, article 21). Who finds none reports spam.",
        "Google exige un enlace claramente visible en el texto además de la cabecera, y en España la publicidad por correo debe ofrecer una baja sencilla (LSSI, artículo 21). Quien no la encuentra marca el correo como spam.",
    ),
    fix=Text(
        "Whoever writes the template: put “Unsubscribe” into the footer, as a link to the same place as List-Unsubscribe.",
        "Quien redacte la plantilla: ponga «Darse de baja» al pie, con un enlace al mismo sitio que List-Unsubscribe.",
    ),
    references=(GOOGLE, LSSI),
)


@NO_VISIBLE_LINK.check
def no_visible_unsubscribe(classification: Classification) -> Outcome:
    """Found for marketing whose text and links speak of no way out."""
    other = _about_marketing(classification)
    if other is not None:
        return other
    if not classification.text_seen:
        return NotApplicable(Text("There is no text to look at.", "No hay texto que mirar."))
    return Passed() if classification.way_out else NO_VISIBLE_LINK.found("body")


# --- UNS008 ---------------------------------------------------------------------------------------------------------

NO_PREFERENCES = Rule(
    "UNS008",
    "invoice-without-preferences",
    Severity.INFO,
    Basis.OPINION,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("Choice of notices in invoices", "Elección de avisos en las facturas"),
    title=Text(
        "The invoice offers no choice of notices; none is required",
        "La factura no deja elegir los avisos; tampoco es obligatorio",
    ),
    why=Text(
        "Google and Yahoo leave transactional mail out of their unsubscribe rules, and an invoice has to be delivered anyway. Some senders still let customers choose reminders or the channel, which saves spam reports.",
        "Google y Yahoo no aplican sus normas de baja al correo transaccional, y una factura debe entregarse de todos modos. Aun así, hay quien deja elegir recordatorios o canal, lo que evita que la marquen como spam.",
    ),
    fix=Text(
        "Nothing has to be done. If you like, whoever writes the template adds a link such as “Manage notices” for reminders and channel; the invoice itself is still sent.",
        "No hay que hacer nada. Si lo desea, quien redacte la plantilla puede añadir un enlace «Gestionar avisos» para recordatorios y canal; la factura se sigue enviando.",
    ),
    references=(GOOGLE_FAQ,),
)


@NO_PREFERENCES.check
def invoice_without_preferences(classification: Classification, lists: ListHeaders) -> Outcome:
    """Found, as information, for transactional mail without any way to choose."""
    if classification.mail_class is not MailClass.TRANSACTIONAL:
        return NotApplicable(Text("It is no transactional mail.", "No es un correo transaccional."))
    if lists.unsubscribe is not None or classification.way_out:
        return Passed()
    return NO_PREFERENCES.found("body")


# --- UNS009 ---------------------------------------------------------------------------------------------------------

MIXED = Rule(
    "UNS009",
    "advertising-in-invoice",
    Severity.WARNING,
    Basis.CONSENSUS,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("Invoices without advertising", "Facturas sin publicidad"),
    title=Text("The invoice carries advertising: {words}", "La factura lleva publicidad: {words}"),
    why=Text(
        "With advertising in it, the mail counts as commercial: in Spain it then needs consent and a way out (LSSI, article 21), the demands on bulk mail apply, and filters see an offer instead of an invoice.",
        "Con publicidad, el correo pasa a ser comercial: en España necesita entonces consentimiento y una forma de baja (LSSI, artículo 21), se le aplican las exigencias del correo masivo y los filtros ven una oferta en lugar de una factura.",
    ),
    fix=Text(
        "Whoever writes the template: take the advertising out of the invoice and send it, to those who agreed, from another address or subdomain with its own unsubscribe link.",
        "Quien redacte la plantilla: quite la publicidad de la factura y envíela, a quien haya dado su consentimiento, desde otra dirección o subdominio con su propio enlace de baja.",
    ),
    references=(LSSI, GOOGLE_FAQ),
)


@MIXED.check
def advertising_in_invoice(classification: Classification, body: BodyText | None) -> Outcome:
    """Found for transactional mail with two different words of advertising or more."""
    if classification.mail_class is not MailClass.TRANSACTIONAL:
        return NotApplicable(Text("It is no transactional mail.", "No es un correo transaccional."))
    if len(classification.promotion) < 2:
        return Passed()
    words = classification.promotion[:5]
    told = " … ".join(words)
    seen = replace(text_evidence(body, words[0]), text=told) if body else part_evidence("body", told)
    return MIXED.found("body", evidence=seen, words=words)


# --- UNS011 ---------------------------------------------------------------------------------------------------------

NO_LIST_ID = Rule(
    "UNS011",
    "marketing-without-list-id",
    Severity.INFO,
    Basis.STANDARD,
    Area.UNSUBSCRIBE,
    Actor.SENDER,
    label=Text("List-Id in marketing mail", "List-Id en el correo comercial"),
    title=Text("Marketing mail without a usable List-Id", "Correo comercial sin un List-Id utilizable"),
    why=Text(
        "Mail programs and filters tell your mailings apart by it: complaints about the newsletter then stay with the newsletter and do not touch invoices.",
        "Los programas de correo y los filtros distinguen por él sus envíos: así, las quejas por el boletín se quedan en el boletín y no alcanzan a las facturas.",
    ),
    fix=Text(
        "Whoever runs the mailing program: add a List-Id of your own domain that stays the same in every issue, such as `{proposed}`.",
        "Quien administre el programa de envíos: añada un List-Id de su propio dominio que no cambie de un envío a otro, por ejemplo `{proposed}`.",
    ),
    references=("RFC 2919 §3", "RFC 2919 §2"),
)


@NO_LIST_ID.check
def marketing_without_list_id(classification: Classification, lists: ListHeaders, author: Author) -> Iterator[Outcome]:
    """Found, as information, for marketing without the field or with one that holds no identifier."""
    other = _about_marketing(classification)
    if other is not None:
        yield other
        return
    bad = lists.has(ListDefectKind.BAD_ID)
    if lists.list_id_field is not None and not bad:
        yield Passed("List-Id")
        return
    proposed = f"<avisos.{author.domain or 'empresa.example'}>"
    change = HeaderChange("List-Id", proposed, 0 if lists.list_id_field is not None else None)
    yield NO_LIST_ID.found(
        "List-Id",
        evidence=field_evidence(lists.list_id_field) if lists.list_id_field is not None else (),
        fix=Fix(headers=(change,)) if author.domain else None,
        proposed=proposed,
    )


RULES: tuple[Rule, ...] = (
    NO_HEADER,
    NOT_ONE_CLICK,
    BAD_URI,
    BAD_ENDPOINT,
    ADDRESS_IN_LINK,
    NO_VISIBLE_LINK,
    NO_PREFERENCES,
    MIXED,
    NO_LIST_ID,
)
