"""What is said of a proposed change and of each source of mail, in both languages."""

from __future__ import annotations

from deliverability.audits.senders import KeyState
from deliverability.core.text import Text
from deliverability.providers.registry import ProviderKind

TITLE = Text("{subject}: today, and with this zone", "{subject}: hoy y con esta zona")
STOPS_ONE = Text(
    "This change would stop 1 source of mail that is believed today.",
    "Este cambio dejaría fuera 1 origen de correo del que hoy se fían.",
)
STOPS_MANY = Text(
    "This change would stop {n} sources of mail that are believed today.",
    "Este cambio dejaría fuera {n} orígenes de correo de los que hoy se fían.",
)
WORSE = Text(
    "Nothing that passes today would stop, but something gets worse.",
    "Nada de lo que hoy pasa dejaría de pasar, pero algo empeora.",
)
UNTOLD = Text(
    "Nothing is known to stop, but not everything could be told.",
    "Que se sepa, nada dejaría de pasar; pero no se ha podido saber todo.",
)
FINE = Text("Everything that passes today would still pass.", "Todo lo que hoy pasa seguiría pasando.")
NOTHING = Text("This zone changes nothing for mail.", "Esta zona no cambia nada para el correo.")
LOOKUPS = Text("SPF lookups: {before} → {after} of {limit}.", "Consultas SPF: {before} → {after} de {limit}.")
LOOKUPS_SAME = Text("SPF lookups: {after} of {limit}, as today.", "Consultas SPF: {after} de {limit}, como hoy.")
POLICY = Text("DMARC policy: {before} → {after}.", "Política DMARC: {before} → {after}.")
POLICY_SAME = Text("DMARC policy: {after}, as today.", "Política DMARC: {after}, como hoy.")
SCORE = Text("Score: {before} → {after}.", "Nota: {before} → {after}.")
NO_POLICY = Text("none published", "sin publicar")
NO_ANSWER = Text("could not be told", "sin respuesta")
EACH = Text("Each source of mail, today → with this zone", "Cada origen del correo, hoy → con esta zona")
WHAT = Text("What this change does", "Qué hace este cambio")
SOURCE, KEY, REPLIES = Text("Source", "Origen"), Text("DKIM", "DKIM"), Text("Replies (MX)", "Respuestas (MX)")
HEAD = (SOURCE, Text("SPF", "SPF"), KEY, Text("DMARC", "DMARC"))

KINDS = {
    ProviderKind.MAILBOX: Text("Mailboxes ({name})", "Buzones ({name})"),
    ProviderKind.HOSTING: Text("Hosting ({name})", "Alojamiento ({name})"),
    ProviderKind.ESP: Text("Mail from software ({name})", "Correo de programas ({name})"),
    ProviderKind.MARKETING: Text("Newsletter ({name})", "Boletines ({name})"),
    ProviderKind.HELPDESK: Text("Support desk ({name})", "Atención al cliente ({name})"),
    ProviderKind.CRM: Text("Customer management ({name})", "Gestión de clientes ({name})"),
    ProviderKind.SAAS: Text("Online service ({name})", "Servicio en línea ({name})"),
    ProviderKind.GATEWAY: Text("Mail gateway ({name})", "Pasarela de correo ({name})"),
    ProviderKind.FORWARDING: Text("Forwarding ({name})", "Reenvío ({name})"),
}
SERVER = Text("Your server {ip}", "Su servidor {ip}")
TERM = Text("{term}", "{term}")
DKIM = Text("DKIM key {selector}", "Clave DKIM {selector}")
DKIM_OF = Text("DKIM key {selector} ({name})", "Clave DKIM {selector} ({name})")
BY = Text("judged by {ip}", "juzgado por {ip}")
IN_TERM = Text("{term}, judged by {ip}", "{term}, juzgado por {ip}")
PLAIN_NOTE = Text("{term}", "{term}")
NO_INCLUDE = Text("in no include", "en ningún include")

CELL = Text("{word}", "{word}")
BOTH = Text("{before} → {after}", "{before} → {after}")
DASH = Text("–", "–")
KEYS = {
    KeyState.USABLE: Text("usable", "utilizable"),
    KeyState.UNUSABLE: Text("broken", "dañada"),
    KeyState.REVOKED: Text("revoked", "revocada"),
    KeyState.MISSING: Text("missing", "no existe"),
    KeyState.UNTOLD: Text("no answer", "sin respuesta"),
}
FAIL_WITH = Text("fail ({policy})", "fail ({policy})")
NO_MX = Text("none", "ninguno")

