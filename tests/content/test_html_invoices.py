"""HTML in the manner of billing software: none of it is told to hide, deceive or track more than it does.

Each is written here after what such programs send: preview lines with filler, conditional comments of Outlook, buttons in
two versions, tables in tables, counted clicks, images of one pixel.
"""

from __future__ import annotations

import pytest

from deliverability.content.facts import read_message as read_parts
from deliverability.content.rules.body import RULES as BODY
from deliverability.content.rules.html import RULES as HTML
from deliverability.content.rules.links import RULES as LINKS
from deliverability.content.text import read_message as read_text
from deliverability.core.facts import AuditedDomain, RawMessage
from deliverability.core.finding import Finding, Severity, Unknown
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName
from deliverability.core.rule import Rule

TEXT = (
    "Le enviamos la factura F260042 de Empresa, S.L. por 1.210,00 EUR, con vencimiento el 22/12/2026. Si tiene alguna duda, "
    "responda a este correo o llame al 910 000 000. Gracias por su confianza."
)
#: Rules that cannot say of a text that was read in part that there is nothing in it.
SAYS_NOTHING_OF_THE_REST = frozenset(
    ["BODY003", "BODY004", "BODY005", "BODY006", "BODY007", "BODY008", "BODY010", "BODY011", "BODY015", "BODY021"]
)
FILLER = "&#847; &zwnj; &nbsp; &#8199; &shy; " * 40

BUTTON_TABLES = f"""<!DOCTYPE html><html><head><style type="text/css">
#outlook a{{padding:0}} .ExternalClass *{{line-height:100%}} body{{background-color:#f6f9fc}}
@media (max-width:480px){{.mobile-hide{{display:none !important}}.mobile-show{{display:block !important;max-height:none!important}}}}
</style><!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]--></head>
<body bgcolor="#f6f9fc" style="border:0;margin:0;padding:0">
<div style="display:none;max-height:0px;overflow:hidden;opacity:0;color:transparent;visibility:hidden;width:0">
Factura F260042 de Empresa</div><div style="display:none;max-height:0;overflow:hidden">{FILLER}</div>
<table bgcolor="#f6f9fc"><tr><td style="font-size:0;line-height:0">&nbsp;</td></tr><tr><td bgcolor="#ffffff">
<span style="font-size:14px;color:#525f7f">{TEXT}</span>
<table><tr><td align="center" bgcolor="#635bff" style="border-radius:4px"><a href="https://invoice.stripe.com/i/acct_1/x"
style="color:#ffffff;text-decoration:none">Pagar esta factura</a></td></tr></table>
<img src="https://stripe-images.stripecdn.com/img/logo.png" width="49" height="20" alt="">
</td></tr></table><img alt="" width="1" height="1" src="https://58.email.stripe.com/CI0/010201/abc=123"></body></html>"""

PORTAL = f"""<html><body><table border="0" style="padding-top:16px;background-color:#F1F1F1;color:#454748;width:100%"><tr><td>
<table width="590" style="padding:24px;background-color:white;color:#454748"><tr><td valign="middle">
<span style="font-size:10px">Su factura</span><br><span style="font-size:20px;font-weight:bold">F260042</span></td>
<td align="right"><img src="https://empresa.odoo.com/logo.png?company=1" style="padding:0;height:auto;width:80px" alt="Empresa"></td>
</tr><tr><td colspan="2"><p style="margin:0;font-size:13px">{TEXT}</p>
<div style="margin:16px 0"><a href="https://empresa.odoo.com/mail/view?model=account.move&amp;res_id=42&amp;access_token=x"
style="background-color:#875A7B;padding:8px 16px;text-decoration:none;color:#fff;border-radius:5px">Ver factura</a></div>
</td></tr></table></td></tr></table><img src="https://empresa.odoo.com/mail/track/7/x/blank.gif"></body></html>"""

