"""What the help of `deliverability subject` says, in both languages."""

from __future__ import annotations

SUBJECT = (
    "score the subjects of invoices, and propose better ones",
    "puntúa asuntos de facturas y propone otros mejores",
)
SUBJECT_LONG = (
    "Says how risky a subject is, which words and forms cause it, what SpamAssassin and rspamd add for it, and offers "
    "better ones. Several subjects, or a file, give a table. Nothing is asked of the network. Exit code 1: a subject is "
    "in the band high.",
    "Dice lo arriesgado que es un asunto, qué palabras y formas lo causan, qué suman SpamAssassin y rspamd por él, y "
    "ofrece otros mejores. Con varios asuntos, o un archivo, da una tabla. No consulta la red. Código de salida 1: algún "
    "asunto está en la banda alta.",
)
TEXT = (
    "a subject, in quotes; - reads them from standard input, one a line",
    "un asunto, entre comillas; con - se leen de la entrada estándar, uno por línea",
)
FILE = (
    "read subjects from a CSV file: the column subject (or asunto), else the first one",
    "lee los asuntos de un archivo CSV: la columna subject (o asunto) o, si no, la primera",
)
GROUP_ABOUT = ("what the mail is about", "de qué trata el correo")
COMPANY = ("your company, as customers know it", "su empresa, como la conocen los clientes")
CUSTOMER = ("the customer", "el cliente")
NUMBER = ("number of the document", "número del documento")
PERIOD = ("month or period, such as noviembre or 2026-11", "mes o periodo, como noviembre o 2026-11")
LANGUAGE = (
    "language of the subjects: es ca gl eu pt fr it de en (default: recognised)",
    "idioma de los asuntos: es ca gl eu pt fr it de en (por omisión, se reconoce)",
)
REPLY = ("the mail answers another: Re: is earned", "el correo responde a otro: el Re: está justificado")
NO_TEXT = (
    "give a subject in quotes, - for standard input, or --file",
    "falta el asunto: entre comillas, - para la entrada estándar, o --file",
)
