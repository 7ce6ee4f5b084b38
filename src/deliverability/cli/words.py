"""What `--help` says, in both languages: pairs (English, Spanish), plain tuples so that help costs no imports."""

from __future__ import annotations

ABOUT = (
    "Will the mail you send be believed? And if not, what exactly to change.",
    "¿Se fiarán los receptores del correo que envía? Y si no, qué hay que cambiar exactamente.",
)
EPILOG = (
    "Exit codes: 0 clean, 1 findings at or above --fail-on, 2 wrong use or configuration, 3 could not tell, "
    "4 nothing to audit, 130 interrupted.",
    "Códigos de salida: 0 todo bien, 1 hay problemas de la gravedad de --fail-on o superior, 2 uso o configuración "
    "incorrectos, 3 no se ha podido saber, 4 nada que auditar, 130 interrumpido.",
)
COMMAND = ("COMMAND", "ORDEN")
WHOLE = ("deliverability COMMAND [options]", "deliverability ORDEN [opciones]")
MORE = (" [options]", " [opciones]")
USAGE = ("usage: ", "uso: ")
ERROR = ("error", "error")
ARGUMENTS = ("arguments", "argumentos")
OPTIONS = ("options", "opciones")
COMMANDS = ("commands", "órdenes")
HELP = ("show this help and exit", "muestra esta ayuda y termina")
VERSION = ("show the version and exit", "muestra la versión y termina")
INTERRUPTED = ("interrupted", "interrumpido")
NOTHING = (
    "nothing to audit: give a domain, or list some as `domains` under [tool.deliverability] in pyproject.toml or in "
    "deliverability.toml",
    "nada que auditar: indique un dominio, o ponga una lista `domains` en [tool.deliverability] de pyproject.toml o en "
    "deliverability.toml",
)
NOTHING_TO_CHANGE = ("; nothing to change", "; no hay nada que cambiar")
NOTHING_TO_PROPOSE = (
    "; nothing can be proposed: what decides got no answer; `deliverability audit` says what",
    "; no se puede proponer nada: lo que decide se quedó sin respuesta; `deliverability audit` dice qué",
)
NO_COMMAND = ("give a command: {commands}", "falta la orden: {commands}")
ANSWERS = ("{n} answers", "{n} respuestas")

GROUP_INPUT = ("where answers come from", "de dónde salen las respuestas")
GROUP_SENDING = (
    "how the domain sends (more checks become possible)",
    "cómo envía el dominio (permite más comprobaciones)",
)
GROUP_OUTPUT = ("output", "salida")
GROUP_GATE = ("gate", "criterio de salida")

AUDIT = ("audit a domain that sends mail", "audita un dominio que envía correo")
AUDIT_LONG = (
    "Audits SPF, DKIM, DMARC, MX, reverse DNS and the zone of a domain that sends mail, says what is wrong and gives the "
    "records to publish. It only asks DNS; it changes nothing and sends nothing.",
    "Audita SPF, DKIM, DMARC, MX, DNS inverso y la zona de un dominio que envía correo, dice qué falla y da los registros "
    "que hay que publicar. Solo consulta el DNS: no cambia ni envía nada.",
)
SPF = ("show the SPF tree, or evaluate it for an address", "muestra el árbol SPF, o lo evalúa para una dirección")
SPF_LONG = (
    "Without --ip: the SPF record as a tree with its running count of DNS lookups. With --ip: the result that a receiver "
    "gets for mail from that address, with every step.",
    "Sin --ip: el registro SPF en forma de árbol, con la cuenta de consultas DNS. Con --ip: el resultado que obtiene un "
    "receptor para el correo de esa dirección, paso a paso.",
)
FIX = ("print the records to change", "muestra los registros que hay que cambiar")
FIX_LONG = (
    "Audits the domain and prints only the proposed records. Each was tried: the audit ran again with it in place.",
    "Audita el dominio y muestra solo los registros propuestos. Cada uno está probado: la auditoría se ha repetido con él.",
)
RULE_PAGES = (
    "address of the rules' pages, with {code} and {lang} in it; links lead there. none: no links",
    "dirección de las páginas de las reglas, con {code} y {lang}; a ella llevan los enlaces. none: sin enlaces",
)
EXPLAIN = ("explain a rule, or list all of them", "explica una regla, o las lista todas")
EXPLAIN_ALL = (
    "all rules, by family; with -v each in full (the same as no code)",
    "todas las reglas, por familias; con -v, cada una por completo (igual que sin código)",
)
EXPLAIN_ALL_OR_SOME = (
    "--all: not together with a code",
    "--all no puede ir junto con un código",
)
COMPLETION = ("print a completion script for your shell", "muestra el guion de autocompletado de su intérprete")

