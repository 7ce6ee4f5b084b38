"""What a letter says about itself: that something is attached, and that the bank account has changed.

Both are read sentence by sentence from what the sender wrote himself: not from quoted mail, and not from the legal
notice, which speaks of "this message and its attachments" under every mail of many companies.
"""

from __future__ import annotations

import re

from deliverability.content.letter.passages import Sentence
from deliverability.core.patterns import pattern

#: Sentences of one text that are looked at, and characters of one.
_MAX_SENTENCES = 2_000
_SENTENCE = 600

#: What a quick look for must find before anything else is tried.
_ATTACHED_HINTS = ("adjunt", "attach", "anex", "enclosed", "ci-joint", "piece jointe")

_THING = (
    r"(?:factura|fra|recibo|boleta|documento|fichero|archivo|pdf|justificante|copia|presupuesto|albaran|comprobante|detalle|extracto"
    r"|informe|contrato|xml|nota|certificado|listado|duplicado|cuenta de cobro|formulario|foto|imagen|oferta|pedido|tarifa|catalogo|curriculum|cv)"
)
_ENGLISH_THING = (
    r"(?:invoice|file|document|pdf|copy|statement|receipt|bill|form|report|letter|spreadsheet|quote|contract|photo|picture|image|agreement"
    r"|proposal|credit note|reminder|resume|cv|patch|purchase order|order|details|schedule|presentation)"
)
#: Sentences that say that something lies in this mail.
_ATTACHED = pattern(
    r"\b(?:le|les|te|os|se|lo|la|los|las|nos|me)? ?adjunt(?:o|amos|an|a|e)s?\b(?= (?:la|el|los|las|su|sus|tu|tus|una?|dich[oa]s?|est[ae]|a (?:este|la presente|continuacion)|al (?:presente|correo|email|e-mail|mensaje)|en (?:este|pdf|el presente|formato)|" + _THING + r"|le|les|te|os|me|nos|encontrara|encontrareis|encontraras|remit|envi|copia|pdf|archivo))"
    r"|\b" + _THING + r"(?:s|es)? (?:electronic[oa]s? |n[º.o]* ?\S{1,30} |correspondientes? )?(?:va |van |esta |estan |que )?(?:se )?adjunt[oa]s?\b"
    r"|\b(?:se adjunta|va adjunt[oa]|van adjunt[oa]s|en (?:el|los|documento|documentos|archivo|archivos|fichero|ficheros)? ?(?:archivo |fichero |documento )?adjuntos?|como (?:archivo |fichero |documento )?adjunto|(?:en|como) (?:los )?(?:archivos |ficheros )?adjuntos|encontrara adjunt[oa]s?|(?:enviamos|envio|remito|remitimos|mando|mandamos|encontrara|hacemos llegar) adjunt[oa]s?|ver (?:archivo )?adjunto|(?:archivo|fichero|documento) adjunto)\b"
    r"|\b(?:anexamos|le anexo|les anexo|te anexo|se anexa|anexo (?:la|el|le|les|encontrara|a este|a la presente|al presente|factura|copia)|en (?:el )?anexo|va anexa|envio anexa|adjuntem|us adjunto|segue (?:em )?anex[oa]|em anexo)\b"
    r"|\b(?:please )?(?:find|see|found|view|review) (?:(?:the|your|our|an?|my) )?(?:attached|enclosed|attachment)\b"
    r"|\b(?:i|we)(?: have|'ve)? (?:also )?attach(?:ed\b(?! (?:great|importance|much|any|no|some))|(?= (?:the|an?|our|my|your|herewith|here|for)\b))"
    r"|\b(?:is|are|it's|i'm|we're) (?:now |also |hereby )?(?:attached|enclosed)(?= ?(?:$|[.,!;:)]|as |for |to (?:this|the) (?:e-?mail|message|mail)|here|below|in |please|with ))"
    r"|\battached(?: you(?:'ll| will)? find| please find| is | are | herewith| hereto| to this (?:e-?mail|message|mail))"
    r"|\b(?:the|your|our|see|find|an?|this|following|hereby) attached (?:\w+ )?" + _ENGLISH_THING + r"s?\b"
    r"|^attached,? (?:is|are|please|the|you|find|" + _ENGLISH_THING + r")\b"
    r"|\b(?:(?:is|are|included|sent|here|it) as an|in (?:the|an)|see|open the|the following|" + _ENGLISH_THING + r"s?) attach(?:ment|ed)s?\b"
    r"|\b(?:veuillez trouver|vous trouverez|trouvez) (?:ci-joint|en piece jointe)|\bci-joint\b"
)  # fmt: skip
#: Around such words, these take it back: a link, a condition, a request to the reader, an earlier mail, a warning.
_TAKEN_BACK = pattern(
    r"\b(?:no|ni|sin|nunca|jamas|ningun|ninguna|not|never|no longer|without|n't|isn't|aren't|didn't)\b[^.,;]{0,45}\b(?:adjunt|attach|anex|enclosed|pieza)"
    r"|(?:adjunt|attach|anex)\w* (?:no|not|sin)\b"
    r"|\b(?:adjunt\w*|attach\w*|anex\w*|enclos\w*)(?: \w+){0,4} (?:link|enlace|url|direccion web|liga)\b|\b(?:link|enlace|url)s?(?: \w+){0,2} (?:adjunt|attach)"
    r"|\b(?:si|if|cuando|when|whether|unless|en caso de|in case|should|must|please|por favor|debe|debera|puede|podra|can|could|may|might|para|to be|favor de|rogamos|agradeceremos|necesitamos)\b[^.;]{0,40}\b(?:adjunt(?:e|ar|en|arnos|ando)|attach(?!ed)|anex(?:e|ar))"
    r"|\b(?:correo|e-?mail|mail|mensaje|message|comunicacion|envio|letter|carta)(?:s)? (?:anterior|previo|precedente|pasado|enviado el|del (?:dia|pasado|\d))|\b(?:previous|earlier|prior|last|original|preceding) (?:e-?mail|message|mail|letter)|\bya (?:le|les|te|se) (?:adjunt|envi|remit)|\b(?:adjunt|attach)\w* en su dia"
    r"|\b(?:si|if|cuando|when|whether|unless|once|una vez)\b[^.;,]{0,30}\b(?:adjunt|attach|anex)"
    r"|\battach(?:ed)? (?:\w+ ){1,5}(?:to|on|onto|with) (?:the|my|our|your|each|it|all|every)\b(?! (?:e-?mail|message|mail|letter))"
    r"|\b(?:director|directora|profesor|profesora|gerente|fiscal|subdirector|subdirectora|jefe|jefa|medico|editor|editora|secretari[oa]|coordinador|coordinadora|presidente|presidenta|responsable|ministr[oa]) adjunt"
    r"|\badjunt[oa] (?:a|al|de) (?:la )?(?:direccion|gerencia|presidencia|director|jefe)"
    r"|\b(?:virus|malware|antivirus|phishing|sospechos|suspicious|do not open|don't open|no abra|no los abra|before opening|antes de abrir|confidencial|confidential|scan(?:ned)?)\b"
    r"|\b(?:y|and|or|o) (?:(?:sus|any|its|all|the) )?(?:(?:posibles|archivos|ficheros|documentos|files?) )?(?:adjuntos|anexos|attachments?)\b"
    r"|\b(?:posibles|cualquier|cualesquiera|eventuales|any|all|such|size of|large|maximum|nuestros|sus) (?:\w+ )?(?:adjuntos?|attachments?)\b"
    r"|\b(?:los|the) (?:archivos |ficheros |documentos )?(?:adjuntos|anexos|attachments) (?:de|del|of|from|que contenga)\b"
    r"|\battached (?:to|with) (?:(?:the|your|our|my|a|an) )?(?!this|the e-?mail|the message)"
    r"|\badjunt\w*[^.;]{0,40}\b(?:area de (?:clientes?|cliente)|portal|web|oficina virtual|plataforma)\b"
)  # fmt: skip


