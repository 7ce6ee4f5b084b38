"""Rules about what the receiver itself said: HDR030 (authentication) and HDR031 (spam filters)."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.headers.authentication_results import MethodResult
from deliverability.headers.claims import Claims, Judged
from deliverability.headers.evidence import field_evidence
from deliverability.headers.verdicts import MICROSOFT, Symbol, Verdict, Verdicts

MICROSOFT_HEADERS = "Microsoft, Anti-spam message headers in cloud organizations (learn.microsoft.com), 2026-05"
SPAMASSASSIN = "SpamAssassin trunk scores, 2026-08"
RSPAMD = "rspamd default scores, 2026-08"

#: The methods that decide whether a mail is believed, and the words of RFC 8601 §2.7 that are no failure of the sender.
_METHODS = ("spf", "dkim", "dmarc", "compauth")
_GOOD = frozenset({"pass", "softpass"})
_WEAK = frozenset({"neutral", "policy", "none", "bestguesspass", "unknown"})
_NOT_TOLD = frozenset({"temperror", "skipped"})

RECEIVER_SAYS = Rule(
    "HDR030",
    "receiver-saw-failure",
    Severity.ERROR,
    Basis.STANDARD,
    Area.AUTH,
    Actor.SENDER,
    label=Text("Authentication as the receiver saw it", "Autenticación según el receptor"),
    title=Text(
        "The receiver {receiver} says {method}={result}{detail}",
        "El receptor {receiver} indica {method}={result}{detail}",
    ),
    why=Text(
        "This is what the mailbox provider itself found when the message arrived, and what it decided on: a mail that fails is put into spam or refused.",
        "Es lo que el propio proveedor del buzón comprobó al llegar el mensaje y en lo que basó su decisión: un correo que falla va a spam o se rechaza.",
    ),
    fix=Text(
        "{advice} Then send a new sample to the same mailbox.",
        "{advice} Después, envíe otra muestra al mismo buzón.",
    ),
    references=("RFC 8601 §2.7", "RFC 8601 §5", MICROSOFT_HEADERS),
)

_ADVICE = {
    "spf": Text(
        "Whoever manages your DNS: add the server that sent this message to the SPF record of the return address's domain; the SPF findings of this report say how.",
        "Quien gestione su DNS: añada al SPF del dominio de la dirección de retorno el servidor que envió este mensaje; lo que este informe dice del SPF indica cómo.",
    ),
    "dkim": Text(
        "Whoever runs the mail platform: turn on DKIM signing with your own domain and publish its key; if the mail is signed already, the DKIM findings of this report say what broke the signature.",
        "Quien administre la plataforma de correo: active la firma DKIM con su dominio y publique la clave; si ya se firma, lo que este informe dice de DKIM muestra qué estropeó la firma.",
    ),
    "dmarc": Text(
        "Make SPF or DKIM pass with the domain that stands in From; the DMARC findings of this report show which of the two is nearer.",
        "Consiga que SPF o DKIM pasen con el dominio que figura en From; lo que este informe dice de DMARC muestra cuál de los dos está más cerca.",
    ),
    "compauth": Text(
        "Microsoft joins SPF, DKIM, DMARC and what it knows of the sender in this value. Sign with DKIM under the domain in From and publish a DMARC record.",
        "Microsoft reúne en este valor SPF, DKIM, DMARC y lo que sabe del remitente. Firme con DKIM con el dominio de From y publique un registro DMARC.",
    ),
}

_NOTHING_BELIEVED = Text(
    "The sample carries no Authentication-Results field that its receiver surely wrote.",
    "La muestra no lleva ningún campo Authentication-Results que con seguridad sea de su receptor.",
)
_SOMEBODY_ELSE = Text(
    "The Authentication-Results fields in the sample may have come with it and are not believed. Name the receiver's authserv-id if one of them is its own.",
    "Los campos Authentication-Results de la muestra pueden haber venido con ella y no se tienen en cuenta. Indique el authserv-id del receptor si alguno es suyo.",
)


@RECEIVER_SAYS.check
def receiver_says(claims: Claims) -> Iterator[Outcome]:
    """One outcome for each method of the uppermost believed field that has it."""
    if not claims.trusted:
        yield NotApplicable(_SOMEBODY_ELSE if claims.untrusted else _NOTHING_BELIEVED)
        return
    told = False
    for method in _METHODS:
        results = _that_count(method, claims.results(method))
        if results:
            told = True
            yield _outcome(method, results)
    if not told:
        yield NotApplicable(
            Text(
                "The receiver told no result of these methods.",
                "El receptor no indicó ningún resultado de estos métodos.",
            )
        )


def _that_count(method: str, results: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """SPF of the HELO name says nothing where MAIL FROM was checked too: DMARC looks at that one (RFC 9989 §4.4)."""
    if method != "spf":
        return results
    of_mail_from = tuple(judged for judged in results if judged.result.get("smtp.mailfrom") is not None)
    return of_mail_from or results


def _outcome(method: str, results: tuple[Judged, ...]) -> Outcome:
    """The best result of a method counts: a message may carry several signatures, and one that holds is enough."""
    best = min(results, key=lambda judged: _rank(judged.result.result))
    result, claim = best.result, best.claim
    receiver = claim.said.authserv_id or "Microsoft 365"
    subject = f"{method} ({receiver})"
    if result.result in _GOOD:
        return Passed(subject)
    if result.result in _NOT_TOLD:
        return Unknown(
            Text(
                "The receiver could not check it at that moment, or did not.",
                "El receptor no pudo comprobarlo en ese momento, o no lo hizo.",
            ),
            subject,
            (field_evidence(claim.field, result.span),),
        )
    return RECEIVER_SAYS.found(
        subject,
        severity=Severity.WARNING if result.result in _WEAK else Severity.ERROR,
        evidence=field_evidence(claim.field, result.span),
        receiver=receiver,
        method=method,
        result=result.result[:30],
        detail=_detail(result),
        advice=_ADVICE[method],
    )


def _rank(word: str) -> int:
    for rank, words in enumerate((_GOOD, _NOT_TOLD, _WEAK)):
        if word in words:
            return rank
    return 3


def _detail(result: MethodResult) -> str:
    """The receiver's own words beside the result; "" without any."""
    said = result.comments[0] if result.comments else ""
    reason = result.reason or ""
    words = said or (f"reason={reason}" if reason else "")
    return f" ({words[:120]})" if words else ""


