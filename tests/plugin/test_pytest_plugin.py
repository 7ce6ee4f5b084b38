"""The plug-in in runs of pytest of its own, as users have them. Runs are processes, since a run may forget what it imported."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.faultdns import FaultServer

pytest_plugins = ("pytester",)

ROOT = Path(__file__).resolve().parents[2]
ZONE = '''
ZONE = """
$ORIGIN empresa.example.
$TTL 3600
@ IN SOA ns1 hostmaster 1 7200 3600 1209600 3600
@ IN NS ns1
@ IN MX 10 mx
@ IN TXT "v=spf1 ip4:192.0.2.25 ~all"
mx IN A 192.0.2.20
ns1 IN A 192.0.2.53
_dmarc IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@empresa.example"
"""
'''
RECORDED = {
    "empresa.example/TXT": ["v=spf1 mx ~all"],
    "empresa.example/MX": ["10 mx.empresa.example."],
    "empresa.example/A": ["192.0.2.80"],
    "mx.empresa.example/A": ["192.0.2.1"],
    "_dmarc.empresa.example/TXT": ["v=DMARC1; p=quarantine; rua=mailto:dmarc@empresa.example"],
}
HOW_TO_ALLOW = "*@pytest.mark.deliverability(live=True)*--deliverability-live*deliverability_live = true*"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-W", "error", "--strict-markers", "-p", "no:cacheprovider", *arguments)


def test_loading_it_imports_next_to_nothing() -> None:
    """Everybody who has this package pays for that in every run of pytest."""
    code = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport deliverability.testing.plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) == {
        "deliverability",
        "deliverability.sources",
        "deliverability.sources.guard",
        "deliverability.testing",
        "deliverability.testing.current",
        "deliverability.testing.plugin",
    }


def test_a_run_that_does_not_use_it_loads_no_more_of_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_one():
            ours = {name for name in sys.modules if name.startswith("deliverability")}
            assert "deliverability.testing.plugin" in ours
            assert len(ours) == 6, sorted(ours)
            assert not {"dns", "httpx", "rich", "aiosmtpd", "cryptography"} & set(sys.modules)
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_pytest_does_not_warn_where_the_package_was_imported_before(pytester: pytest.Pytester) -> None:
    """It marks the packages of installed plug-ins for rewriting, and warns of one that is there already."""
    pytester.makeconftest(
        """
        def pytest_configure(config):
            config.pluginmanager.rewrite_hook.mark_rewrite("deliverability")
        """
    )
    pytester.makepyfile("def test_one(): pass")
    run(pytester).assert_outcomes(passed=1)


def test_verdicts_of_a_run(pytester: pytest.Pytester) -> None:
    """One run with what passes and what fails, so that it is started once."""
    pytester.makepyfile(
        ZONE
        + """
import asyncio
import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

import deliverability as dv
from deliverability.core.questions import Failed
from deliverability.testing import assert_deliverable


def mail(text="Hola:\\n\\nNos vemos el martes.\\n"):
    message = EmailMessage()
    message["From"] = "facturas@empresa.example"
    message["To"] = "cliente@cliente.example"
    message["Subject"] = "El martes"
    message["Date"] = "Fri, 20 Nov 2026 09:30:00 +0100"
    message["Message-ID"] = "<1@empresa.example>"
    message.set_content(text)
    return message


def test_zone_passes(dns_zone, deliverability_audit):
    dns_zone(ZONE)
    report = assert_deliverable(deliverability_audit("empresa.example"))
    assert report.subject == "empresa.example"
    assert report.codes()


def test_zone_is_a_source_of_the_library(dns_zone):
    result = dv.spf.check_host("192.0.2.25", "empresa.example", "a@empresa.example", source=dns_zone(ZONE))
    assert result.result == "pass"


def test_every_form_of_a_mail_passes(dns_zone, tmp_path):
    dns_zone(ZONE)
    octets = mail().as_bytes()
    (tmp_path / "a.eml").write_bytes(octets)
    for form in (mail(), octets, octets.decode(), tmp_path / "a.eml"):
        assert_deliverable(form)


def test_inside_a_running_loop(dns_zone, deliverability_audit):
    async def scene():
        return assert_deliverable(deliverability_audit(mail(), source=dns_zone(ZONE)))

    assert asyncio.run(scene()).kind == "message"


def test_what_is_sent_is_audited(dns_zone, smtp_sink):
    dns_zone(ZONE)
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as server:
        server.send_message(mail())
    (sent,) = smtp_sink.wait_for(1)
    assert smtp_sink.messages == (sent,)
    assert assert_deliverable(sent).subject == "empresa.example"


def test_zones_are_forgotten_between_tests(dns_zone):
    assert not dns_zone


def test_fails_with_the_fix(dns_zone):
    dns_zone(ZONE.replace("~all", "+all"))
    assert_deliverable("empresa.example")


