"""Sentences that say that something is attached, or that the account is a new one, and those that only seem to."""

from __future__ import annotations

import pytest

from deliverability.content.letter.claims import attachment_claims, bank_changes
from deliverability.content.letter.passages import Passages, sentences, split_passages

ATTACHED = """
Le adjuntamos la factura.
Te adjunto la factura de este mes.
Adjunto factura.
Adjunto le remito la factura solicitada.
Adjunto a este correo encontrará la factura.
Adjuntamos factura correspondiente al mes de noviembre.
Se adjunta factura nº 17.
Factura adjunta.
Encontrará la factura adjunta en PDF.
En el archivo adjunto encontrará su factura.
La factura se encuentra en el documento adjunto.
Ver archivo adjunto.
Le enviamos adjunta la factura.
Les remitimos adjuntas las facturas de octubre.
Anexo encontrará su factura.
Anexamos la factura electrónica.
Le hago llegar la factura como archivo adjunto.
Documentos adjuntos: factura y albarán.
Va adjunta la factura.
Please find attached our invoice.
Please find the invoice attached.
Please find enclosed our invoice.
Attached is your invoice for November.
Your invoice is attached.
I have attached the invoice.
We've attached a copy of the invoice.
See attached.
Please see the attached file.
The invoice is attached to this email.
You will find the attached invoice useful.
The details are in the attachment.
I attach our invoice for your records.
Veuillez trouver ci-joint notre facture.
Us adjuntem la factura del mes.
Segue em anexo a fatura.
"""

NOT_ATTACHED = """
Se adjunta enlace a la factura.
Adjuntamos el enlace para descargar la factura.
Le adjunto el link de la factura.
Puede responder adjuntando el justificante.
Por favor, adjunte el justificante de pago.
No olvide adjuntar su documentación.
Necesitamos que nos adjunte copia del DNI.
Debe adjuntar la factura a la solicitud.
Si nos adjunta el justificante, lo tramitaremos.
No adjuntamos la factura por correo.
Este correo no lleva adjuntos.
Sin archivos adjuntos.
Nunca enviamos archivos adjuntos.
No abra los archivos adjuntos de remitentes desconocidos.
La factura que le adjuntamos en el correo anterior sigue pendiente.
Como le adjuntamos en nuestro correo del día 3, la factura vence hoy.
El director adjunto le llamará.
La profesora adjunta le atenderá.
Marta Ruiz, adjunta a la Dirección.
Este mensaje y sus adjuntos son confidenciales.
Cualquier archivo adjunto será analizado.
Su factura está en el área de clientes.
Please attach the receipt to your claim.
You can attach files to the form.
Do not open attachments from strangers.
This email and any attachments are confidential.
There is no attachment in this message.
We never send attachments.
If the file is attached, ignore this.
The maximum size of attachments is 10 MB.
I am very attached to this place.
The conditions attached to your contract have changed.
The link attached below leads to the invoice.
In our previous email we attached the invoice.
The invoice was attached to the previous message.
Great importance is attached to quality.
We attach great importance to quality.
The device can be attached to the wall.
I have attached the cable to the box.
El anexo II del contrato sigue en vigor.
Según el anexo del contrato, el precio es fijo.
"""

CHANGED = """
Hemos cambiado de cuenta bancaria.
Hemos cambiado de banco.
Le informamos de que hemos modificado nuestros datos bancarios.
Nuestra nueva cuenta es ES91 2100 0418 4502 0005 1332.
Nuestro nuevo número de cuenta es el siguiente.
A partir de ahora, use el nuevo IBAN.
Nuestra cuenta bancaria ha cambiado.
Nuestros datos bancarios han cambiado.
Cambio de cuenta bancaria: tome nota.
La cuenta anterior está bloqueada por una auditoría.
Para realizar el pago utilice nuestra nueva cuenta bancaria.
Rogamos hagan sus pagos en la siguiente nueva cuenta.
We have changed our bank account.
We have recently changed banks.
Please note our new bank details.
Our bank details have changed.
Please use the updated bank details below.
Our new bank account is as follows.
Please update your records with our new account details.
"""