# --- HDR031 ---------------------------------------------------------------------------------------------------------

FILTER_SAYS = Rule(
    "HDR031",
    "receiver-filter-verdict",
    Severity.WARNING,
    Basis.PROVIDER,
    Area.MESSAGE,
    Actor.SENDER,
    label=Text("Verdict of the receiver's filter", "Veredicto del filtro del receptor"),
    title=Text("{filter} at the receiver: {verdict}", "{filter} en el receptor: {verdict}"),
    why=Text(
        "This is what the filter that delivered the sample thought of it: {symbols}.",
        "Esto es lo que opinó de la muestra el filtro que la entregó: {symbols}.",
    ),
    fix=Text(
        "See first what this report finds under {codes}: these checks are about what the filter named. Then send a new sample to the same mailbox and compare.",
        "Mire primero lo que este informe encuentra en {codes}: esas comprobaciones tratan de lo que nombró el filtro. Después, envíe otra muestra al mismo buzón y compare.",
    ),
    references=(MICROSOFT_HEADERS, SPAMASSASSIN, RSPAMD),
    identity=("filter",),
)

_NAMES = {
    "spamassassin": "SpamAssassin",
    "rspamd": "rspamd",
    "microsoft": "Microsoft",
    "proofpoint": "Proofpoint",
    "barracuda": "Barracuda",
    "gmail": "Gmail",
    "ovh": "OVH",
}
#: What the words of X-Forefront-Antispam-Report mean (Microsoft, 2026-05).
_MEANINGS = {
    "SFV:SPM": Text("marked as spam", "marcado como spam"),
    "SFV:SKS": Text(
        "marked as spam by a rule of the organization", "marcado como spam por una regla de la organización"
    ),
    "SFV:SKB": Text(
        "the sender is on a block list of the organization", "el remitente está bloqueado por la organización"
    ),
    "SFV:BLK": Text("the recipient has blocked the sender", "el destinatario ha bloqueado al remitente"),
    "CAT:SPOOF": Text("taken for a forgery of the sender", "tomado por suplantación del remitente"),
    "CAT:BULK": Text("bulk mail", "correo masivo"),
    "CAT:PHSH": Text("phishing", "phishing"),
    "CAT:HPHSH": Text("phishing, with high confidence", "phishing, con seguridad alta"),
    "CAT:HPHISH": Text("phishing, with high confidence", "phishing, con seguridad alta"),
    "CAT:HSPM": Text("spam, with high confidence", "spam, con seguridad alta"),
    "CAT:DIMP": Text("imitates a domain", "imita un dominio"),
    "CAT:UIMP": Text("imitates a person", "imita a una persona"),
    "CAT:GIMP": Text("imitates somebody the recipient knows", "imita a alguien que conoce el destinatario"),
    "CAT:MALW": Text("malware", "programa malicioso"),
}
_NO_VERDICT = Text(
    "No filter of the receiver left a verdict in the sample.",
    "Ningún filtro del receptor ha dejado un veredicto en la muestra.",
)
_NOT_BELIEVED = Text(
    "The filter fields in the sample may have come with it; they are shown, not judged.",
    "Los campos de filtro de la muestra pueden haber venido con ella; se muestran, pero no se valoran.",
)


