"""The content of a message: MIME parts, text, HTML, links, attachments."""