def says_anything(folded: str) -> bool:
    """Whether a text may hold a sentence that the two functions below look for: a quick look at the whole of it."""
    return any(hint in folded for hint in (*_ATTACHED_HINTS, *_BANK_HINTS))


def attachment_claims(sentences: list[Sentence]) -> tuple[str, ...]:
    """The sentences that say that something is attached to this mail, as written."""
    found: list[str] = []
    for sentence in sentences[:_MAX_SENTENCES]:
        folded = sentence.folded
        if not any(hint in folded for hint in _ATTACHED_HINTS):
            continue
        folded = folded[:_SENTENCE]
        if _ATTACHED.search(folded) and not _TAKEN_BACK.search(folded):
            found.append(sentence.text[:_SENTENCE])
    return tuple(found)


_BANK_HINTS = (
    "cuenta",
    "iban",
    "bancari",
    "banco",
    "clabe",
    "cbu",
    "entidad",
    "bank",
    "account",
    "payment details",
    "banca",
)
_ACCOUNT = (
    r"(?:(?:numero|nº|n\.º|num\.?) de cuenta(?: bancari[ao])?|cuentas? (?:bancarias?|corrientes?|de (?:ingreso|pago|cobro|abono|deposito))|datos bancarios"
    r"|datos de (?:pago|transferencia|cuenta|la cuenta)|coordenadas bancarias|informacion bancaria|iban|clabe|cbu|entidad bancaria|domiciliacion bancaria)"
)
_ENGLISH_ACCOUNT = (
    r"(?:bank(?:ing)? (?:account|details|info(?:rmation)?)|bank account (?:details|number)|account (?:details|number|information)"
    r"|payment (?:details|instructions|information)|wire (?:details|instructions)|remittance (?:details|information|address)|iban|beneficiary (?:account|details))"
)
_CHANGED = pattern(
    r"\b(?:hemos|he|ha|han|habiendo) (?:cambiado|modificado|actualizado|variado|sustituido) (?:(?:de|la|el|los|las|nuestr[oa]s?|su) ){0,2}(?:cuenta\b|banco\b|entidad\b|" + _ACCOUNT + r")"
    r"|\bnuev[oa]s? " + _ACCOUNT + r"|\b(?:nuestra|la) nueva cuenta\b(?! de (?:usuario|correo|cliente|email|e-mail|twitter|instagram|facebook))"
    r"|\b(?:cambio|modificacion|actualizacion|variacion) (?:de|en|del) (?:(?:nuestr[oa]s?|la|el|los|su) )?(?:" + _ACCOUNT + r"|cuenta\b(?! de (?:usuario|correo)))"
    r"|\b(?:nuestr[oa]s?|la|los) (?:cuenta(?: bancaria| corriente)?|numero de cuenta|iban|banco|datos bancarios) (?:ha|han) (?:cambiado|sido (?:modificad|actualizad|cambiad)\w+|variado)"
    r"|\b(?:nuestr[oa]s? )?datos bancarios (?:actualizados|nuevos|modificados)\b"
    r"|\bcuenta (?:bancaria )?(?:anterior|antigua|habitual) (?:\w+ ){0,4}(?:cancelad|cerrad|bloquead|auditoria|inhabilitad|deshabilitad|dejara de|ya no)"
    r"|\b(?:realice|realicen|haga|hagan|efectue|efectuen|ingrese|ingresen|transfiera|transfieran|abone|abonen)\b[^.]{0,60}\b(?:a|en) (?:la|nuestra|esta) (?:siguiente )?nueva cuenta"
    r"|\b(?:we|our company)(?: have|'ve| has)?(?: recently)? (?:changed|updated|switched|moved)(?: to)? (?:(?:our|the|a|to|new) ){0,3}(?:banks?\b|" + _ENGLISH_ACCOUNT + r")"
    r"|\b(?:our|the|these) (?:new|updated|revised|changed|amended) (?:bank\b|" + _ENGLISH_ACCOUNT + r")"
    r"|\b(?:our|my|the|note|following|have) (?:a )?new bank(?:ing)? (?:account|details|information)|\bupdated bank(?:ing)? (?:account|details|information)|\bour bank(?:ing)? (?:account |details |information )?(?:has|have) (?:been )?(?:changed|updated)"
    r"|\b(?:change|update) (?:of|in|to) (?:our )?(?:bank\b|bank(?:ing)? (?:details|account)|account details)"
    r"|\bupdate your records\b[^.]{0,60}\b(?:bank|account|iban)"
)  # fmt: skip
_NOT_OURS = pattern(
    r"\b(?:si|if|cuando|when|whenever|en caso de(?: que)?|in case|unless|whether|should (?:we|you|our)|para (?:solicitar|comunicar))\b"
    r"|\b(?:no|nunca|jamas|never|not|haven't|hasn't|won't|don't|do not|will not)\b(?=[^.]{0,80}\b(?:cambi|modific|actualiz|nuev|chang|updat|new|comunic|solicit|notif))"
    r"|\b(?:cualquier|any|algun|posible|possible|todo|every|supuest[oa]s?|alleged|eventual)\b[^.]{0,20}\b(?:cambio|modificacion|actualizacion|change|update|new|nuev|variacion)"
    r"|\b(?:desconfie|beware|alert[ae]|fraude|fraud|estafa|scam|phishing|verifique siempre|confirme siempre|always (?:verify|confirm))\b"
    r"|\b(?:su|sus|tu|tus|vuestr[oa]s?) (?:nuev[oa]s? )?(?:" + _ACCOUNT + r"|cuenta\b)|\byour (?:new |updated |current )?(?:" + _ENGLISH_ACCOUNT + r"|bank|account)"
    r"|\b(?:desea|quiere|necesita|solicite|solicitar|indiquenos|comuniquenos|informenos|facilitenos|let us know|tell us|to change|to update)\b"
    r"|\b(?:open|abra|abrir|apertura de|opening|crear|cree|create) (?:una?|an?|su|your|la) "
)  # fmt: skip


def bank_changes(sentences: list[Sentence]) -> tuple[str, ...]:
    """The sentences that say that the sender's bank account is a new one, as written."""
    found: list[str] = []
    for sentence in sentences[:_MAX_SENTENCES]:
        folded = sentence.folded[:_SENTENCE]
        if any(hint in folded for hint in _BANK_HINTS) and _says_changed(folded):
            found.append(sentence.text[:_SENTENCE])
    return tuple(found)


def _says_changed(folded: str) -> bool:
    changed: re.Match[str] | None = _CHANGED.search(folded)
    return changed is not None and not _NOT_OURS.search(folded)
