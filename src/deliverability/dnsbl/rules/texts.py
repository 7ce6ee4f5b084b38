"""What the rules about single lists say; one entry a rule, since they differ in little but their texts."""

from __future__ import annotations

from typing import NamedTuple

from deliverability.core.finding import Actor, Basis, Severity
from deliverability.core.text import Text

SPAMHAUS = "Spamhaus, list descriptions (2026-10)"
RSPAMD = "rspamd conf/modules.d/rbl.conf (2026-08)"
SPAMASSASSIN = "SpamAssassin 20_dnsbl_tests.cf (2026-08)"


class ListRule(NamedTuple):
    """One rule about a listing."""

    code: str
    name: str
    severity: Severity
    basis: Basis
    actor: Actor
    label: Text
    why: Text
    fix: Text
    references: tuple[str, ...]
    filter_points: float = 0.0
    cap: int | None = None


LIST_RULES = (
    ListRule(
        "BL001",
        "ip-on-spamhaus-sbl",
        Severity.ERROR,
        Basis.FILTER,
        Actor.HOST,
        Text("Spamhaus SBL and CSS", "Spamhaus SBL y CSS"),
        Text(
            "Most large receivers ask Spamhaus before they take a message, and refuse what comes from a listed address at once. Until it is gone, your invoices from there bounce.",
            "La mayoría de los grandes receptores consulta a Spamhaus antes de aceptar un mensaje y rechaza en el acto lo que llega de una dirección incluida. Mientras siga ahí, sus facturas desde ella se devuelven.",
        ),
        Text(
            "Whoever runs the server: find and stop what sent the spam (a stolen login, an old form, a bought list), then look {target} up at {page} and ask for removal there. It is free.",
            "Quien administre el servidor: busque y corte lo que envió el spam (una cuenta robada, un formulario antiguo, una lista comprada), consulte {target} en {page} y pida allí la retirada. Es gratis.",
        ),
        (SPAMHAUS, RSPAMD, SPAMASSASSIN),
        4.0,
        30,
    ),
    ListRule(
        "BL002",
        "ip-on-spamhaus-xbl",
        Severity.ERROR,
        Basis.FILTER,
        Actor.HOST,
        Text("Spamhaus XBL", "Spamhaus XBL"),
        Text(
            "The list holds addresses of infected computers and stolen logins. Mail from there is refused almost everywhere, and the cause is usually still at work.",
            "La lista recoge direcciones con equipos infectados o cuentas robadas. El correo desde ellas se rechaza casi en todas partes, y la causa suele seguir activa.",
        ),
        Text(
            "Whoever runs the server or the office network: find the infected computer or the stolen password, clean it, change the passwords, then remove {target} at {page}.",
            "Quien administre el servidor o la red de la oficina: localice el equipo infectado o la contraseña robada, límpielo, cambie las contraseñas y retire {target} en {page}.",
        ),
        (SPAMHAUS, RSPAMD),
        4.0,
        30,
    ),
    ListRule(
        "BL003",
        "ip-on-policy-list",
        Severity.ERROR,
        Basis.FILTER,
        Actor.SENDER,
        Text("Ranges that should not deliver mail", "Rangos que no deben entregar correo"),
        Text(
            "The list says nothing bad about {target}: it is in a range from which no mail should be delivered directly. Receivers refuse mail that comes straight from there.",
            "La lista no dice nada malo de {target}: pertenece a un rango desde el que no se debe entregar correo directamente. Los receptores rechazan el que llega directo de ahí.",
        ),
        Text(
            "Whoever configures the sending software: hand the mail to the SMTP server of your mail provider (port 587 or 465) instead of delivering it yourself. Only for a real mail server with a fixed address: have {target} removed at {page}.",
            "Quien configure el programa de envío: entregue el correo al servidor SMTP de su proveedor (puerto 587 o 465) en vez de repartirlo usted. Solo si es un servidor de correo de verdad, con dirección fija: pida retirar {target} en {page}.",
        ),
        (SPAMHAUS, SPAMASSASSIN),
        3.6,
    ),
    ListRule(
        "BL004",
        "ip-in-spamhaus-drop",
        Severity.ERROR,
        Basis.FILTER,
        Actor.HOST,
        Text("Spamhaus DROP", "Spamhaus DROP"),
        Text(
            "DROP holds networks that criminals have taken over. Many operators drop all traffic from there, not only mail.",
            "DROP recoge redes tomadas por delincuentes. Muchos operadores descartan todo su tráfico, no solo el correo.",
        ),
        Text(
            "You cannot mend this: move the server to another hosting company. {page} shows whose network it is.",
            "No está en su mano arreglarlo: lleve el servidor a otra empresa de alojamiento. {page} muestra de quién es la red.",
        ),
        (SPAMHAUS, RSPAMD),
        7.0,
        30,
    ),
    ListRule(
        "BL005",
        "domain-on-spamhaus-dbl",
        Severity.ERROR,
        Basis.FILTER,
        Actor.SENDER,
        Text("Spamhaus DBL", "Spamhaus DBL"),
        Text(
            "Receivers look for listed domains in From, in the signature, in the Return-Path and in every link. One is enough to refuse the message, whatever server it comes from.",
            "Los receptores buscan dominios incluidos en el From, la firma, el Return-Path y cada enlace. Con uno basta para rechazar el mensaje, venga del servidor que venga.",
        ),
        Text(
            "Whoever owns {target}: find what was sent in its name or what its website serves, stop it, then ask for removal at {page}. If it is somebody else's domain, take the link out.",
            "El titular de {target}: averigüe qué se envió en su nombre o qué sirve su web, córtelo y pida la retirada en {page}. Si el dominio es de otro, quite el enlace.",
        ),
        (SPAMHAUS, RSPAMD),
        7.5,
        30,
    ),
    ListRule(
        "BL006",
        "own-site-abused",
        Severity.ERROR,
        Basis.FILTER,
        Actor.HOST,
        Text("Hacked website on a blocklist", "Web asaltada en una lista de bloqueo"),
        Text(
            "The domain itself is honest, and somebody uses its website for spam or phishing. Messages that name it are refused until it is clean.",
            "El dominio es legítimo y alguien usa su web para spam o phishing. Los mensajes que lo nombran se rechazan hasta que esté limpia.",
        ),
        Text(
            "Whoever manages the website: update it, remove the files that are not yours, change its passwords; then ask for removal at {page}.",
            "Quien gestione la web: actualícela, elimine los archivos ajenos, cambie sus contraseñas y después pida la retirada en {page}.",
        ),
        (SPAMHAUS, RSPAMD),
        6.5,
        30,
    ),
    ListRule(
        "BL007",
        "domain-on-surbl-or-uribl",
        Severity.ERROR,
        Basis.FILTER,
        Actor.SENDER,
        Text("SURBL and URIBL", "SURBL y URIBL"),
        Text(
            "SpamAssassin and rspamd ask both lists about every link; rspamd adds 5 to 7.5 points for a listing, enough to file the message as spam by itself.",
            "SpamAssassin y rspamd consultan ambas por cada enlace; rspamd suma de 5 a 7,5 puntos por una inclusión, suficiente por sí sola para ir a spam.",
        ),
        Text(
            "If {target} is yours: find out what was sent with it and ask for removal at {page}. If it is a service you link to: link to your own domain instead.",
            "Si {target} es suyo: averigüe qué se envió con él y pida la retirada en {page}. Si es un servicio al que enlaza: enlace a su propio dominio.",
        ),
        (RSPAMD, "SpamAssassin 25_uribl.cf (2026-08)"),
        7.5,
    ),
    ListRule(
        "BL008",
        "ip-on-spamcop",
        Severity.WARNING,
        Basis.FILTER,
        Actor.SENDER,
        Text("SpamCop", "SpamCop"),
        Text(
            "People reported mail from {target} as spam. Small receivers refuse it; SpamAssassin adds 1.3 points. The listing ends by itself about a day after the last report.",
            "Hay quien denunció correo de {target} como spam. Los receptores pequeños lo rechazan y SpamAssassin suma 1,3 puntos. Termina sola alrededor de un día después de la última denuncia.",
        ),
        Text(
            "Whoever sends: look up the reports at {page}, stop what caused them (a bought list, a missing way to unsubscribe), and wait a day.",
            "Quien envíe: consulte las denuncias en {page}, corte lo que las causó (una lista comprada, una baja que falta) y espere un día.",
        ),
        (SPAMASSASSIN,),
        1.3,
    ),
    ListRule(
        "BL009",
        "ip-on-barracuda",
        Severity.WARNING,
        Basis.CONSENSUS,
        Actor.HOST,
        Text("Barracuda", "Barracuda"),
        Text(
            "Barracuda's gateways stand in front of many small and middle-sized companies: your business customers may not get your invoices.",
            "Los equipos de Barracuda protegen a muchas pequeñas y medianas empresas: puede que sus clientes no reciban sus facturas.",
        ),
        Text(
            "Whoever runs the server: stop the cause, then fill in the form at {page} with a phone number and a reason; it takes about a day.",
            "Quien administre el servidor: corte la causa y rellene el formulario de {page} con un teléfono y el motivo; tarda alrededor de un día.",
        ),
        ("Barracuda Reputation Block List (2026-10)",),
    ),
    ListRule(
        "BL010",
        "ip-on-another-list",
        Severity.WARNING,
        Basis.FILTER,
        Actor.HOST,
        Text("Other IP lists that filters ask", "Otras listas de IP que consultan los filtros"),
        Text(
            "Filters give it 1 to 4 points of the 5 or 6 that make spam. By itself it seldom decides; with another fault it does.",
            "Los filtros le dan de 1 a 4 puntos de los 5 o 6 que hacen spam. Por sí sola rara vez decide; junto a otro fallo, sí.",
        ),
        Text(
            "Whoever runs the server: stop what was seen ({meaning}), then remove {target} at {page}; it is free.",
            "Quien administre el servidor: corte lo que se vio ({meaning}) y retire {target} en {page}; es gratis.",
        ),
        (RSPAMD, SPAMASSASSIN),
        4.0,
    ),
    ListRule(
        "BL011",
        "ip-on-uceprotect-1",
        Severity.INFO,
        Basis.CONSENSUS,
        Actor.NOBODY,
        Text("First level of UCEPROTECT", "Primer nivel de UCEPROTECT"),
        Text(
            "Few receivers act on it. It is a sign that mail from {target} reached addresses that nobody uses.",
            "Pocos receptores le hacen caso. Indica que correo desde {target} llegó a direcciones que nadie usa.",
        ),
        Text(
            "Clean your address list. The listing ends by itself after seven days; never pay for a quicker removal.",
            "Limpie su lista de direcciones. La inclusión termina sola a los siete días; no pague nunca por acelerarla.",
        ),
        ("UCEPROTECT-Network (2026-10)",),
    ),
    ListRule(
        "BL012",
        "on-a-minor-list",
        Severity.INFO,
        Basis.OPINION,
        Actor.NOBODY,
        Text("Lists that few receivers ask", "Listas que pocos receptores consultan"),
        Text(
            "No large receiver is known to act on it, and some of these lists punish whole networks for their neighbours.",
            "No se sabe de ningún gran receptor que le haga caso, y algunas de estas listas castigan a redes enteras por sus vecinos.",
        ),
        Text(
            "Nothing has to be done. If you want it gone, {page} tells how; never pay for it.",
            "No hay que hacer nada. Si quiere salir de ella, {page} explica cómo; no pague nunca por ello.",
        ),
        ("deliverability list registry (2026-11-22)",),
    ),
    ListRule(
        "BL019",
        "domain-is-fresh",
        Severity.WARNING,
        Basis.FILTER,
        Actor.SENDER,
        Text("Age of the domain by lists", "Edad del dominio según las listas"),
        Text(
            "Domains of spammers live for days, so filters distrust every new one: rspamd adds 3 points in the first two weeks, and Spamhaus watches the first day.",
            "Los dominios de los spammers viven días, así que los filtros desconfían de todo dominio nuevo: rspamd suma 3 puntos las dos primeras semanas y Spamhaus vigila el primer día.",
        ),
        Text(
            "Wait two weeks before sending invoices from {target}, or send them from a domain that you have had for longer; begin with customers who expect them.",
            "Espere dos semanas antes de enviar facturas desde {target}, o envíelas desde un dominio que tenga hace más tiempo; empiece por clientes que las esperan.",
        ),
        (RSPAMD, SPAMHAUS),
        3.0,
    ),
)