def test_fails_where_dns_fails(dns_zone):
    dns_zone(ZONE).fails("_dmarc.empresa.example", "servfail")
    assert_deliverable("empresa.example")


def test_fails_for_what_is_in_no_zone(dns_zone):
    dns_zone(ZONE.replace("~all", "include:_spf.proveedor.example ~all"))
    assert_deliverable("empresa.example")


@pytest.mark.deliverability(fail_on="warning", lang="es")
def test_fails_in_spanish(dns_zone):
    assert_deliverable("empresa.example", source=dns_zone(ZONE))


@pytest.mark.deliverability(incomplete="pass")
def test_what_is_not_told_may_pass(dns_zone):
    dns_zone(ZONE).fails("_dmarc.empresa.example", "servfail")
    assert_deliverable("empresa.example")


@pytest.mark.deliverability(alive=True)
def test_mistaken_marker():
    pass


@pytest.mark.deliverability(lang="fr")
def test_mistaken_language(dns_zone):
    assert_deliverable("empresa.example", source=dns_zone(ZONE))


def test_not_a_mail(deliverability_audit):
    deliverability_audit(42)
"""
    )
    result = run(pytester)

    result.assert_outcomes(passed=7, failed=6, errors=1)
    result.stdout.fnmatch_lines(
        [
            "E       AssertionError: empresa.example: findings at or above `error`: *",
            "E       SPF0* (error) *all*",
            "E         fix: *",
            'E         - empresa.example. IN TXT "v=spf1 ip4:192.0.2.25 +all"',
            'E         + empresa.example. * IN TXT "v=spf1 ip4:192.0.2.25 ~all"',
            "E         seen: empresa.example TXT v=spf1 ip4:192.0.2.25 +all",
            "*no answer: _dmarc.empresa.example TXT: servfail: *",
            "*no answer: _spf.proveedor.example TXT: offline: not in the DNS of this test",
            HOW_TO_ALLOW,
            "*problemas de gravedad `warning` o mayor: *",
            "*TypeError: expected a domain or a mail, got int",
        ]
    )
    result.stdout.fnmatch_lines(["*takes no 'alive'; it takes live, lang, fail_on, incomplete, starttls"])
    result.stdout.fnmatch_lines(["*(lang='fr'): none of en, es"])


def test_live_questions_need_leave(pytester: pytest.Pytester) -> None:
    """However they are put: by the fixture, by the library, by code that catches everything, in a fixture."""
    pytester.makepyfile(
        """
        import pytest

        import deliverability as dv
        from deliverability.sources.guard import GUARD
        from deliverability.testing import assert_deliverable


        def test_by_the_library():
            dv.spf.check_host("192.0.2.1", "empresa.example", "a@empresa.example", source=dv.LiveSource())

        def test_by_code_that_catches_everything():
            try:
                dv.audit_domain("empresa.example")
            except BaseException:
                pass

        def test_by_the_fixture(deliverability_audit):
            assert_deliverable(deliverability_audit("empresa.example"))

        @pytest.fixture
        def report():
            return dv.audit_domain("empresa.example")

        def test_in_a_fixture(report):
            pass

        @pytest.mark.deliverability(lang="es")
        def test_in_spanish():
            dv.audit_domain("empresa.example")

        @pytest.mark.deliverability(live=True)
        def test_allowed_by_its_marker():
            assert GUARD.refuse is None

        @pytest.mark.deliverability(live=False)
        def test_forbidden_by_its_marker():
            assert GUARD.refuse is not None

        def test_by_the_rest():
            assert GUARD.refuse is None
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=5, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_in_a_fixture*",
            "*test_by_the_library*",
            "Could not ask, because live questions are off in this test:",
            "  empresa.example TXT",
            HOW_TO_ALLOW,
            "*test_by_the_fixture*",
            "E *AssertionError: empresa.example: could not be told: *",
            "E *Could not ask, because live questions are off in this test:",
            "E *… and * more",
            "No se pudo consultar, porque las consultas reales están desactivadas en esta prueba:",
        ]
    )
    run(pytester, "--deliverability-live", "-k", "rest or marker").assert_outcomes(passed=3, deselected=5)
    run(pytester, "-o", "deliverability_live=true", "-k", "rest or marker").assert_outcomes(passed=3, deselected=5)