COUNTED = f"""<!doctype html><html xmlns="http://www.w3.org/1999/xhtml" xmlns:v="urn:schemas-microsoft-com:vml"><head>
<style>.btn a{{background:#0077c5;color:#fff !important}} p{{color:#393a3d}}</style></head><body>
<span class="preheader" style="color:transparent;display:none;height:0;max-height:0;opacity:0;overflow:hidden;mso-hide:all;
visibility:hidden;width:0">Empresa le ha enviado una factura</span><p>{TEXT}</p>
<!--[if mso]><v:roundrect href="https://click.plataforma.example/x" fillcolor="#0077c5"><center style="color:#ffffff">Ver
</center></v:roundrect><![endif]--><!--[if !mso]><!-- --><div class="btn"><a href="https://u123.ct.sendgrid.net/ls/click?upn=a"
style="mso-hide:all;display:inline-block;padding:10px">Revisar y pagar</a></div><!--<![endif]-->
<div class="mobile-show" style="display:none;mso-hide:all"><p>Le enviamos la factura F260042</p></div>
<p style="font-size:11px;color:#8d9096">Empresa, S.L. <a href="mailto:facturas@empresa.example"
style="color:#8d9096">facturas@empresa.example</a> <a href="https://www.empresa.example">empresa.example</a></p>
<img src="https://u123.ct.sendgrid.net/wf/open?upn=b" width="1" height="1" style="height:1px !important"></body></html>"""

WORD = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15">
<!--[if !mso]><style>v\\:* {{behavior:url(#default#VML);}}</style><![endif]--><style><!-- p.MsoNormal {{margin:0cm;font-size:11.0pt}}
a:link, span.MsoHyperlink {{color:#0563C1}} --></style></head><body lang=ES link="#0563C1" vlink="#954F72">
<div class=WordSection1><p class=MsoNormal>{TEXT}<o:p></o:p></p><p class=MsoNormal><span style='color:#1F497D'>Ana Gil<o:p>
</o:p></span></p><p class=MsoNormal><a href="https://www.empresa.example/"><span style='color:blue'>www.empresa.example</span></a>
<span style='font-size:8.0pt;color:gray'>Antes de imprimir, piense en el medio ambiente.</span></p></div></body></html>"""


def findings(html: str) -> dict[str, Severity]:
    raw = (
        "From: facturas@empresa.example\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n" + html.replace("\n", "\r\n")
    ).encode()
    facts: dict[type, object] = {RawMessage: RawMessage(raw, len(raw))}
    facts |= read_parts(facts, DEFAULT_LIMITS)
    facts |= read_text(facts, DEFAULT_LIMITS)
    domain = DomainName("empresa.example")
    facts[AuditedDomain] = AuditedDomain(domain, domain)
    outcomes = [outcome for rule in (*BODY, *LINKS, *HTML) for outcome in rule.run(facts)]
    return {outcome.code: outcome.severity for outcome in outcomes if isinstance(outcome, Finding)}


@pytest.mark.parametrize(
    ("html", "informed"),
    [(BUTTON_TABLES, {"BODY021"}), (PORTAL, {"BODY008"}), (COUNTED, {"BODY008", "BODY021"}), (WORD, set())],
    ids=["button tables", "portal", "counted clicks", "written in Word"],
)
def test_honest_invoices_are_told_nothing_worse_than_information(html: str, informed: set[str]) -> None:
    found = findings(html)

    assert found.keys() == informed
    assert set(found.values()) <= {Severity.INFO}


@pytest.mark.parametrize("rule", [rule for rule in (*BODY, *LINKS, *HTML) if rule.code in SAYS_NOTHING_OF_THE_REST])
def test_what_was_not_read_has_not_passed(rule: Rule) -> None:
    limits = Limits(text_octets=400)
    raw = (
        "From: facturas@empresa.example\r\nContent-Type: text/html\r\n\r\n"
        "<p>Factura <a href='https://www.empresa.example/'>aquí</a></p>" + "<p>detalle</p>" * 90
    ).encode()
    facts: dict[type, object] = {RawMessage: RawMessage(raw, len(raw))}
    facts |= read_parts(facts, limits)
    facts |= read_text(facts, limits)
    facts[AuditedDomain] = AuditedDomain(DomainName("empresa.example"), DomainName("empresa.example"))

    assert [type(outcome) for outcome in rule.run(facts)] == [Unknown]
