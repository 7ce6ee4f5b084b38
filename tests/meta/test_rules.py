"""Every rule is complete, says the same in both languages, and rests on something that exists."""

from __future__ import annotations

import ast
import inspect
import re
import string
import textwrap
import tomllib
from functools import cache
from pathlib import Path

import pytest

from deliverability.core.finding import Basis, Severity
from deliverability.core.rule import Rule
from deliverability.core.text import LANGS, Text
from deliverability.registry import RULES, rule
from tests.support.shared import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases"

#: Which folder holds a family of codes.
FOLDERS = {
    "ARC": "arc",
    "BL": "dnsbl",
    "BNC": "feedback",
    "BODY": "content",
    "DKIM": "dkim",
    "DMARC": "dmarc",
    "DNS": "hosts",
    "HDR": "headers",
    "INV": "invoices",
    "MIME": "content",
    "MX": "hosts",
    "PROV": "providers",
    "SPF": "spf",
    "SUBJ": "subjects",
    "TLS": "headers",
    "UNS": "content",
}
TEXTS = ("label", "title", "why", "fix")
#: Characters a text may have in either language.
LENGTHS = {"label": (4, 60), "title": (10, 170), "why": (40, 700), "fix": (20, 900)}

REFERENCE = re.compile(r"(RFC \d{3,5}) (§|Appendix )([A-Z]?\.?\d*(?:\.\d+)*)")
#: Spanish that speaks to a friend: texts say usted.
_ALWAYS_TU = re.compile(
    r"\b(?:tu|tus|ti|contigo|tuyo|tuya|debes|puedes|tienes|quieres|necesitas|eres|añádelo|publícalo)\b", re.IGNORECASE
)
#: Imperatives to a friend that are also the third person ("el receptor publica"): wrong where a sentence begins.
_FRIENDLY_IMPERATIVE = re.compile(
    r"(?:^|[.:;!?]\s+|\n\s*)(?:añade|publica|elimina|borra|cambia|usa|pide|pon|haz|quita|revisa|comprueba|configura|deja"
    r"|corrige|sustituye|crea|escribe|activa|pregunta)\b",
    re.IGNORECASE,
)

every_rule = pytest.mark.parametrize("entry", RULES, ids=lambda entry: entry.code)


def _texts(entry: Rule) -> list[tuple[str, Text]]:
    return [(name, getattr(entry, name)) for name in TEXTS]


def _placeholders(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    }


def test_there_are_rules_of_every_family() -> None:
    assert {_family(entry) for entry in RULES} <= set(FOLDERS)


def test_codes_and_names_are_unique_and_sorted() -> None:
    codes = [entry.code for entry in RULES]

    assert codes == sorted(set(codes))
    assert len({entry.name for entry in RULES}) == len(RULES)


@every_rule
def test_code_and_name_are_well_formed(entry: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{2,6}\d{3}", entry.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", entry.name)
    assert rule(entry.code) is entry
    assert rule(entry.name) is entry


def _family(entry: Rule) -> str:
    return entry.code.rstrip("0123456789")


@every_rule
def test_code_fits_its_folder(entry: Rule) -> None:
    for check in entry.checks:
        assert check.__module__.split(".")[1] == FOLDERS[_family(entry)]


@every_rule
def test_a_function_decides(entry: Rule) -> None:
    assert entry.checks


@every_rule
def test_both_languages_are_there_and_differ(entry: Rule) -> None:
    for name, text in _texts(entry):
        assert text.en.strip(), name
        assert text.es.strip(), name
        assert text.en != text.es or (name == "label" and len(text.en.split()) <= 2), name


@every_rule
def test_both_languages_use_the_same_placeholders(entry: Rule) -> None:
    for name, text in _texts(entry):
        assert _placeholders(text.en) == _placeholders(text.es), name
        assert all(part.isidentifier() for part in _placeholders(text.en)), name


@every_rule
def test_label_has_no_placeholder(entry: Rule) -> None:
    assert not _placeholders(entry.label.en)


@every_rule
def test_lengths_are_sane(entry: Rule) -> None:
    for name, text in _texts(entry):
        low, high = LENGTHS[name]
        for lang in LANGS:
            assert low <= len(getattr(text, lang)) <= high, f"{name} {lang}: {len(getattr(text, lang))}"


@every_rule
def test_sentences_end_like_sentences(entry: Rule) -> None:
    for name in ("why", "fix"):
        text: Text = getattr(entry, name)
        for lang in LANGS:
            assert getattr(text, lang).rstrip().endswith((".", "`", "}", ")", ":", "»", "”")), f"{name} {lang}"
    assert not entry.label.en.endswith(".")
    assert not entry.title.en.endswith(".")
    assert not entry.title.es.endswith(".")


@every_rule
def test_spanish_speaks_to_usted(entry: Rule) -> None:
    for name, text in _texts(entry):
        found = _ALWAYS_TU.search(text.es) or (_FRIENDLY_IMPERATIVE.search(text.es) if name in ("why", "fix") else None)
        assert found is None, f"{name}: {found}"