DOMAIN = ("a domain, such as empresa.example", "un dominio, como empresa.example")
DOMAINS = (
    "domains, such as empresa.example; none: those of the configuration",
    "dominios, como empresa.example; si no se indica ninguno, los de la configuración",
)
CODE = (
    "a rule code such as SPF004, its name, or a family such as SPF",
    "un código como SPF004, su nombre, o una familia como SPF",
)
SHELL = ("bash, zsh or fish", "bash, zsh o fish")

CONFIG = (
    "configuration file (default: the nearest one upwards)",
    "archivo de configuración (por omisión, el más cercano hacia arriba)",
)
NO_CONFIG = ("read no configuration file", "no lee ningún archivo de configuración")
ZONE = (
    "zone file, octoDNS file or list of records, or a folder of zones, that stands over DNS (may be repeated)",
    "archivo de zona o de octoDNS, lista de registros o carpeta con zonas que se antepone al DNS (puede repetirse)",
)
REPLAY = ("answer from a recording, ask nobody", "responde con una grabación, sin consultar a nadie")
RECORD = ("record every answer into this file", "graba todas las respuestas en este archivo")
OFFLINE = (
    "ask nobody; what no file answers could not be told",
    "no consulta a nadie; lo que ningún archivo responde queda sin saber",
)
NAMESERVER = (
    "name server: address, https://… or tls://… (may be repeated; default: the system's)",
    "servidor de nombres: dirección, https://… o tls://… (puede repetirse; por omisión, los del sistema)",
)
TIMEOUT = ("seconds for one question in all (default 5)", "segundos para cada consulta, en total (por omisión, 5)")
RETRIES = ("repetitions of a question (default 2)", "repeticiones de cada consulta (por omisión, 2)")
CROSSCHECK = (
    "ask pyspf and checkdmarc too, on the same answers, and say who is right",
    "pregunta también a pyspf y checkdmarc, con las mismas respuestas, y dice quién tiene razón",
)

REPUTATION = (
    "read this export of SNDS or Postmaster Tools, or the text of a bounce (may be repeated)",
    "lee esta exportación de SNDS o de Postmaster Tools, o el texto de un rebote (puede repetirse)",
)
BLOCKLISTS = (
    "ask the blocklists too; their operators see it",
    "consulta también las listas de bloqueo; quienes las operan lo ven",
)

IP = ("address that mail is sent from (may be repeated)", "dirección desde la que se envía (puede repetirse)")
HELO = ("HELO name of the sending server", "nombre HELO del servidor que envía")
ENVELOPE = ("MAIL FROM (Return-Path) domain, where it differs", "dominio de MAIL FROM (Return-Path), si es otro")
SELECTOR = ("DKIM selector in use (may be repeated)", "selector DKIM en uso (puede repetirse)")
PROVIDER = (
    "provider that sends for the domain, by id (may be repeated)",
    "proveedor que envía por el dominio, por su id (puede repetirse)",
)
SMTP_HOST = ("server that takes your mail for sending", "servidor al que se entrega el correo para enviarlo")
VOLUME = ("messages a day", "mensajes al día")
ASK_NAME_SERVERS = (
    "ask each name server of the zone too, to see whether they agree",
    "consulta también a cada servidor de nombres de la zona, para ver si coinciden",
)
PARKED = ("the domain never sends mail", "el dominio nunca envía correo")
SENDS = ("the domain does send mail", "el dominio sí envía correo")

AFTER_ONLY = (
    "with --zone: only the audit of the proposed state, without what it changes for each source of mail",
    "con --zone: solo la auditoría del estado propuesto, sin lo que cambia para cada origen del correo",
)