NOT_CHANGED = """
Si cambia de cuenta bancaria, comuníquenoslo.
Si desea cambiar su cuenta bancaria, llámenos.
Nuestra cuenta no ha cambiado.
No hemos cambiado de cuenta bancaria.
Nunca le comunicaremos un cambio de cuenta por correo.
Desconfíe de cualquier cambio de cuenta bancaria.
Ante un supuesto cambio de cuenta bancaria, llámenos.
Hemos registrado su nueva cuenta bancaria.
Indíquenos su nuevo número de cuenta.
Puede abrir una nueva cuenta bancaria en cinco minutos.
Cree una nueva cuenta de usuario.
Hemos actualizado nuestra política de privacidad.
Para solicitar un cambio de cuenta bancaria, escriba a su gestor.
Ingrese el importe en nuestra cuenta bancaria.
Hemos cambiado de oficina.
We will never change our bank details by email.
Our bank details have not changed.
If we change our bank details, we will call you.
Please update your payment details.
You can open a new bank account online.
Beware of emails announcing new bank details.
Any change of bank details must be confirmed by telephone.
We have updated our terms.
Your new account details are in the app.
"""


def _lines(block: str) -> list[str]:
    return block.strip().split("\n")


@pytest.mark.parametrize("sentence", _lines(ATTACHED))
def test_something_is_said_to_be_attached(sentence: str) -> None:
    assert attachment_claims(sentences(split_passages(sentence).own)) == (sentence,)


@pytest.mark.parametrize("sentence", _lines(NOT_ATTACHED))
def test_nothing_is_said_to_be_attached(sentence: str) -> None:
    assert attachment_claims(sentences(split_passages(sentence).own)) == ()


@pytest.mark.parametrize("sentence", _lines(CHANGED))
def test_the_account_is_said_to_be_new(sentence: str) -> None:
    assert bank_changes(sentences(sentence)) == (sentence,)


@pytest.mark.parametrize("sentence", _lines(NOT_CHANGED))
def test_the_account_is_not_said_to_be_new(sentence: str) -> None:
    assert bank_changes(sentences(sentence)) == ()


@pytest.mark.parametrize(
    "head",
    [
        "El lun, 16 nov 2026 a las 10:12, Soler (<f@talleres-soler.example>) escribió:",
        "El 16/11/2026 a las 10:12, Talleres Soler escribió:",
        "On Mon, Nov 16, 2026 at 10:12 AM Soler <f@talleres-soler.example> wrote:",
        "On Mon, Nov 16, 2026 at 10:12 AM Talleres Soler\n<f@talleres-soler.example> wrote:",
        "-----Mensaje original-----",
        "----- Original Message -----",
        "---------- Forwarded message ---------",
        "De: Soler <f@talleres-soler.example>\nEnviado el: lunes\nPara: Marta",
        "From: Soler <f@talleres-soler.example>\nSent: Monday\nTo: Marta",
    ],
)
def test_what_is_quoted_is_not_the_sender_s_own(head: str) -> None:
    passages = split_passages(f"Recibido.\n\n{head}\n\nAdjunto factura.")

    assert passages.own.strip() == "Recibido."
    assert "Adjunto factura." in passages.quoted


@pytest.mark.parametrize(
    "line",
    ["El lunes pasamos por el taller.", "De: Valencia a Madrid", "On Monday we close.", "From: here", "-- ", "--- firma ---", "El cliente escribió una nota y la firmó."],
)  # fmt: skip
def test_ordinary_lines_open_no_quotation(line: str) -> None:
    text = f"Hola:\n\n{line}\n\nHasta mañana."

    assert split_passages(text) == Passages(text, "", "")


def test_the_notice_begins_with_its_own_sentence() -> None:
    text = "Le adjuntamos la factura. Este mensaje y sus adjuntos son confidenciales. No los difunda."
    passages = split_passages(text)

    assert passages.own.strip() == "Le adjuntamos la factura."
    assert passages.notice.startswith("Este mensaje y sus adjuntos")


def test_a_notice_that_is_broken_over_lines_is_one() -> None:
    passages = split_passages("Hasta mañana.\n\nEste mensaje y\nsus archivos adjuntos van dirigidos\nsolo a usted.")

    assert passages.own.strip() == "Hasta mañana."
