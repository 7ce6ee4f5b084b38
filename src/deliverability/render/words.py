"""The renderers' own words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from deliverability.core.finding import Actor, Basis, Severity
from deliverability.core.questions import FailureKind
from deliverability.core.rule import Area
from deliverability.core.text import Text

QUESTION = Text("Will mail from {domain} be believed?", "¿Se fiarán los receptores del correo de {domain}?")
#: By the kind of the report, where it is not about a domain.
QUESTIONS: Mapping[str, Text] = {
    "message": Text("Will this mail be believed?", "¿Se fiarán los receptores de este correo?"),
    "blocklist": Text("Is {domain} clear of blocklists?", "¿Está {domain} fuera de las listas de bloqueo?"),
}
QUESTION_PARKED = Text(
    "{domain} sends no mail. Is it safe from forgery?", "{domain} no envía correo. ¿Está a salvo de suplantaciones?"
)
NO = Text("Not as it stands.", "Tal como está, no.")
CANNOT_TELL = Text("It cannot be told yet.", "Aún no se puede saber.")
MOSTLY = Text("Yes, but something needs attention.", "Sí, pero hay algo que corregir.")
YES = Text("Yes, as far as DNS can show.", "Sí, hasta donde el DNS permite verlo.")
YES_OF: Mapping[str, Text] = {
    "message": Text("Yes, as far as can be seen from outside.", "Sí, hasta donde se puede ver desde fuera."),
    "blocklist": Text("Yes, by every list that was asked.", "Sí, según todas las listas consultadas."),
}
#: Where too little was checked for a score, such as with --select.
YES_SO_FAR = Text("Nothing that was checked speaks against it.", "Nada de lo comprobado lo impide.")
SET_ASIDE = Text("Not as it stands, but nothing is new.", "Tal como está, no; pero no hay nada nuevo.")
#: As above, where something else was found that nobody set aside.
SET_ASIDE_BUT = Text(
    "Not as it stands; what hinders it is set aside.", "Tal como está, no; lo que lo impide está descartado."
)
NOTHING = Text("Nothing was checked.", "No se ha comprobado nada.")

MAIN_PROBLEM = Text("The main problem: {title}.", "El problema principal: {title}.")
MAIN_UNKNOWN = Text(
    "Some of what decides got no answer, so nothing is said about it: {label}.",
    "Parte de lo que decide se quedó sin respuesta y no se afirma nada sobre ello: {label}.",
)
ASK_AGAIN = Text(
    "Repeat the audit when the DNS answers, or ask another name server (--nameserver).",
    "Repita la auditoría cuando el DNS responda o pregunte a otro servidor de nombres (--nameserver).",
)
NOBODY_ASKED = Text(
    "The DNS was not asked, and the files given do not hold it. An audit without --offline and --replay asks.",
    "No se ha consultado el DNS, y los archivos indicados no lo contienen. Una auditoría sin --offline ni --replay lo consulta.",
)
STILL_STANDS = Text(
    "Set aside by the profile or the baseline, and still there: {codes}.",
    "Descartado por el perfil o la línea base, y sigue ahí: {codes}.",
)
ALL_HOLDS = Text("Nothing has to be changed.", "No hay que cambiar nada.")

COUNT_ONE: Mapping[Severity, Text] = {
    Severity.ERROR: Text("1 error", "1 error"),
    Severity.WARNING: Text("1 warning", "1 aviso"),
    Severity.INFO: Text("1 note", "1 nota"),
}
COUNT_MANY: Mapping[Severity, Text] = {
    Severity.ERROR: Text("{n} errors", "{n} errores"),
    Severity.WARNING: Text("{n} warnings", "{n} avisos"),
    Severity.INFO: Text("{n} notes", "{n} notas"),
}
NO_FINDINGS = Text("no findings", "ningún problema")
UNKNOWN_ONE = Text("1 check could not be told", "1 comprobación sin respuesta")
UNKNOWN_MANY = Text("{n} checks could not be told", "{n} comprobaciones sin respuesta")
PASSED_ONE = Text("1 passed", "1 correcta")
PASSED_MANY = Text("{n} passed", "{n} correctas")

SCORE = Text(
    "Score {value} of 100, grade {grade}; {coverage} of what counts could be checked.",
    "Nota: {value} sobre 100, letra {grade}; se ha podido comprobar el {coverage} de lo que puntúa.",
)
NO_SCORE = Text(
    "No score: only {coverage} of what counts could be checked.",
    "Sin nota: solo se ha podido comprobar el {coverage} de lo que puntúa.",
)
CAPPED = Text("Held down by {codes}.", "Nota limitada por {codes}.")
DISCLAIMER_SHORT = Text(
    "It says how well the rules are followed, not how likely the inbox is.",
    "Mide cuánto se cumplen las reglas, no la probabilidad de llegar a la bandeja de entrada.",
)
PERCENT = Text("{n}%", "{n}\u00a0%")
NO_DATA = Text("not enough data", "sin datos suficientes")

WHAT_TO_DO = Text("What to do, most effective first", "Qué hacer, empezando por lo más eficaz")
ALSO = Text("Worth knowing", "Conviene saber")
DETAIL = Text("What was checked", "Qué se ha comprobado")
IGNORED = Text("Set aside by the profile", "Descartado por el perfil")
SCORE_STEP = Text("score {before} → {after}", "nota {before} → {after}")
SCORE_AFTER = Text("then score {after}", "después, nota {after}")
SOLVES = Text("Solves", "Resuelve")
INTRODUCES = Text("Will then show", "Aparecerá después")
WHO = Text("Who", "Quién")
SAYS = Text("Says", "Dice")
WHY = Text("Why", "Por qué")
DO = Text("Do", "Qué hacer")
SEEN = Text("Seen", "Visto")
#: Before what follows from a finding and is not explained again.
HENCE = Text("Hence", "De ahí")
FOLLOWS = Text("follows from {cause}", "consecuencia de {cause}")
ONE_OF_SEVERAL = Text("Also of this kind: {subjects}", "También ocurre en: {subjects}")

PUBLISH = Text("Publish this record:", "Publique este registro:")
PUBLISH_MANY = Text("Publish these records:", "Publique estos registros:")
ASK_TO_PUBLISH = Text(
    "Ask whoever manages that name to publish this:", "Pida a quien gestione ese nombre que publique esto:"
)
ASK_TITLE = Text("Have {type} published at {name}", "Pedir que se publique {type} en {name}")
REMOVE = Text("Remove this record:", "Elimine este registro:")
REMOVE_MANY = Text("Remove these records:", "Elimine estos registros:")
REPLACE = Text("Replace this record:", "Sustituya este registro:")
REPLACE_MANY = Text("Replace these records:", "Sustituya estos registros:")
BY_THIS = Text("by this one:", "por este:")
BY_THESE = Text("by these:", "por estos:")
#: Places in a message as rules name them, which is in English: (pattern of the name, what to say).
PLACES: tuple[tuple[str, Text], ...] = (
    (r"message", Text("the message", "el mensaje")),
    (r"body", Text("the text", "el texto")),
    (r"header", Text("the header", "la cabecera")),
    (r"part ([0-9.]+)(.*)", Text("part {0}{1}", "parte {0}{1}")),
)
AT_LINE = Text("{name} (line {line})", "{name} (línea {line})")
HEADER_LINE = Text("Have your software write this line:", "Haga que su programa escriba esta línea:")
HEADER_LINES = Text("Have your software write these lines:", "Haga que su programa escriba estas líneas:")
DROP_HEADER = Text("Have your software leave this out: {names}", "Haga que su programa omita: {names}")
PUBLISH_TITLE = Text("Publish {type} at {name}", "Publicar {type} en {name}")
REPLACE_TITLE = Text("Change {type} at {name}", "Cambiar {type} en {name}")
REMOVE_TITLE = Text("Remove {type} at {name}", "Eliminar {type} en {name}")
LABELS_MORE = Text("{labels} and {n} more", "{labels} y {n} más")
AND_MORE = Text("{title}, and {n} more", "{title} y {n} más")
PANEL_HINT = Text(
    "For a web panel (name, type, value): deliverability fix {domain} --syntax table",
    "Para un panel web (nombre, tipo, valor): deliverability fix {domain} --syntax table",
)

IN_FULL = Text(
    "-v lists every check; `deliverability audit` reports on the domain in full.",
    "Con -v se lista cada comprobación; `deliverability audit` informa del dominio por completo.",
)
APPLICABLE_ONE = Text("1 does not apply (-v tells which)", "1 no procede (con -v se indica cuál)")
APPLICABLE_MANY = Text("{n} do not apply (-v lists them)", "{n} no proceden (con -v se listan)")

SEVERITIES: Mapping[Severity, Text] = {
    Severity.ERROR: Text("error", "error"),
    Severity.WARNING: Text("warning", "aviso"),
    Severity.INFO: Text("note", "nota"),
}
ACTORS: Mapping[Actor, Text] = {
    Actor.DNS: Text("whoever manages the domain's DNS", "quien gestiona el DNS del dominio"),
    Actor.PLATFORM: Text("the administrator of the mail platform", "el administrador de la plataforma de correo"),
    Actor.HOST: Text("the owner of the server or of its address", "el propietario del servidor o de su dirección"),
    Actor.SENDER: Text("whoever runs the software that sends", "quien gestiona el programa que envía"),
    Actor.THIRD_PARTY: Text("a third party, whom you have to ask", "un tercero, al que hay que pedírselo"),
    Actor.NOBODY: Text("nobody, it is for your information", "nadie, es información"),
}
BASES: Mapping[Basis, Text] = {
    Basis.STANDARD: Text("a standard", "una norma"),
    Basis.PROVIDER: Text("a mailbox provider's published rule", "una regla publicada por un proveedor de correo"),
    Basis.FILTER: Text("a public spam filter's score", "la puntuación de un filtro antispam público"),
    Basis.CONSENSUS: Text("practice the field agrees on", "una práctica aceptada en el sector"),
    Basis.OPINION: Text("opinion; it never costs points", "opinión; nunca resta puntos"),
}
AREAS: Mapping[Area, Text] = {
    Area.AUTH: Text("authentication", "autenticación"),
    Area.IDENT: Text("identity of hosts", "identidad de los servidores"),
    Area.REPUTATION: Text("reputation", "reputación"),
    Area.TRANSPORT: Text("transport", "transporte"),
    Area.MESSAGE: Text("message", "mensaje"),
    Area.UNSUBSCRIBE: Text("unsubscribing", "bajas"),
    Area.SUBMISSION: Text("submission", "entrega al servidor"),
    Area.LIST: Text("recipients", "destinatarios"),
    Area.MONITORING: Text("monitoring", "seguimiento"),
    Area.INVOICE: Text("invoices", "facturas"),
    Area.BRAND: Text("protection against forgery", "protección contra suplantación"),
}
FAMILIES: Mapping[str, Text] = {
    "SPF": Text("SPF: who may send", "SPF: quién puede enviar"),
    "DKIM": Text("DKIM: the signature keys", "DKIM: las claves de firma"),
    "DMARC": Text("DMARC: the policy for forgeries", "DMARC: la política ante suplantaciones"),
    "ARC": Text("ARC: what forwarders sealed", "ARC: lo que sellaron los reenviadores"),
    "HDR": Text("Header and reply path", "Cabecera y camino de respuesta"),
    "SUBJ": Text("Subject", "Asunto"),
    "MIME": Text("Parts and attachments", "Partes y adjuntos"),
    "BODY": Text("Text, links and HTML", "Texto, enlaces y HTML"),
    "INV": Text("The invoice", "La factura"),
    "UNS": Text("Unsubscribing", "Bajas"),
    "TLS": Text("TLS on the way", "TLS por el camino"),
    "PROV": Text("Mailbox providers", "Proveedores de correo"),
    "BL": Text("Blocklists", "Listas de bloqueo"),
    "BNC": Text("What receivers report", "Lo que informan los receptores"),
    "MX": Text("MX: can it receive replies", "MX: si puede recibir respuestas"),
    "DNS": Text("DNS: servers and zone", "DNS: servidores y zona"),
}

SPF_TREE = Text("SPF as receivers evaluate it", "El SPF tal como lo evalúan los receptores")
LOOKUPS = Text("{n} of {limit} DNS lookups", "{n} de {limit} consultas DNS")
VOIDS = Text("{n} of {limit} void lookups", "{n} de {limit} consultas vacías")
PROVIDERS = Text("Providers seen", "Proveedores detectados")
ANSWERS = Text("Answers", "Respuestas")

STATUS: Mapping[str, Text] = {
    "nodata": Text("no such record", "sin registro de este tipo"),
    "noname": Text("the name does not exist", "el nombre no existe"),
    "failed": Text("no answer", "sin respuesta"),
}
FAILURES: Mapping[str, Text] = {
    FailureKind.TIMEOUT: Text("nobody answered in time", "nadie respondió a tiempo"),
    FailureKind.SERVFAIL: Text("the server failed (SERVFAIL)", "fallo del servidor (SERVFAIL)"),
    FailureKind.REFUSED: Text("the server refused (REFUSED)", "el servidor se negó (REFUSED)"),
    FailureKind.NOTIMP: Text("the server does not know how", "el servidor no sabe responder"),
    FailureKind.MALFORMED: Text("the reply is broken", "la respuesta está dañada"),
    FailureKind.TRUNCATED: Text("the reply is cut off", "la respuesta llega cortada"),
    FailureKind.LAME: Text("the server is not responsible for the zone", "el servidor no es responsable de la zona"),
    FailureKind.LOOP: Text("the aliases do not end", "los alias no terminan"),
    FailureKind.BUDGET: Text("this audit's limit was reached", "se alcanzó el límite de esta auditoría"),
    FailureKind.UNREACHABLE: Text("the server cannot be reached", "no se llega al servidor"),
    FailureKind.OFFLINE: Text("not asked", "no se consultó"),
}
#: Before the address of a rule's page, or the command that explains the rule.
MORE = Text("More", "Más")
MORE_ON = Text("More about a code: `{more}`", "Más sobre un código: `{more}`")
EXPLAIN_SEVERITY = Text("Severity", "Gravedad")
EXPLAIN_BASIS = Text("Rests on", "Se basa en")
EXPLAIN_AREA = Text("Area", "Área")
EXPLAIN_REFERENCES = Text("References", "Referencias")
EXPLAIN_CODE = Text("Code", "Código")
EXPLAIN_NAME = Text("Name", "Nombre")
EXPLAIN_LABEL = Text("What is checked", "Qué se comprueba")
EXPLAIN_SINCE = Text("Since", "Desde")
EXPLAIN_PAGE = Text("Page", "Página")
EXPLAIN_CAUSES = Text("Follows from", "Se debe a")
EXPLAIN_LIST = Text(
    "{n} rules. `deliverability explain CODE` tells one in full.",
    "{n} reglas. `deliverability explain CÓDIGO` explica una por completo.",
)
SUMMARY = Text("{n} domains", "{n} dominios")
#: By the kind of the reports, where they are not about domains.
SUMMARIES: Mapping[str, Text] = {
    "message": Text("{n} mails", "{n} correos"),
    "blocklist": Text("{n} addresses and domains", "{n} direcciones y dominios"),
}
#: Where they are about different things, such as a mail and a domain.
SUMMARY_MIXED = Text("{n} reports", "{n} informes")
