"""What kind of mail a message is: an invoice is never marketing, and without signs nothing is said."""

from __future__ import annotations

import pytest

from deliverability.audits.message import READERS
from deliverability.content.classify import Classification, ClassSign
from deliverability.core.facts import Envelope, MailClass, RawMessage, Receiving
from deliverability.core.limits import DEFAULT_LIMITS

FIELDS = "From: Empresa <x@empresa.example>\r\nTo: ana@cliente.example\r\nContent-Type: text/plain; charset=utf-8\r\n"
LIST = "List-Unsubscribe: <https://u.empresa.example/1>\r\nList-Id: <b.empresa.example>\r\nPrecedence: bulk\r\n"
OFFERS = "Ofertas especiales solo hoy. Aproveche y compre ahora con un 30 % de descuento en todo.\r\nDarse de baja\r\n"
INVOICE = "Adjuntamos la factura 2026-0123 por 121,00 €, con vencimiento el 22/12/2026.\r\n"


def classify(subject: str, body: str, fields: str = "", told: MailClass | None = None) -> Classification:
    raw = f"{FIELDS}Subject: {subject}\r\n{fields}\r\n{body}".encode()
    facts: dict[type, object] = {
        RawMessage: RawMessage(raw, len(raw)),
        Envelope: Envelope(),
        Receiving: Receiving(mail_class=told),
    }
    for reader in READERS:
        facts.update(reader.read(facts, DEFAULT_LIMITS))
    found = facts[Classification]
    assert isinstance(found, Classification)
    return found


@pytest.mark.parametrize(
    ("subject", "body", "fields", "expected"),
    [
        ("Factura 2026-0123 de Empresa", INVOICE, "", MailClass.TRANSACTIONAL),
        ("Factura 2026-0123 de Empresa", INVOICE + OFFERS, LIST, MailClass.TRANSACTIONAL),
        (
            "Invoice INV-0042 from Empresa",
            "Please find attached invoice INV-0042 for 121.00 EUR, due on 22 December 2026.",
            "",
            MailClass.TRANSACTIONAL,
        ),
        (
            "Recordatorio: factura 2026-0123 pendiente",
            "Le recordamos que la factura 2026-0123 de 121,00 € está pendiente de pago.",
            "",
            MailClass.TRANSACTIONAL,
        ),
        ("Confirmación de su pedido 8812", "Hemos recibido su pedido.", "", MailClass.TRANSACTIONAL),
        ("Rebajas: ofertas especiales", OFFERS, "", MailClass.MARKETING),
        ("Summer sale: 30% off everything", "Shop now, free shipping. Unsubscribe", LIST, MailClass.MARKETING),
        ("Boletín de noviembre", "Lo que hicimos en noviembre. Darse de baja", LIST, MailClass.MARKETING),
        (
            "Boletín: la factura electrónica de 2026 a 2027",
            "Novedades de la semana. " + OFFERS,
            LIST,
            MailClass.MARKETING,
        ),
        ("Reunión del martes", "Hola, Ana: ¿nos vemos a las 10?", "", MailClass.UNKNOWN),
        ("Oferta 2026/88", "Le envío la oferta que nos pidió, con un descuento del 5 %.", "", MailClass.UNKNOWN),
        (
            "[socios] ofertas especiales",
            OFFERS,
            LIST + "List-Post: <mailto:socios@club.example>\r\n",
            MailClass.UNKNOWN,
        ),
        ("", "", "", MailClass.UNKNOWN),
    ],
)
def test_classes(subject: str, body: str, fields: str, expected: MailClass) -> None:
    found = classify(subject, body, fields)

    assert found.mail_class is expected, found.signs


@pytest.mark.parametrize("told", list(MailClass))
def test_the_word_of_the_user_comes_first(told: MailClass) -> None:
    found = classify("Factura 2026-0123 de Empresa", INVOICE, told=told)

    assert found.mail_class is told
    assert found.signs == (ClassSign.TOLD,)
    assert found.told


def test_words_are_found_without_accents_and_in_any_case() -> None:
    found = classify("x", "OFERTAS ESPECIALES en la promoción. Dése de baja aquí.")

    assert found.promotion == ("ofertas especiales", "promocion")
    assert found.way_out


def test_words_are_whole() -> None:
    assert classify("x", "El agente comercial promocionará ferrebajas y rebajado, trabaja y trabajas.").promotion == ()
    assert not classify("x", "El agente trabaja en el puesto.").way_out
