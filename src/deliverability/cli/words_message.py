"""What `--help` says about the commands for messages: pairs (English, Spanish)."""

from __future__ import annotations

MESSAGE = ("audit a mail, as an .eml file", "audita un correo, en un archivo .eml")
MESSAGE_LONG = (
    "Says whether Gmail, Yahoo, Outlook.com and an ordinary filter would believe this mail and, if not, which line of it, which "
    "record or which setting is to blame. Give a mail as it arrived in a mailbox of yours (show original, save as .eml): only then "
    "its signatures and its way can be judged.",
    "Dice si Gmail, Yahoo, Outlook.com y un filtro corriente se fiarían de este correo y, si no, qué línea, qué registro o qué "
    "ajuste tiene la culpa. Use un correo tal como llegó a un buzón suyo (mostrar original, guardar como .eml): solo así se pueden "
    "juzgar sus firmas y su recorrido.",
)
LISTEN = ("audit what your own software sends", "audita lo que envía su propio programa")
LISTEN_LONG = (
    "An SMTP server on this machine that takes every mail, delivers none, and audits each. Point your billing software at it: "
    "any user and password will do. With --once it ends after the first mail, with the exit code of the gate.",
    "Un servidor SMTP en este equipo que acepta todo correo, no entrega ninguno y audita cada uno. Configúrelo como servidor de "
    "salida de su programa de facturación: vale cualquier usuario y contraseña. Con --once termina tras el primer correo, con el "
    "código de salida que corresponda.",
)
FILES = ("files with one mail each; - is standard input", "archivos con un correo cada uno; - es la entrada estándar")
GROUP_SESSION = ("how it came (default: what its header tells)", "cómo llegó (por omisión, lo que diga su cabecera)")
CLIENT_IP = ("address of the server that delivered it", "dirección del servidor que lo entregó")
MAIL_FROM = ("MAIL FROM (Return-Path); <> for none", "MAIL FROM (Return-Path); <> si está vacío")
HELO = ("what that server said in HELO", "lo que dijo ese servidor en HELO")
BOUNDARY = (
    "host of the receiver whose Received line is believed (may be repeated)",
    "servidor del receptor cuya línea Received se da por buena (puede repetirse)",
)
AUTHSERV = (
    "authserv-id whose Authentication-Results are believed (may be repeated)",
    "authserv-id cuyos Authentication-Results se dan por buenos (puede repetirse)",
)
CLASS = (
    "transactional (an invoice, a reminder) or marketing (default: by what it holds)",
    "transactional (factura, recordatorio) o marketing (por omisión, según su contenido)",
)
VOLUME = ("messages that you send in a day", "mensajes que usted envía al día")
MESSAGE_ONLY = ("do not audit the domain in From as well", "no audita además el dominio del From")
GROUP_FILTERS = ("spam filters that you run", "filtros antispam que usted tenga")
SPAMASSASSIN = ("ask this spamd too", "pregunta también a este spamd")
RSPAMD = (
    "ask this rspamd too, such as http://127.0.0.1:11333",
    "pregunta también a este rspamd, p. ej. http://127.0.0.1:11333",
)
GROUP_WEB = (
    "asking the web (nothing is asked without these)",
    "consultas a la web (sin estas opciones no se hace ninguna)",
)
CHECK_LINKS = (
    "open the links of the mail, but for those that might act (unsubscribe, confirm, pay)",
    "abre los enlaces del correo, salvo los que podrían tener efecto (baja, confirmación, pago)",
)
WEB_OFFLINE = (
    "--check-links and --unsubscribe-test ask the web; leave out --offline and --replay",
    "--check-links y --unsubscribe-test consultan la web; quite --offline y --replay",
)
NOT_HTTPS = (
    "--unsubscribe-test: give an https:// address (RFC 8058 §3.1)",
    "--unsubscribe-test: indique una dirección https:// (RFC 8058 §3.1)",
)
UNSUBSCRIBE_TEST = (
    "send one unsubscribe request (POST, RFC 8058) to this address: one with a test token of your own",
    "envía una petición de baja (POST, RFC 8058) a esta dirección: una suya, con un identificador de prueba",
)
CROSSCHECK = (
    "ask dkimpy, pyspf and checkdmarc too, on the same answers",
    "pregunta también a dkimpy, pyspf y checkdmarc, con las mismas respuestas",
)
HOST = ("address to listen on (default 127.0.0.1)", "dirección en la que escucha (por omisión, 127.0.0.1)")
PORT = ("port (default 2525; 0: a free one)", "puerto (por omisión, 2525; 0: uno libre)")
ONCE = ("end after the first mail", "termina tras el primer correo")
COUNT = ("end after this many mails", "termina tras este número de correos")
WAIT = ("end when no mail has come for this many seconds", "termina si no llega ningún correo en estos segundos")
TLS_CERTIFICATE = ("offer STARTTLS with this certificate (PEM)", "ofrece STARTTLS con este certificado (PEM)")
TLS_KEY = ("its key, where it is another file", "su clave, si está en otro archivo")
KEEP = ("also save each mail as an .eml file in this folder", "guarda además cada correo como .eml en esta carpeta")
LISTENING = (
    "listening on {host}, port {port}; mail is audited and not delivered (Ctrl-C ends it)",
    "escuchando en {host}, puerto {port}; el correo se audita y no se entrega (Ctrl-C para terminar)",
)
NO_MAIL = ("no mail came", "no llegó ningún correo")

BLOCKLIST = ("look an address or a domain up on blocklists", "busca una dirección o un dominio en listas de bloqueo")
BLOCKLIST_LONG = (
    "Asks every list that fits: listed, clear, refused, not to be believed, or no answer. Each list is tested before it is "
    "believed. The operators of the lists see what you ask; many refuse public resolvers.",
    "Consulta cada lista que corresponda: incluido, no incluido, consulta rechazada, no es de fiar o sin respuesta. Cada lista "
    "se prueba antes de creerla. Quienes las operan ven lo que usted consulta; muchas rechazan a los servidores DNS públicos.",
)
TARGETS = ("IP addresses and domains", "direcciones IP y dominios")
LIST = ("ask only this list, by id (may be repeated)", "consulta solo esta lista, por su id (puede repetirse)")
KNOWN = (
    "show the known lists (* asked by default, k needs a key) and exit",
    "muestra las listas conocidas (* por omisión, k necesita clave) y termina",
)
NO_TARGET = ("give an IP address or a domain", "indique una dirección IP o un dominio")
