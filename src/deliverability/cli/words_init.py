"""What `init` says: help, and the comments of the file that it writes; pairs (English, Spanish)."""

from __future__ import annotations

INIT = ("write a first configuration", "escribe una primera configuración")
INIT_LONG = (
    "Asks DNS what it knows about your domains (providers, DKIM selectors, addresses) and writes a commented deliverability.toml. "
    "What is certain stands there as a setting; what is guessed is marked, for you to check.",
    "Consulta en el DNS lo que se sabe de sus dominios (proveedores, selectores DKIM, direcciones) y escribe un deliverability.toml "
    "comentado. Lo seguro queda como ajuste; lo que se supone va marcado, para que usted lo compruebe.",
)
DOMAINS = (
    "the domains you send from, such as empresa.example",
    "los dominios desde los que envía, como empresa.example",
)
OUTPUT = (
    "write into this file (default deliverability.toml); - is standard output",
    "escribe en este archivo (por omisión, deliverability.toml); - es la salida estándar",
)
PYPROJECT = (
    "add [tool.deliverability] to pyproject.toml instead, and leave the rest of it as it is",
    "añade [tool.deliverability] a pyproject.toml y deja el resto como está",
)
FORCE = ("replace what is there", "sustituye lo que haya")
CI = (
    "write a CI file too: github, gitlab or pre-commit (may be repeated)",
    "escribe también un archivo de CI: github, gitlab o pre-commit (puede repetirse)",
)
ASK = ("Which domain do you send from? ", "¿Desde qué dominio envía? ")
NO_DOMAIN = (
    "give the domain you send from: deliverability init empresa.example",
    "indique el dominio desde el que envía: deliverability init empresa.example",
)
EXISTS = (
    "{path} is there already; --force replaces it, -o - prints instead",
    "{path} ya existe; --force lo sustituye, -o - lo muestra en pantalla",
)
TABLE_EXISTS = (
    "{path} has [tool.deliverability] already; --force replaces it, -o - prints instead",
    "{path} ya tiene [tool.deliverability]; --force la sustituye, -o - la muestra en pantalla",
)
NO_PYPROJECT = (
    "there is no {path} here; leave out --pyproject, and deliverability.toml is written",
    "aquí no hay {path}; quite --pyproject y se escribirá deliverability.toml",
)
CANNOT_ADD = (
    "{path} holds its `tool` in a form that nothing can be added to; leave out --pyproject",
    "en {path}, `tool` está escrito de una forma que no permite añadir nada; quite --pyproject",
)
BOTH = (
    "--pyproject: not together with -o FILE",
    "--pyproject no puede ir junto con -o ARCHIVO",
)
WROTE = ("wrote {paths}", "escrito: {paths}")
NEXT = (
    "Next: look at the lines that begin with #?, then run `deliverability audit`.",
    "Ahora revise las líneas que empiezan por #? y ejecute `deliverability audit`.",
)
UNANSWERED = (
    "DNS gave no answer to: {names}. Run it again later with --force.",
    "El DNS no respondió a: {names}. Repítalo más tarde con --force.",
)

# The file
HEAD = (
    "What `deliverability audit` looks at, and when it fails.",
    "Qué mira `deliverability audit` y cuándo falla.",
)
WRITTEN = (
    "Written by `deliverability init` on {day}, with what DNS told then.",
    "Escrito por `deliverability init` el {day}, con lo que decía el DNS.",
)
MARK = (
    "A line that begins with #? is a guess. Check it: take the mark away, or the line.",
    "Una línea que empieza por #? es una suposición. Compruébela: quite la marca, o la línea.",
)
FAIL_ON = (
    "From which severity on it exits with 1: error, warning, info or never.",
    "A partir de qué gravedad termina con 1: error, warning, info o never.",
)
INCOMPLETE = (
    "Where DNS gave no answer to what decides: fail exits with 3, pass lets it be.",
    "Si el DNS no respondió a algo que decide: fail termina con 3; pass lo da por bueno.",
)
IGNORE = (
    "What you accept, why, and until when. After that day it fails while it is still there.",
    "Lo que usted acepta, por qué y hasta cuándo. Pasado ese día, falla mientras el problema siga ahí.",
)
IGNORE_REASON = ("why, and who decided it", "por qué, y quién lo ha decidido")
SELECTORS = (
    "DKIM selectors (the s= of your signatures) whose keys are in DNS:",
    "Selectores DKIM (la s= de sus firmas) cuyas claves están en el DNS:",
)
SELECTORS_MORE = (
    "There may be more: they cannot be listed. Look at s= in a mail of yours.",
    "Puede haber más: no se pueden listar. Mire la s= en un correo suyo.",
)
NO_SELECTORS = (
    "No DKIM key was found under any usual selector. Look at s= in a mail of yours:",
    "No se ha encontrado ninguna clave DKIM con los selectores habituales. Mire la s= en un correo suyo:",
)
SELECTORS_UNKNOWN = (
    "DKIM selectors: the s= in the DKIM-Signature of a mail of yours.",
    "Selectores DKIM: la s= de la DKIM-Signature de un correo suyo.",
)
BOUNCES = ("bounces", "rebotes")
PROVIDERS = (
    "Providers that were seen and may send for you: {names}.",
    "Proveedores que se han visto y que pueden enviar por usted: {names}.",
)
IPS = {
    "spf": (
        "Addresses that your mail leaves from. SPF allows these ({seen}):",
        "Direcciones desde las que sale su correo. El SPF permite estas ({seen}):",
    ),
    "mx": (
        "Addresses that your mail leaves from. Your own mail servers have these ({seen}):",
        "Direcciones desde las que sale su correo. Sus propios servidores tienen estas ({seen}):",
    ),
}
NO_IPS = (
    "Addresses that your own servers send from, if there are any:",
    "Direcciones desde las que envían sus propios servidores, si los hay:",
)
NETWORKS = ("SPF allows whole networks: {networks}.", "El SPF permite redes enteras: {networks}.")
HELO = (
    "The name that server says in HELO; the reverse DNS of {seen} is:",
    "El nombre con el que ese servidor se presenta (HELO); el DNS inverso de {seen} es:",
)
SMTP_HOST = (
    "The server that your billing program hands its mail to; at {seen} that is:",
    "El servidor al que su programa de facturación entrega el correo; en {seen} es:",
)
MAILBOXES = (
    "Staff have their mailboxes on this domain (its mail goes to {name}):",
    "El personal tiene sus buzones en este dominio (su correo llega a {name}):",
)
VOLUME = (
    "Messages a day. From about 5000 to one provider on, rules for bulk senders count.",
    "Mensajes al día. A partir de unos 5000 a un mismo proveedor, rigen las normas para envíos masivos.",
)
ENVELOPE = (
    "The domain that bounces go to (Return-Path), where it is another:",
    "El dominio al que llegan los rebotes (Return-Path), si es otro:",
)
PARKED = (
    "It says itself that it neither sends nor receives mail:",
    "El propio dominio dice que no envía ni recibe correo:",
)
NOT_ANSWERED = (
    "DNS gave no answer to: {names}. Run `deliverability init --force` again later.",
    "El DNS no respondió a: {names}. Repita más tarde `deliverability init --force`.",
)
