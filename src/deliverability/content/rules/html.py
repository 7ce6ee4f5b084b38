"""Rules about what the HTML of a message does and loads (BODY010, BODY011, BODY021)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deliverability.content.html_facts import Active, Element, Image, ImageSource
from deliverability.content.links import read_target
from deliverability.content.part import Part
from deliverability.content.rules.parts import NO_HTML, evidence_in_text
from deliverability.content.text import BodyText, message_line
from deliverability.core.finding import Actor, Basis, Evidence, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.patterns import pattern
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text

_PLACES = 5
_TOLD = 10


CUT = Text(
    en="The text is longer than what is read; the rest was not checked.",
    es="El texto es más largo de lo que se lee; el resto no se ha comprobado.",
)


def no_html(body: BodyText) -> Outcome:
    """Why a rule about HTML has none to look at."""
    return Unknown(CUT) if body.unread else NotApplicable(NO_HTML)


def unless_cut(body: BodyText) -> Outcome:
    """Passed, when the text was read whole."""
    return Unknown(CUT) if body.cut else Passed()


def place(part: Part, excerpt: str, line: int) -> Evidence:
    """A place in an HTML part, with its line of the message."""
    return evidence_in_text(part, excerpt, message_line(part, line))


def _elements(body: BodyText, which: str) -> list[tuple[Part, Element]]:
    return [(part, element) for part, html in body.htmls for element in getattr(html, which)]


def _places(found: Iterable[tuple[Part, Element]]) -> tuple[Evidence, ...]:
    return tuple(place(part, element.text, element.line) for part, element in list(found)[:_PLACES])


# --- BODY010 --------------------------------------------------------------------------------------------------------

ACTIVE = Rule(
    "BODY010",
    "active-html",
    Severity.ERROR,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No active HTML", es="Sin HTML activo"),
    title=Text(
        en="The HTML holds {what}, which mail programs do not run",
        es="El HTML contiene {what}, que los programas de correo no ejecutan",
    ),
    why=Text(
        en="Gmail, Outlook and Apple Mail remove it, so it never works for the reader; filters take it for an attack (rspamd "
        "up to 5 points, about 6 mark a mail as spam), and many company gateways refuse the mail.",
        es="Gmail, Outlook y Apple Mail lo eliminan, así que al lector nunca le funciona; los filtros lo toman por un ataque "
        "(rspamd suma hasta 5 puntos; con unos 6 es spam) y muchas pasarelas de empresa rechazan el correo.",
    ),
    fix=Text(
        en="Whoever maintains the template takes it out and links to a page that does the same: a button “Pay” or “Answer” "
        "instead of a form, a picture with a link instead of a video or frame.",
        es="Quien mantenga la plantilla debe quitarlo y enlazar a una página que haga lo mismo: un botón «Pagar» o «Responder» "
        "en lugar de un formulario, una imagen con enlace en lugar de un vídeo o marco.",
    ),
    references=("rspamd HTML symbols, 2026-08", "Google Email sender guidelines, 2026"),
    filter_points=5.0,
    identity=("kind",),
)

_ACTIVE = {
    Active.SCRIPT: Text(en="a script", es="un script"),
    Active.FORM: Text(en="a form", es="un formulario"),
    Active.FRAME: Text(en="a frame (iframe)", es="un marco (iframe)"),
    Active.OBJECT: Text(en="an embedded object", es="un objeto incrustado"),
    Active.REFRESH: Text(en="a redirection (meta refresh)", es="una redirección (meta refresh)"),
    Active.HANDLER: Text(en="event handlers (onclick and the like)", es="manejadores de eventos (onclick y similares)"),
    Active.SCRIPT_LINK: Text(en="links to javascript:", es="enlaces a javascript:"),
}
#: Removed without harm: an empty shell that editors leave behind.
_MILD = frozenset({Active.HANDLER})


@ACTIVE.check
def active(body: BodyText) -> Iterator[Outcome]:
    """Scripts, forms, frames, objects, redirections. Structured data (application/ld+json) is none."""
    if body.html is None:
        yield no_html(body)
        return
    kinds: dict[str, list[tuple[Part, Element]]] = {}
    for part, element in _elements(body, "active"):
        kinds.setdefault(element.kind, []).append((part, element))
    for kind, found in kinds.items():
        yield ACTIVE.found(
            kind,
            severity=Severity.WARNING if kind in _MILD else None,
            evidence=_places(found),
            kind=kind,
            what=_ACTIVE[Active(kind)],
        )
    if not kinds:
        yield unless_cut(body)


# --- BODY011 --------------------------------------------------------------------------------------------------------

EXTERNAL = Rule(
    "BODY011",
    "external-css-or-data-images",
    Severity.INFO,
    Basis.FILTER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="Styles and images in mail form", es="Estilos e imágenes aptos para correo"),
    title=Text(en="The HTML uses {what}", es="El HTML usa {what}"),
    why=Text(
        en="Gmail and Outlook do not load style sheets from elsewhere and do not show data: images, so the mail looks broken "
        "there; rspamd gives 1 to 2 points for them.",
        es="Gmail y Outlook no cargan hojas de estilo externas ni muestran imágenes data:, así que allí el correo se ve mal; "
        "rspamd suma por ello de 1 a 2 puntos.",
    ),
    fix=Text(
        en="Whoever maintains the template writes the styles into the elements (an “inliner” does it) and attaches images with "
        "a Content-ID (cid:) or loads them over https.",
        es="Quien mantenga la plantilla debe escribir los estilos en los propios elementos (lo hace un «inliner») y adjuntar "
        "las imágenes con Content-ID (cid:) o cargarlas por https.",
    ),
    references=("rspamd EXT_CSS and DATA_URI_OBFU, 2026-08",),
    filter_points=2.0,
    identity=("kind",),
)

_SHEET = Text(en="a style sheet that lies elsewhere", es="una hoja de estilo externa")
_DATA = Text(en="images within the HTML itself (data:)", es="imágenes dentro del propio HTML (data:)")


@EXTERNAL.check
def external(body: BodyText) -> Iterator[Outcome]:
    """Style sheets by link or @import, images as data: URIs (RFC 2397)."""
    if body.html is None:
        yield no_html(body)
        return
    sheets = _elements(body, "stylesheets")
    images = [
        (part, Element("data", image.url[:60], image.line))
        for part, html in body.htmls
        for image in html.images
        if image.source is ImageSource.DATA
    ]
    if sheets:
        yield EXTERNAL.found("stylesheet", evidence=_places(sheets), kind="stylesheet", what=_SHEET)
    if images:
        yield EXTERNAL.found("data:", evidence=_places(images), kind="data", what=_DATA)
    if not sheets and not images:
        yield unless_cut(body)


# --- BODY021 --------------------------------------------------------------------------------------------------------

PIXEL = Rule(
    "BODY021",
    "tracking-pixel",
    Severity.INFO,
    Basis.OPINION,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text(en="No tracking pixel", es="Sin píxel de seguimiento"),
    title=Text(
        en="An invisible image reports to {host} when the mail is opened",
        es="Una imagen invisible avisa a {host} cuando se abre el correo",
    ),
    why=Text(
        en="The number of opens it gives is not reliable: Apple Mail and Gmail load images themselves, and gateways do so "
        "before delivery. Under the GDPR it takes the reader's consent, which an invoice hardly has.",
        es="El número de aperturas que da no es fiable: Apple Mail y Gmail cargan ellos mismos las imágenes, y las pasarelas lo "
        "hacen antes de entregar. Según el RGPD exige el consentimiento del lector, que en una factura rara vez existe.",
    ),
    fix=Text(
        en="In the settings of your mailing or billing platform switch off open tracking for invoices and reminders.",
        es="En los ajustes de su plataforma de envío o de facturación, desactive el seguimiento de aperturas para las facturas "
        "y los recordatorios.",
    ),
    references=("Apple Mail Privacy Protection, 2021", "M3AAWG Sender Best Common Practices 4.0, 2026-08-27"),
    identity=("host",),
)

#: Images of old layouts that only keep distance.
_SPACERS = pattern(
    r"(?:^|[/_-])(?:spacer|space|blank|clear(?:dot)?|trans(?:parent)?|shim|dot(?:_?clear)?|pixel|1x1|c|s|x|t|null|empty|filler|line|gap)[\w-]{0,20}\.(?:gif|png|jpg)$",
    2,
)


@PIXEL.check
def pixel(body: BodyText) -> Iterator[Outcome]:
    """Remote images of at most one pixel, but for those that only keep distance."""
    if body.html is None:
        yield no_html(body)
        return
    hosts: dict[str, list[tuple[Part, Image]]] = {}
    for part, html in body.htmls:
        for image in html.images:
            if image.source is ImageSource.REMOTE and image.is_pixel and not _is_spacer(image):
                hosts.setdefault(read_target(image.url).host, []).append((part, image))
    for host, found in list(hosts.items())[:_TOLD]:
        evidence = tuple(place(part, image.url, image.line) for part, image in found[:_PLACES])
        yield PIXEL.found(host, evidence=evidence, host=host)
    if not hosts:
        yield unless_cut(body)


def _is_spacer(image: Image) -> bool:
    path, mark, _ = image.url.partition("?")
    return not mark and _SPACERS.search(path[-80:]) is not None


RULES = (ACTIVE, EXTERNAL, PIXEL)