STOPS_REMOVED = Text(
    "{who}: would stop passing SPF ({result}): `{term}` was removed.",
    "{who}: el correo dejaría de pasar SPF ({result}): se ha quitado `{term}`.",
)
STOPS_LOOKUPS = Text(
    "{who}: would stop passing SPF ({result}): the record would need {n} DNS lookups, and receivers stop at {limit}.",
    "{who}: el correo dejaría de pasar SPF ({result}): el registro necesitaría {n} consultas DNS y los receptores paran en {limit}.",
)
STOPS_WHY = Text(
    "{who}: would stop passing SPF ({result}): {why}.", "{who}: el correo dejaría de pasar SPF ({result}): {why}."
)
STOPS = Text(
    "{who}: would stop passing SPF ({result}): no term of the new record names it.",
    "{who}: el correo dejaría de pasar SPF ({result}): ningún término del registro nuevo lo incluye.",
)
REFUSED = {
    "quarantine": Text(
        "{who}: would go to quarantine. It does not pass DMARC, and today the domain does not ask for anything to be done.",
        "{who}: el correo acabaría en cuarentena. No pasa DMARC, y hoy el dominio no pide que se haga nada.",
    ),
    "reject": Text(
        "{who}: would be rejected. It does not pass DMARC, and today the domain does not ask for that.",
        "{who}: el correo sería rechazado. No pasa DMARC, y hoy el dominio no lo pide.",
    ),
}
UNALIGNED = Text(
    "Its bounce address is at {domain}, which does not count as the domain in From.",
    "Su dirección de rebote es de {domain}, que no cuenta como el dominio del From.",
)
SPF_WORSE = Text(
    "{who}: SPF would say {after} instead of {before}, and more receivers would refuse the mail.",
    "{who}: SPF diría {after} en lugar de {before}, y más receptores rechazarían el correo.",
)
DKIM_WORSE = Text(
    "{who}: would have no usable DKIM key any more. DMARC would rest on SPF alone, which forwarding breaks.",
    "{who}: se quedaría sin ninguna clave DKIM utilizable. DMARC dependería solo del SPF, que se pierde en los reenvíos.",
)
POLICY_WORSE = Text(
    "{who}: fails DMARC today too, and would meet {after} instead of {before}.",
    "{who}: el correo tampoco pasa DMARC hoy, y se le aplicaría {after} en lugar de {before}.",
)
NOT_NEEDED = Text(
    "{name} takes bounces at a domain of its own, so its mail is believed by its DKIM key rather than by this record.",
    "{name} recibe los rebotes en un dominio suyo: de su correo se fían por su clave DKIM más que por este registro.",
)
STILL_DKIM = Text(
    "DMARC would still pass if it signs with {selectors}.", "DMARC seguiría pasando si firma con {selectors}."
)
THEN = {
    "none": Text(
        "Unless it signs with a DKIM key of the domain, DMARC would fail too; the policy none lets the mail through.",
        "Si no firma con una clave DKIM del dominio, DMARC también fallaría; la política none deja pasar el correo.",
    ),
    "quarantine": Text(
        "Unless it signs with a DKIM key of the domain, DMARC would fail too, and the mail would go to quarantine.",
        "Si no firma con una clave DKIM del dominio, DMARC también fallaría y el correo acabaría en cuarentena.",
    ),
    "reject": Text(
        "Unless it signs with a DKIM key of the domain, DMARC would fail too, and the mail would be rejected.",
        "Si no firma con una clave DKIM del dominio, DMARC también fallaría y el correo sería rechazado.",
    ),
}
KEY_STOPS = Text(
    "{who}: signatures made with it would no longer verify, for the key would be {state}.",
    "{who}: las firmas hechas con ella dejarían de verificarse, porque la clave estaría así: {state}.",
)
KEY_MISSING = Text(
    "{who}: signatures made with it would no longer verify, for the record was removed.",
    "{who}: las firmas hechas con ella dejarían de verificarse, porque se ha quitado el registro.",
)
OTHERS = Text("Other keys remain.", "Quedan otras claves.")
KEY_BETTER = Text("{who}: signatures made with it would verify.", "{who}: las firmas hechas con ella se verificarían.")
BETTER_SPF = Text("{who}: would pass SPF.", "{who}: el correo pasaría SPF.")
BETTER = Text("{who}: would fare better with receivers.", "{who}: los receptores tratarían mejor el correo.")
MX_GONE = Text(
    "Replies would have nowhere to go: the domain would have no MX.",
    "Las respuestas no tendrían adónde llegar: el dominio se quedaría sin MX.",
)
MX_MOVED = Text(
    "Replies would go to {after} instead of {before}.", "Las respuestas irían a {after} en lugar de a {before}."
)
MX_NEW = Text("Replies would go to {after}.", "Las respuestas irían a {after}.")
SENDER_UNTOLD = Text(
    "{who}: DNS gave no answer to what decides, so nothing is said about it.",
    "{who}: el DNS no respondió a lo que decide, así que no se afirma nada.",
)
SENDER_BY_MESSAGE = Text(
    "{who}: whom it lets send is decided for each message, so nothing is said about it.",
    "{who}: a quién deja enviar se decide con cada mensaje, así que no se afirma nada.",
)
WHO_DNS = Text("Who: {actor}.", "Quién: {actor}.")
KEEP_TERM = Text(
    "Keep the term unless this source no longer sends for the domain.",
    "Conserve el término, salvo que ese origen ya no envíe por el dominio.",
)
KEEP_KEY = Text(
    "Leave the old record until mail signed with it has arrived, about a week after the last was sent.",
    "Deje el registro antiguo hasta que llegue el correo firmado con ella: alrededor de una semana tras el último envío.",
)
KEEP_KEYS = Text(
    "Keep the key that it signs with, or publish the next one first.",
    "Conserve la clave con la que firma o publique antes la siguiente.",
)
FIX_LOOKUPS = Text(
    "Take out includes that nobody needs, or give bulk mail a subdomain of its own, before publishing.",
    "Antes de publicar, quite includes que nadie necesite o dé a los envíos masivos un subdominio propio.",
)
SIGN_FIRST = Text(
    "Have it sign with a DKIM key of the domain, or add it to SPF, before the policy is raised.",
    "Antes de endurecer la política, haga que firme con una clave DKIM del dominio o añádalo al SPF.",
)
STOPPED = Text("Mail that would stop", "Correo que dejaría de pasar")
PROPOSED = Text("The report on the state with this zone", "El informe del estado con esta zona")