FORMAT = ("{formats} (default terminal)", "{formats} (por omisión, terminal)")
OUTPUT = ("write into this file instead of standard output", "escribe en este archivo en vez de la salida estándar")
LANG = (
    "language of the texts: es or en (default: the locale)",
    "idioma de los textos: es o en (por omisión, el del sistema)",
)
COLOR = ("auto, always or never", "auto, always (siempre) o never (nunca)")
WIDTH = ("columns of the text", "columnas del texto")
NO_PROGRESS = ("no progress line on standard error", "sin línea de progreso en la salida de error")
QUIET = ("only the verdict", "solo el veredicto")
VERBOSE = ("all evidence, codes, and what does not apply", "todas las pruebas, los códigos y lo que no procede")
ANSWERS_OPTION = ("in JSON: add what was asked and answered", "en JSON: añade lo consultado y lo respondido")

FAIL_ON = (
    "exit 1 from this severity on: error, warning, info or never (default error)",
    "termina con 1 desde esta gravedad: error, warning, info o never (por omisión, error)",
)
INCOMPLETE = (
    "fail: exit 3 when what decides could not be told (default); pass: let it be",
    "fail: termina con 3 si no se pudo saber lo que decide (por omisión); pass: lo da por bueno",
)
BASELINE = ("known findings in this file do not count", "los problemas conocidos de este archivo no cuentan")
WRITE_BASELINE = ("write today's findings as the baseline", "guarda los problemas de hoy como línea base")
SELECT = (
    "judge only these codes or families, separated by commas",
    "juzga solo estos códigos o familias, separados por comas",
)
SEVERITY = (
    "give a rule another severity, such as SPF004=warning (may be repeated)",
    "cambia la gravedad de una regla, p. ej. SPF004=warning (puede repetirse)",
)
IGNORE = ("set these codes or families aside", "descarta estos códigos o familias")

SENDER = ("MAIL FROM address (default postmaster@DOMAIN)", "dirección MAIL FROM (por omisión, postmaster@DOMINIO)")
SYNTAX = (
    "bind: zone file; table: name, type and value for a web panel; diff: what goes and what comes (default bind)",
    "bind: archivo de zona; table: nombre, tipo y valor para un panel web; diff: lo que se quita y lo que se pone (por omisión, bind)",
)

#: What stands for a value in the help; what is not here is the same in both languages.
PLACES_ES = {
    "ADDRESS": "DIRECCIÓN",
    "CODE": "CÓDIGO",
    "CODES": "CÓDIGOS",
    "DOMAIN": "DOMINIO",
    "FILE": "ARCHIVO",
    "FOLDER": "CARPETA",
    "FORMAT": "FORMATO",
    "HOST": "SERVIDOR",
    "KIND": "CLASE",
    "LEVEL": "GRAVEDAD",
    "MONTH": "MES",
    "NAME": "NOMBRE",
    "NEW": "DESPUÉS",
    "NUMBER": "NÚMERO",
    "OLD": "ANTES",
    "PORT": "PUERTO",
    "SECONDS": "SEGUNDOS",
    "SERVER": "SERVIDOR",
    "TARGET": "IP|DOMINIO",
    "TEXT": "TEXTO",
    "WHEN": "CUÁNDO",
}
SAME_PLACES = ("CSV", "ID", "IP", "N", "URL")

#: argparse's own messages, by pattern, for Spanish.
ARGPARSE_ES = (
    (r"unrecognized arguments: (.*)", r"argumentos desconocidos: \1"),
    (r"argument (.*): expected one argument", r"\1: falta el valor"),
    (r"argument (.*): expected at least one argument", r"\1: falta algún valor"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1: \2 no es válido; elija entre \3"),
    (r"argument (.*): invalid int value: (.*)", r"\1: \2 no es un número entero"),
    (r"argument (.*): invalid float value: (.*)", r"\1: \2 no es un número"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 no puede usarse junto con \2"),
    (r"the following arguments are required: (.*)", r"faltan argumentos: \1"),
    (r"ambiguous option: (.*) could match (.*)", r"opción ambigua: \1 puede ser \2"),
    (r"argument (.*): ignored explicit argument (.*)", r"\1 no admite valor: \2"),
    (r"argument (.*): (.*)", r"\1: \2"),
)
