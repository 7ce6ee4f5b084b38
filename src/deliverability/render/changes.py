"""Only the records to change: as a zone file, as name/type/value for a web panel, or as a diff."""

from __future__ import annotations

from collections.abc import Sequence

from deliverability.core.changes import RecordChange
from deliverability.core.names import DomainName, is_subdomain, registrable_domain
from deliverability.core.text import Lang, Text
from deliverability.render.safe import safe
from deliverability.render.zone_text import added_lines, diff, host_part, record_data, removed_lines

_OTHERS = Text(
    "For whoever manages {name}; it is not in the zone of {domain}:",
    "Para quien gestione {name}; no está en la zona de {domain}:",
)
_REMOVE = Text("remove", "eliminar")
_PUBLISH = Text("publish", "publicar")
_NAME = Text("Name", "Nombre")
_FULL = Text("full name", "nombre completo")
_TYPE = Text("Type", "Tipo")
_VALUE = Text("Value", "Valor")


def render_changes(changes: Sequence[RecordChange], syntax: str, *, domain: str, lang: Lang) -> str:
    """The changes in one of `zone_text.SYNTAXES`; "" where there are none. Records of other zones come last, and say so."""
    own = [change for change in changes if is_subdomain(change.name, _zone(domain))]
    others = [change for change in changes if change not in own]
    parts = [_some(own, syntax, domain, lang)] if own else []
    for change in others:
        comment = _OTHERS.format(lang, {"name": change.name, "domain": domain})
        mark = {"bind": "; ", "diff": "# "}.get(syntax, "")
        text = _some([change], syntax, domain, lang)
        parts.append(f"{mark}{comment}\n{_commented(text, lang) if syntax == 'bind' else text}")
    return ("\n" if syntax == "table" else "").join(parts)


def _commented(text: str, lang: Lang) -> str:
    """Zone-file lines as comments, since a name server refuses records outside of its zone."""
    publish = _PUBLISH.format(lang)
    return "".join(line if line[0] == ";" else f"; {publish}: {line}" for line in text.splitlines(keepends=True))


def _zone(domain: str) -> str:
    """Where the owner of the domain may publish: below its registrable domain."""
    return registrable_domain(DomainName(domain)) or domain


def _some(changes: Sequence[RecordChange], syntax: str, domain: str, lang: Lang) -> str:
    if syntax == "diff":
        return diff(changes)
    if syntax == "table":
        return "\n".join(_panel(change, domain, lang) for change in changes)
    return "".join(_bind(change, lang) for change in changes)


def _bind(change: RecordChange, lang: Lang) -> str:
    """Zone-file lines; what has to go stands as a comment, so that the whole can be loaded as it is."""
    remove = _REMOVE.format(lang)
    lines = [f"; {remove}: {line}" for line in removed_lines(change)] + added_lines(change)
    return "".join(line + "\n" for line in lines)


def _panel(change: RecordChange, domain: str, lang: Lang) -> str:
    """A record as the fields of a web panel; TXT whole and without quotes, as panels cut and quote it themselves."""
    values = [(_REMOVE, value) for value in change.remove] + [(_PUBLISH, value) for value in change.add]
    blocks: list[str] = []
    for verb, value in values:
        host = host_part(change.name, domain)
        shown = safe(value, 10**9) if change.type in ("TXT", "SPF") else record_data(change.type, value)
        rows = ((_NAME, f"{host}   ({_FULL.format(lang)}: {change.name})"), (_TYPE, change.type), (_VALUE, shown))
        width = max(len(label.format(lang)) for label, _ in rows)
        head = verb.format(lang)
        lines = [head[:1].upper() + head[1:]]
        lines += [f"  {label.format(lang):<{width}}  {text}" for label, text in rows]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)