@FILTER_SAYS.check
def filter_says(verdicts: Verdicts) -> Iterator[Outcome]:
    """One outcome for each filter: a finding where it says spam, for information where it comes near."""
    if not verdicts.trusted:
        yield NotApplicable(_NOT_BELIEVED if verdicts.verdicts else _NO_VERDICT)
        return
    by_system: dict[str, list[Verdict]] = {}
    for verdict in verdicts.trusted:
        by_system.setdefault(verdict.system, []).append(verdict)
    for system, own in by_system.items():
        yield _judge(system, own)


def _judge(system: str, verdicts: list[Verdict]) -> Outcome:
    """A filter leaves several fields; the one that says most is shown."""
    name = _NAMES[system]
    spam = any(verdict.spam for verdict in verdicts)
    near = any(_is_near(verdict) for verdict in verdicts)
    worst = max(verdicts, key=lambda v: (v.spam is True, len(v.symbols), v.score is not None))
    if not spam and not near:
        return Passed(name, _verdict_words(worst))
    symbols = sorted(worst.symbols, key=lambda symbol: -(symbol.score or 0.0))
    codes = tuple(dict.fromkeys(symbol.meaning_code for symbol in symbols if symbol.meaning_code and _counts(symbol)))
    return FILTER_SAYS.found(
        name,
        severity=Severity.WARNING if spam else Severity.INFO,
        evidence=[field_evidence(verdict.field) for verdict in verdicts[:5]],
        filter=name,
        verdict=_verdict_words(worst),
        symbols=_listed(worst, symbols),
        codes=codes or Text("authentication, headers and content", "autenticación, cabeceras y contenido"),
    )


def _counts(symbol: Symbol) -> bool:
    return symbol.score is None or symbol.score > 0


def _is_near(verdict: Verdict) -> bool:
    """More than half of what the filter calls spam. Microsoft's levels are no points and have no half."""
    score, limit = verdict.score, verdict.threshold
    return verdict.system != MICROSOFT and score is not None and limit is not None and limit > 0 and score > limit / 2


def _verdict_words(verdict: Verdict) -> Text:
    """The filter's verdict and its points, such as "spam, 7.2 of 5 points"."""
    known = {True: Text("spam", "spam"), False: Text("not spam", "no es spam")}
    said = verdict.verdict[:60] or verdict.field.text[:60]
    word = known[verdict.spam] if verdict.spam is not None else Text(said, said)
    if verdict.score is None:
        return word
    score = f"{verdict.score:g}"
    if verdict.system == MICROSOFT:
        level = "BCL" if verdict.verdict == "BCL" else "SCL"
        return Text(f"{word.en} ({level} {score})", f"{word.es} ({level} {score})")
    limit = f"{verdict.threshold:g}" if verdict.threshold is not None else ""
    en = f"{score} of {limit} points" if limit else f"{score} points"
    es = (f"{score} de {limit} puntos" if limit else f"{score} puntos").replace(".", ",")
    return Text(f"{word.en}, {en}", f"{word.es}, {es}") if verdict.spam is not None else Text(en, es)


def _listed(verdict: Verdict, symbols: list[Symbol]) -> str | Text:
    known = [_MEANINGS[symbol.name] for symbol in symbols if symbol.name in _MEANINGS]
    if known:
        return Text(", ".join(text.en for text in known), ", ".join(text.es for text in known))
    shown = [s.name + (f" {s.score:g}" if s.score is not None else "") for s in symbols if _counts(s)][:12]
    return ", ".join(shown) or verdict.field.text[:120]


RULES: tuple[Rule, ...] = (RECEIVER_SAYS, FILTER_SAYS)
