"""BL018: blocked by one big receiver. No list tells of it; the receiver's own view (SNDS, Postmaster Tools) or a bounce does."""

from __future__ import annotations

from collections.abc import Iterator

from deliverability.core.facts import Sending
from deliverability.core.finding import Actor, Basis, NotApplicable, Outcome, Passed, Severity, Unknown
from deliverability.core.rule import Area, Rule
from deliverability.core.text import Text
from deliverability.dnsbl.facts import BlockDegree, ReceiverBlock, ReceiverBlocks, file_evidence

BLOCKED = Rule(
    "BL018",
    "blocked-by-one-receiver",
    Severity.ERROR,
    Basis.PROVIDER,
    Area.REPUTATION,
    Actor.HOST,
    label=Text("Blocks by single receivers", "Bloqueos de receptores concretos"),
    title=Text("{receiver} {does} {target}; its reason: {said}", "{receiver} {does} {target}; motivo: {said}"),
    why=Text(
        "Large receivers keep block lists of their own, and no public list shows them. Your mail reaches others and none, or only the junk folder, of theirs.",
        "Los grandes receptores llevan sus propias listas de bloqueo, que no aparecen en ninguna lista pública. Su correo llega a otros destinos, pero en ese receptor se rechaza o va a la carpeta de spam.",
    ),
    fix=Text(
        "Whoever runs the server: find what caused the complaints or trap hits (an old or bought list, a stolen login, a form), stop it, then ask the receiver for a new look with its form{page}. If the address belongs to your mail platform, hand this to its support.",
        "Quien administre el servidor: busque qué causó las quejas o los envíos a trampas (una lista antigua o comprada, una cuenta robada, un formulario), córtelo y pida después una revisión en el formulario del receptor{page}. Si la dirección es de su plataforma de correo, traslade esto a su soporte.",
    ),
    references=(
        "Microsoft, Smart Network Data Services (2026-06)",
        "Google, Gmail SMTP errors and codes (2026-09)",
        "Orange, postmaster pages (2026-09-01)",
    ),
    identity=("receiver", "degree"),
)

_DOES = {
    BlockDegree.BLOCKED: Text("blocks", "bloquea"),
    BlockDegree.JUNKED: Text("takes for spam what comes from", "toma por spam lo que llega de"),
    BlockDegree.DOUBTED: Text("takes for spam part of what comes from", "toma por spam parte de lo que llega de"),
}
_SEVERITY = {
    BlockDegree.BLOCKED: Severity.ERROR,
    BlockDegree.JUNKED: Severity.WARNING,
    BlockDegree.DOUBTED: Severity.INFO,
}


@BLOCKED.check
def blocked_by_one_receiver(blocks: ReceiverBlocks, sending: Sending | None) -> Iterator[Outcome]:
    """One outcome for each block; an error only where mail may leave from there."""
    for block in blocks.blocks:
        yield BLOCKED.found(
            block.target,
            severity=_severity(block, sending),
            evidence=file_evidence(block.file, block.line, block.seen),
            receiver=block.receiver,
            degree=block.degree.value,
            does=_DOES[block.degree],
            target=block.target,
            said=block.said,
            page=f" ({block.page})" if block.page else "",
        )
    for name, day in blocks.stale:
        yield Unknown(Text(f"The newest data in it is of {day}.", f"Sus datos más recientes son del {day}."), name)
    hit = {block.target for block in blocks.blocks}
    clear = [target for target in blocks.clear if target not in hit]
    for target in clear:
        yield Passed(target)
    if not blocks.blocks and not clear and not blocks.stale:
        yield NotApplicable(Text("The files tell of no address.", "Los archivos no hablan de ninguna dirección."))


def _severity(block: ReceiverBlock, sending: Sending | None) -> Severity:
    """Milder where the addresses that send are known and are others."""
    severity = _SEVERITY[block.degree]
    known = sending.ips if sending is not None else ()
    if severity is Severity.ERROR and known and not any(block.holds(address) for address in known):
        return Severity.WARNING
    return severity


RULES: tuple[Rule, ...] = (BLOCKED,)
