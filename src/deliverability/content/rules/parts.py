"""What the rules about MIME parts share: evidence, and the reasons why a rule does not apply."""

from __future__ import annotations

from deliverability.content.attachments import Attachment, Attachments
from deliverability.content.part import Part
from deliverability.core.finding import Evidence, NotApplicable, Outcome, Passed, Unknown
from deliverability.core.text import NO_TEXT, Text
from deliverability.headers.evidence import part_evidence

_NO_ATTACHMENTS = Text(en="Nothing is attached.", es="No lleva archivos adjuntos.")
UNREAD = Text(
    en="Not all parts of the message were read; something may be attached in the rest.",
    es="No se han leído todas las partes del mensaje; en el resto puede haber archivos adjuntos.",
)
NO_TEXTS = Text(en="The message has no text part.", es="El mensaje no tiene ninguna parte de texto.")
NO_HTML = Text(en="The message has no HTML part.", es="El mensaje no tiene parte HTML.")
#: Beside a line that is not the place's own.
BEGINS = Text(en="the text begins at this line", es="el texto empieza en esta línea")
NOT_MULTIPART = Text(en="The message has only one part.", es="El mensaje tiene una sola parte.")
_SHOWN_FIELDS = ("content-type", "content-transfer-encoding", "content-disposition", "content-id")
_SHOWN_NAME = 80


def fields_of(part: Part) -> str:
    """The fields that describe the part, a line each."""
    return "\n".join(f"{field.name}: {field.text}" for field in part.headers if field.key in _SHOWN_FIELDS)


def evidence_of_part(part: Part, excerpt: str = "", *, line: int | None = None, note: Text = NO_TEXT) -> Evidence:
    """The part with its line: `excerpt`, or the fields that describe it."""
    return part_evidence(f"part {part.path}", excerpt or fields_of(part), line=line or part.line, note=note)


def evidence_in_text(part: Part, excerpt: str, line: int | None) -> Evidence:
    """A place in the text of a part, on its line of the message.

    Base64 and some quoted-printable keep no lines: then it is the line where the text begins, and a note says so.
    """
    name = f"part {part.path}"
    if line is None:
        return part_evidence(name, excerpt, line=part.body_line, note=BEGINS)
    return part_evidence(name, excerpt, line=line)


def evidence_of_file(file: Attachment, excerpt: str = "") -> Evidence:
    """The attachment with its line."""
    return evidence_of_part(file.part, excerpt)


def name_of(file: Attachment) -> str:
    """What to call it in a sentence: its name, or its type where it has none."""
    return file.name[:_SHOWN_NAME] or file.part.content_type


def nothing_attached(files: Attachments, subject: str = "") -> Outcome:
    """Why a rule about attachments has none to look at."""
    return Unknown(UNREAD, subject) if files.unread else NotApplicable(_NO_ATTACHMENTS, subject)


def none_found(files: Attachments, subject: str) -> Outcome:
    """No attachment that was read has the fault."""
    return Unknown(UNREAD, subject) if files.unread else Passed(subject)


def own_files(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The attachments but for pictures that belong to the HTML."""
    return tuple(file for file in files if not file.is_picture_of_text)