def test_answers_are_recorded_and_replayed(pytester: pytest.Pytester) -> None:
    """Recorded once from a server that then is gone. A test that asked nothing leaves no file; a zone goes first."""
    pytester.makepyfile(
        test_domains="""
        from deliverability.testing import assert_deliverable


        def test_domain(deliverability_audit):
            report = deliverability_audit("empresa.example")
            assert "SPF002" not in report.codes()
            assert_deliverable(report)

        def test_a_zone_over_it(dns_zone, deliverability_audit):
            dns_zone("_dmarc.empresa.example. IN SOA ns hostmaster 1 7200 3600 1209600 3600", origin="empresa.example")
            report = deliverability_audit("empresa.example")
            assert "DMARC001" in report.codes()
            assert "SPF002" not in report.codes()

        def test_with_the_recording_of_another(deliverability_audit):
            assert deliverability_audit("empresa.example", source="snapshots/test_domains/test_domain.json").codes()
        """
    )
    with FaultServer(RECORDED) as server:
        pytester.makefile(".toml", deliverability=f'nameservers = ["{server.address}"]')
        recorded = run(pytester, "--deliverability-record", "-k", "not another")
        assert server.queries() > 5
    replayed = run(pytester)

    recorded.assert_outcomes(passed=2, deselected=1)
    replayed.assert_outcomes(passed=3)
    files = sorted(path.name for path in (pytester.path / "snapshots" / "test_domains").iterdir())
    assert files == ["test_a_zone_over_it.json", "test_domain.json"]


def test_the_configuration_of_the_project_decides(pytester: pytest.Pytester) -> None:
    """The one at pytest's root folder, or the one that the settings name, or none; a mistake is one line."""
    pytester.makefile(".toml", deliverability='lang = "es"\nfail_on = "warning"\n')
    pytester.makefile(".toml", wrong='ignore = [{ code = "SPF999", reason = "x" }]\n')
    pytester.makepyfile(
        ZONE
        + """
from deliverability.testing import assert_deliverable


def test_domain(dns_zone):
    dns_zone(ZONE)
    assert_deliverable("empresa.example")
"""
    )
    found = run(pytester)
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(["E *AssertionError: empresa.example: problemas de gravedad `warning` o mayor: *"])
    run(pytester, "-o", "deliverability_config=none").assert_outcomes(passed=1)
    wrong = run(pytester, "-o", "deliverability_config=wrong.toml")
    wrong.assert_outcomes(failed=1)
    wrong.stdout.fnmatch_lines(["wrong.toml, line 1: ignore*: there is no rule *SPF999*"])
    wrong.stdout.no_fnmatch_line("*check_codes*")


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from deliverability.sources.guard import GUARD

        def test_nothing_stands_before_live_dns():
            assert GUARD.refuse is None

        def test_needs_it(dns_zone):
            pass
        """
    )
    result = run(pytester, "-p", "no:deliverability")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'dns_zone' not found"])


def test_help_and_markers_tell_of_it(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--help")
    result.stdout.fnmatch_lines(
        ["*--deliverability-live*", "*--deliverability-record*", "*deliverability_live (bool):*"]
    )
    result.stdout.fnmatch_lines(["*deliverability_config (string):*"])
    run(pytester, "--markers").stdout.fnmatch_lines(["@pytest.mark.deliverability(live=None, *"])


def test_async_tests_and_tests_side_by_side(pytester: pytest.Pytester) -> None:
    """pytest-xdist: each worker has the plug-in, its own servers and its own guard. anyio, which comes with httpx: its
    tests run inside a loop, fixtures and all."""
    pytester.makepyfile(
        ZONE
        + """
import asyncio
import smtplib

import pytest

import deliverability as dv
from deliverability.testing import assert_deliverable


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.anyio
async def test_audit(dns_zone, deliverability_audit):
    dns_zone(ZONE)
    assert_deliverable(deliverability_audit("empresa.example"))
    assert (await dv.audit_domain_async("empresa.example", source=dns_zone)).codes()


@pytest.mark.anyio
async def test_live():
    await dv.audit_domain_async("empresa.example")


def test_live_without_a_loop():
    dv.audit_domain("empresa.example")


@pytest.mark.anyio
@pytest.mark.parametrize("number", range(3))
async def test_mail_that_comes_later(number, smtp_sink):
    def send():
        with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as server:
            server.sendmail("a@empresa.example", ["b@cliente.example"], b"Subject: x\\r\\n\\r\\ny\\r\\n")

    waiting = asyncio.create_task(asyncio.to_thread(smtp_sink.wait_for, 1))
    await asyncio.to_thread(send)
    assert (await waiting)[0].mail_from == "a@empresa.example"
"""
    )
    result = run(pytester, "-n", "2")

    result.assert_outcomes(passed=4, failed=2)
    assert result.stdout.lines.count("Could not ask, because live questions are off in this test:") == 2


def test_the_billing_program_of_the_examples_and_the_tests_of_the_documents(tmp_path: Path) -> None:
    """All Python blocks of a page are one file of tests, in the folder of the billing program."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    folder = tmp_path / "examples" / "billing"
    for lang, page in (("en", "docs/how-to/pytest.md"), ("es", "docs/es/how-to/pytest.md")):
        blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
        (folder / f"test_page_{lang}.py").write_text("\n".join(blocks), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "tests", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "19 passed" in done.stdout
