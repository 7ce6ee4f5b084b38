"""Will the invoices you send by email be believed? And if not, what exactly to change.

    import deliverability as dv

    report = dv.audit_domain("empresa.example")
    print(report.render("terminal", lang="es"))

Everything below is loaded when first used; importing this package loads no DNS, HTTP or terminal library.
"""

from __future__ import annotations

__version__ = "0.1.0"