@every_rule
def test_spanish_opens_its_questions_and_exclamations(entry: Rule) -> None:
    for name, text in _texts(entry):
        prose = re.sub(r"`[^`]*`|«[^»]*»|\{[^}]*\}|[?+~-]all\b", "", text.es)
        assert prose.count("?") == prose.count("¿"), name
        assert prose.count("!") == prose.count("¡"), name


@every_rule
def test_texts_hold_no_paths_of_a_machine(entry: Rule) -> None:
    for name, text in _texts(entry):
        for lang in LANGS:
            assert not re.search(r"(?<![\w.:/])/(?:home|root|usr|etc|tmp|var|work|opt)/", getattr(text, lang)), name


@every_rule
def test_an_error_cites_a_standard_or_a_provider(entry: Rule) -> None:
    assert entry.references
    if entry.severity is Severity.ERROR:
        assert any(REFERENCE.match(cited) or re.search(r"\b20\d\d\b", cited) for cited in entry.references)


@every_rule
def test_references_have_one_form(entry: Rule) -> None:
    for cited in entry.references:
        if cited.startswith("RFC"):
            assert REFERENCE.fullmatch(cited) or re.fullmatch(r"RFC \d{3,5}", cited), cited
        else:
            assert re.search(r"\b(19|20)\d\d\b", cited), f"{cited}: a document that is no RFC carries its date"


@cache
def _rfc_text(number: str) -> str | None:
    if SHARED is None:
        return None
    path = SHARED / "rfc" / f"rfc{number}.txt"
    if number == "9989" and not path.exists():  # published after these texts were collected: its last draft
        path = SHARED / "rfc" / "draft-ietf-dmarc-dmarcbis-41.txt"
    return path.read_text("utf-8", "replace") if path.exists() else None


@needs_shared("rfc")
@every_rule
def test_cited_sections_exist(entry: Rule) -> None:
    for cited in entry.references:
        matched = REFERENCE.fullmatch(cited)
        text = _rfc_text(matched[1].split()[1]) if matched else None
        if matched is None or text is None:
            continue
        section = re.escape(matched[3].rstrip("."))
        heading = rf"^\s*(?:Appendix )?{section}\.?(?:\s|$)"
        assert re.search(heading, text, re.MULTILINE), f"{cited}: no such section"


@every_rule
def test_basis_is_lived_up_to(entry: Rule) -> None:
    if entry.basis is Basis.OPINION:
        assert entry.severity is Severity.INFO
    if entry.basis is Basis.FILTER:
        assert entry.filter_points > 0
    if entry.basis is Basis.STANDARD:
        assert any(cited.startswith(("RFC", "draft-")) for cited in entry.references)


@every_rule
def test_causes_are_rules(entry: Rule) -> None:
    known = {other.code for other in RULES}

    assert set(entry.consequence_of) <= known - {entry.code}
    assert entry.cap is None or 0 <= entry.cap <= 100


def test_no_rule_is_its_own_cause_by_a_detour() -> None:
    causes = {entry.code: set(entry.consequence_of) for entry in RULES}
    for code in causes:
        above, todo = set[str](), [code]
        while todo:
            for cause in causes.get(todo.pop(), set()) - above:
                above.add(cause)
                todo.append(cause)
        assert code not in above, code


@every_rule
def test_cases_fire_and_stay_silent(entry: Rule) -> None:
    path = CASES / f"{entry.code}.toml"
    assert path.exists(), f"tests/cases/{entry.code}.toml is missing"
    cases = tomllib.loads(path.read_text("utf-8"))["case"]

    assert any(entry.code in case.get("must", ()) for case in cases)
    assert any(entry.code in case.get("must_not", ()) for case in cases)


def test_no_case_file_without_its_rule() -> None:
    assert {path.stem for path in CASES.glob("*.toml")} <= {entry.code for entry in RULES}


@needs_shared("rules.md")
@every_rule
def test_code_is_in_the_inventory(entry: Rule) -> None:
    assert SHARED is not None
    inventory = (SHARED / "rules.md").read_text("utf-8")

    assert re.search(rf"^\| {entry.code} \|", inventory, re.MULTILINE)


@every_rule
def test_placeholders_are_given_where_a_finding_is_made(entry: Rule) -> None:
    """Reads the source: each `RULE.found(…)` that writes its arguments out names every placeholder of the texts."""
    wanted = set[str]().union(*(_placeholders(text.en) for _, text in _texts(entry)))
    for call in _found_calls(entry):
        keywords = {word.arg for word in call.keywords}
        if None in keywords:  # **args: only running it can tell, and the cases do
            continue
        assert wanted <= keywords, f"line {call.lineno}: {sorted(wanted - {w for w in keywords if w})}"


def _found_calls(entry: Rule) -> list[ast.Call]:
    calls: list[ast.Call] = []
    for check in entry.checks:
        module = inspect.getmodule(check)
        constant = next((name for name, value in vars(module).items() if value is entry), "")
        tree = ast.parse(textwrap.dedent(inspect.getsource(check)))
        calls += [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_found(node, constant)]
    return calls


def _is_found(node: ast.Call, constant: str) -> bool:
    function = node.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "found"
        and isinstance(function.value, ast.Name)
        and function.value.id == constant
    )
