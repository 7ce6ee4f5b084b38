"""What is wrong with a chain, in both languages."""

from __future__ import annotations

from deliverability.arc.record import AAR, AMS, AS, ChainDefect, ChainDefectKind
from deliverability.arc.verify import ArcCheck, ArcReason, ArcResult
from deliverability.core.text import ArgValue, Text
from deliverability.dkim.verification import DkimReason

_NAMES = {AAR: "ARC-Authentication-Results", AMS: "ARC-Message-Signature", AS: "ARC-Seal"}

_DEFECTS = {
    ChainDefectKind.INSTANCE: Text(
        "{field} has no number from 1 to 50 (i=)", "{field} no lleva un número de 1 a 50 (i=)"
    ),
    ChainDefectKind.TOO_MANY: Text("it has more than 50 sets", "tiene más de 50 conjuntos"),
    ChainDefectKind.MISSING: Text("set {instance} has no {field}", "al conjunto {instance} le falta {field}"),
    ChainDefectKind.REPEATED: Text("set {instance} has {field} twice", "el conjunto {instance} repite {field}"),
    ChainDefectKind.GAP: Text("set {instance} is missing", "falta el conjunto {instance}"),
    ChainDefectKind.CHAIN_VALUE: Text(
        "the seal of set {instance} says cv={value}", "el sello del conjunto {instance} dice cv={value}"
    ),
}

_REASONS = {
    DkimReason.BODY_HASH: Text("the body was changed afterwards", "el cuerpo se modificó después"),
    DkimReason.BODY_TOO_SHORT: Text("part of the body is missing", "falta parte del cuerpo"),
    DkimReason.SIGNATURE: Text("header fields were changed afterwards", "se modificaron cabeceras después"),
    DkimReason.NO_KEY: Text("its key is not in the DNS", "su clave no está en el DNS"),
    DkimReason.KEY_REVOKED: Text("its key is revoked", "su clave está anulada"),
    DkimReason.KEY_TOO_SHORT: Text("its key is too short", "su clave es demasiado corta"),
}
_OTHER_KEY = Text("its key cannot be used", "su clave no se puede usar")
_MALFORMED = Text("it is malformed", "está mal formada")


def describe(result: ArcResult) -> Text:
    """Why a chain fails, as the end of a sentence."""
    if result.reason is ArcReason.MARKED:
        return Text("the last forwarder already marked it as failed", "el último reenviador ya la marcó como fallida")
    if result.reason is ArcReason.MESSAGE_CUT:
        return Text("the message was too large to be read whole", "el mensaje era demasiado grande para leerlo entero")
    broken = result.broken
    if broken is not None:
        return _of_check(broken, AMS if result.reason is ArcReason.MESSAGE_SIGNATURE else AS)
    kinds = [d for d in result.chain.defects if d.kind is ChainDefectKind.TOO_MANY]
    return _of_defect((kinds or list(result.chain.defects))[0])


def _of_check(check: ArcCheck, name: str) -> Text:
    said = of_reason(check.reason)
    return Text(
        f"{_NAMES[name]} of set {check.instance}: {said.en}", f"{_NAMES[name]} del conjunto {check.instance}: {said.es}"
    )


def of_reason(reason: DkimReason) -> Text:
    """Why one signature of a set does not verify."""
    if reason.value.startswith(("key-", "no-key")):
        return _REASONS.get(reason, _OTHER_KEY)
    return _REASONS.get(reason, _MALFORMED)


def _of_defect(defect: ChainDefect) -> Text:
    said = _DEFECTS[defect.kind]
    args: dict[str, ArgValue] = {
        "field": _NAMES.get(defect.name, defect.name),
        "instance": defect.instance,
        "value": defect.text or "-",
    }
    return Text(said.format("en", args), said.format("es", args))
