"""Records in the forms that people have them in: octoDNS, pasted lists, exports of panels, and which is which."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import deliverability as dv
from deliverability.core.errors import MissingExtra, UnreadableFile
from deliverability.core.names import DomainName
from deliverability.core.questions import Answer, DnsQuestion, Failed, FailureKind, Found, MxRecord, NoData, NoName
from deliverability.sources import octodns
from deliverability.sources.octodns import read_octodns
from deliverability.sources.record_files import read_record_file
from deliverability.sources.record_list import read_list

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = DomainName("empresa.example")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def ask(source: dv.ZoneSource, name: str, record_type: str) -> Answer:
    return source.answer(DnsQuestion(DomainName(name), record_type))  # type: ignore[arg-type]


def txt(answer: Answer) -> list[str]:
    assert isinstance(answer, Found), answer
    return [b"".join(record).decode() for record in answer.records]  # type: ignore[arg-type]


# octoDNS

DIGEST = "0f" * 32
CONFIGURATION = """
---
? ''
: - type: MX
    ttl: 300
    values:
    - {exchange: mx1.empresa.example., preference: 10}
    - {value: mx2.proveedor.example., priority: 20}
  - type: TXT
    values:
    - v=spf1 mx include:_spf.proveedor.example -all
    - 'site-verification=a\\;b'
  - {type: CAA, value: {flags: 0, tag: issue, value: ca.example}}
_dmarc: {type: TXT, value: 'v=DMARC1\\; p=reject\\; rua=mailto:dmarc@empresa.example'}
'*.hojas': {type: A, values: [192.0.2.7, 192.0.2.8]}
_25._tcp.mx1:
  type: TLSA
  value: {certificate_usage: 3, selector: 1, matching_type: 1, certificate_association_data: "DIGEST"}
mx1:
- {type: A, value: 192.0.2.10}
- {type: AAAA, value: '2001:db8::10'}
sub: {type: NS, values: [ns1.otro.example., ns2.otro.example.]}
tienda: {type: ALIAS, value: tiendas.example.}
www: {type: CNAME, ttl: 60, value: empresa.example.}
huella: {type: SSHFP, value: {algorithm: 1, fingerprint_type: 1, fingerprint: aa}}
""".replace("DIGEST", DIGEST)
ZONE = """
@ 300 IN MX 10 mx1
@ 300 IN MX 20 mx2.proveedor.example.
@ TXT "v=spf1 mx include:_spf.proveedor.example -all"
@ TXT "site-verification=a;b"
@ CAA 0 issue "ca.example"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example"
*.hojas A 192.0.2.7
*.hojas A 192.0.2.8
_25._tcp.mx1 TLSA 3 1 1 DIGEST
mx1 A 192.0.2.10
mx1 AAAA 2001:db8::10
sub NS ns1.otro.example.
sub NS ns2.otro.example.
www 60 CNAME @
tienda HINFO "a" "b"
huella HINFO "a" "b"
""".replace("DIGEST", DIGEST)
SOA = "@ SOA ns1.proveedor.example. hostmaster.proveedor.example. 1 7200 900 1209600 3600\n"
ASKED = [
    *((DOMAIN, kind) for kind in ("MX", "TXT", "A", "AAAA", "CNAME")),
    ("_dmarc.empresa.example", "TXT"),
    ("x.hojas.empresa.example", "A"),
    ("x.hojas.empresa.example", "TXT"),
    ("_25._tcp.mx1.empresa.example", "TLSA"),
    ("mx1.empresa.example", "A"),
    ("mx1.empresa.example", "AAAA"),
    ("www.empresa.example", "TXT"),
    ("sub.empresa.example", "NS"),
    ("x.sub.empresa.example", "TXT"),
    ("nada.empresa.example", "TXT"),
    ("hojas.empresa.example", "TXT"),
    ("otro.example", "TXT"),
]


@pytest.mark.parametrize(("name", "kind"), ASKED)
def test_octodns_answers_like_the_zone_file(tmp_path: Path, name: str, kind: str) -> None:
    configuration = dv.ZoneSource.from_file(written(tmp_path, "empresa.example.yaml", CONFIGURATION))
    zone = dv.ZoneSource.from_text(SOA + ZONE, DOMAIN)

    assert ask(configuration, name, kind) == ask(zone, name, kind)


def test_a_whole_audit_of_octodns_is_that_of_the_zone_file(tmp_path: Path) -> None:
    """The example company's mended zone in octoDNS: laid over its world, the audits do not differ."""
    folder = ROOT / "examples/after"
    name = "talleres-soler.example"
    path = written(tmp_path, f"{name}.yaml", _as_octodns(folder / f"{name}.zone", name))
    world = dv.ZoneSource.from_file(*sorted((ROOT / "examples/before").glob("*.zone")), folder / "example.zone")
    profile = dv.Profile.load(folder / "deliverability.toml")
    one, other = (
        dv.audit_domain(name, source=dv.Overlay(dv.ZoneSource.from_file(file), world), profile=profile)
        for file in (path, folder / f"{name}.zone")
    )
    assert dv.compare(one, other).is_empty
    assert one.codes() == other.codes()


def _as_octodns(path: Path, apex: str) -> str:
    """A zone file as octoDNS would have it."""
    names: dict[str, list[dict[str, Any]]] = {}
    for record in read_record_file(path).records:
        kind = record.rdata.rdtype.name
        if kind == "SOA":
            continue
        name = record.owner.removesuffix(apex).removesuffix(".")
        text = record.rdata.to_text()
        value: Any = text
        if kind == "TXT":
            value = b"".join(record.rdata.strings).decode().replace(";", "\\;")
        elif kind == "MX":
            preference, exchange = text.split()
            value = {"preference": int(preference), "exchange": exchange}
        same = next((entry for entry in names.get(name, []) if entry["type"] == kind), None)
        if same is None:
            names.setdefault(name, []).append({"type": kind, "ttl": record.ttl, "values": [value]})
        else:
            same["values"].append(value)
    return str(yaml.safe_dump(names))


def test_what_octodns_leaves_to_the_provider_is_asked_below(tmp_path: Path) -> None:
    source = dv.ZoneSource.from_file(written(tmp_path, "empresa.example.yml", CONFIGURATION))

    for name, kind in ((DOMAIN, "SOA"), (DOMAIN, "NS"), ("tienda.empresa.example", "A")):
        answer = ask(source, name, kind)
        assert isinstance(answer, Failed)
        assert answer.kind is FailureKind.OFFLINE
    assert isinstance(ask(source, "tienda.empresa.example", "TXT"), NoData)
    assert source.apexes == (DOMAIN,)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
)
MERGES = "a: &a {k: v}\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [{', '.join(['*' + chr(97 + n)] * 9)}]}}\n" for n in range(12)
)
WIDE = "a: &a [" + "x, " * 2_000 + "x]\n" + "".join(f"b{n}: *a\n" for n in range(2_000))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAUGHS, "an alias within an anchor"),
        (MERGES, "an alias within an anchor"),
        (WIDE, "too large or too deep"),
        ("[" * 5_000, "too large or too deep"),
        ("a: " + "{a: " * 5_000, "too large or too deep"),
        ("a: !!python/object/apply:os.system [id]", "no YAML"),
        ("a: [1, 2", "no YAML"),
        ("a: {type: TXT, value: x}\na: {type: TXT, value: y}", 'line 2: "a" is there twice'),
        ("a: {type: TXT, type: A, value: x}", "is there twice"),
        ("- 1", "it is no table of names"),
        ("a: 7", "a record is a table"),
        ("a: {value: x}", "it has no type"),
        ("a: {type: TXT}", "it has no value"),
        ("a: {type: A, value: 999.1.1.1}", "is no address"),
        ("a: {type: A, value: true}", "write it in quotes"),
        ("a: {type: MX, value: mx.example.}", "is a table"),
        ("a: {type: MX, value: {exchange: mx.example.}}", "preference is missing"),
        ("a: {type: MX, value: {exchange: mx.example., preference: x}}", "is no value of MX"),
        ("a: {type: TXT, ttl: 1e9, value: x}", "no number of seconds"),
        ("a: {type: TXT, ttl: -1, value: x}", "no number of seconds"),
        ("a: " + "9" * 5_000, "no YAML"),
        ("a..b: {type: TXT, value: x}", "is no name that DNS can hold"),
        ("a: {type: CNAME, value: 'x y'}", "is no value of CNAME"),
        ("a: {type: A, value: 2024-01-01}", "write it in quotes"),
        ('"\\e[31m": {type: A, value: 1}', "no address"),
        ("\x00", "no YAML"),
        ("a: {type: TXT, ttl: 0x" + "f" * 50_000 + ", value: x}", "line 1: a number of 50002 characters"),
        ("a: {type: TXT, value: 0x" + "f" * 50_000 + "}", "write a text in quotes"),
        ("a: {type: [0x" + "f" * 50_000 + "], value: x}", "a number of"),
        ("0x" + "f" * 1_000 + ": {type: TXT, value: x}", "a number of"),
        ("a: {type: TXT, value: 1" + ":1" * 500_000 + "}", "a number of 1000001 characters"),
        ("a: {type: TXT, value: !!int 1" + ":1" * 500_000 + "}", "a number of"),
        ("a: !!bool other", "none of its tag"),
        ("a: !!timestamp other", "none of its tag"),
        ("a: !!int ''", "none of its tag"),
        ("a: !!float ''", "none of its tag"),
        ("no: {type: TXT, value: x}", 'line 1: "no" is no text in YAML; write it in quotes'),
        ("1.10: {type: PTR, value: a.example.}", '"1.10" is no text'),
        ("010: {type: TXT, value: x}", '"010" is no text'),
        ("2026-01-01: {type: TXT, value: x}", '"2026-01-01" is no text'),
        ("a: {type: TXT, value: 1.10}", "write it in quotes"),
        (f"a: &a {{type: TXT, value: '{'x' * 60_000}'}}\n" + "".join(f"b{n}: *a\n" for n in range(2_000)), "too large"),
        (f"a: {{type: TXT, value: &a '{'x' * 60_000}'}}\nb: {{type: TXT, values: [{'*a, ' * 999}]}}", "too large"),
    ],
)
def test_a_wrong_configuration_is_one_line(text: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_octodns(text, DOMAIN, "zona.yaml")
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert "\x1b" not in str(error.value)


def test_numbers_and_quoted_words_are_names() -> None:
    text = "10: {type: TXT, value: x}\n'no': {type: TXT, value: x}\n'1.10': {type: TXT, value: 20260101}\n"

    owners = [record.owner for record in read_octodns(text, DOMAIN, "zona.yaml").records]
    assert owners == ["10.empresa.example", "no.empresa.example", "1.10.empresa.example"]


def test_aliases_within_bounds_are_fine() -> None:
    text = "a: &r {type: TXT, value: same}\nb: *r\nc: {<<: *r, ttl: 60}\n"

    records = read_octodns(text, DOMAIN, "zona.yaml").records
    assert [(record.owner, record.ttl) for record in records] == [
        ("a.empresa.example", 3600),
        ("b.empresa.example", 3600),
        ("c.empresa.example", 60),
    ]


def test_without_pyyaml_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    with pytest.raises(MissingExtra, match=r"deliverability\[octodns\]"):
        read_octodns("a: {type: TXT, value: x}", DOMAIN, "zona.yaml")


def test_its_domain_is_that_of_its_name() -> None:
    with pytest.raises(UnreadableFile, match="name the file after it"):
        read_octodns("a: {type: TXT, value: x}", None, "zona.yaml")


def test_the_pure_loader_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read_octodns(CONFIGURATION, DOMAIN, "zona.yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    assert read_octodns(CONFIGURATION, DOMAIN, "zona.yaml").records == fast.records
    for text in (LAUGHS, "[" * 5_000):
        with pytest.raises(UnreadableFile):
            read_octodns(text, DOMAIN, "zona.yaml")


@given(
    st.text(max_size=60)
    | st.builds("a: {{type: {}, value: {}}}".format, st.sampled_from(["A", "MX", "TXT"]), st.text(max_size=9))
)
def test_any_text_is_a_configuration_or_unreadable(text: str) -> None:
    assert _one_line(lambda: read_octodns(text, DOMAIN, "zona.yaml"))


def _one_line(read: Any) -> bool:
    try:
        read()
    except UnreadableFile as error:
        return "\n" not in str(error)
    return True


# Plain lists

LIST = """
# The change of Monday
; both are comments

empresa.example                TXT  v=spf1 include:_spf.proveedor.example -all
_dmarc.empresa.example.   300  IN TXT  v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example
s1._domainkey                  IN 600 TXT  "v=DKIM1; k=rsa; " "p=AAAA"
@                              MX   10 mx1.empresa.example
@                              MX   20 mx2.proveedor.example.
viejo._domainkey               TXT  -
antiguo                        *    -
guion                          TXT  "-"
"""


def the_list(text: str = LIST) -> dv.ZoneSource:
    return dv.ZoneSource(read_list(text, DOMAIN, "cambio.list"))


def test_a_list_needs_no_quotes_and_no_dots() -> None:
    source = the_list()

    assert txt(ask(source, DOMAIN, "TXT")) == ["v=spf1 include:_spf.proveedor.example -all"]
    dmarc = ask(source, "_dmarc.empresa.example", "TXT")
    assert txt(dmarc) == ["v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example"]
    assert isinstance(dmarc, Found)
    assert dmarc.ttl == 300
    assert txt(ask(source, "s1._domainkey.empresa.example", "TXT")) == ["v=DKIM1; k=rsa; p=AAAA"]
    mx = ask(source, DOMAIN, "MX")
    assert isinstance(mx, Found)
    assert set(mx.records) == {
        MxRecord(10, DomainName("mx1.empresa.example")),
        MxRecord(20, DomainName("mx2.proveedor.example")),
    }
    assert txt(ask(source, "guion.empresa.example", "TXT")) == ["-"]


def test_escapes_in_quotes_are_octets() -> None:
    """As in a zone file (RFC 1035 §5.1): `\\195\\177` is ñ in UTF-8, not two characters."""
    source = the_list('a TXT "ma\\195\\177ana \\"\\;\\255 ñ"\n')

    answer = ask(source, "a.empresa.example", "TXT")
    assert isinstance(answer, Found)
    assert answer.records == ((b'ma\xc3\xb1ana ";\xff \xc3\xb1',),)


def test_a_list_says_what_is_gone_and_nothing_of_the_rest() -> None:
    source = the_list()

    assert isinstance(ask(source, "viejo._domainkey.empresa.example", "TXT"), NoData)
    assert isinstance(ask(source, "viejo._domainkey.empresa.example", "A"), Failed)
    assert isinstance(ask(source, "antiguo.empresa.example", "TXT"), NoName)
    assert isinstance(ask(source, "antiguo.empresa.example", "MX"), NoName)
    assert isinstance(ask(source, DOMAIN, "A"), Failed)
    assert isinstance(ask(source, "otro.empresa.example", "TXT"), Failed), "never NXDOMAIN"


def test_what_is_gone_is_gone_over_the_world() -> None:
    below = dv.TableSource(
        {
            "viejo._domainkey.empresa.example/TXT": ["v=DKIM1; p=AAAA"],
            "antiguo.empresa.example/TXT": ["x"],
            "empresa.example/A": ["192.0.2.1"],
        }
    )
    over = dv.Overlay(the_list(), below)

    def answer(name: str, kind: str) -> Answer:
        return over.answer(DnsQuestion(DomainName(name), kind))  # type: ignore[arg-type]

    assert isinstance(answer("viejo._domainkey.empresa.example", "TXT"), NoData)
    assert isinstance(answer("antiguo.empresa.example", "TXT"), NoName)
    assert isinstance(answer("empresa.example", "A"), Found)


SPF = "v=spf1 include:_spf.proveedor.example -all"
DMARC = "v=DMARC1; p=reject; rua=mailto:dmarc@empresa.example"
EXPORTS = {
    "english.csv": f"Name,Type,TTL,Priority,Value\n@,TXT,Auto,,{SPF}\n_dmarc,TXT,300,,{DMARC}\n@,MX,3600,10,mx1.empresa.example\n",
    "spanish.csv": f'Nombre;Tipo;Contenido;Prioridad\n@;TXT;{SPF};\n_dmarc;TXT;"{DMARC}";\n@;MX;mx1.empresa.example;10\n',
    "last.csv": f"Nombre;Tipo;TTL;Valor\n;TXT;3600;{SPF}\n_dmarc;TXT;3600;{DMARC}\n;MX;3600;10 mx1.empresa.example.\n",
    "bare.csv": f"empresa.example,TXT,{SPF}\n_dmarc.empresa.example,TXT,{DMARC}\nempresa.example,MX,10 mx1.empresa.example\n",
    "tabs.tsv": f'empresa.example.\t3600\tTXT\t"{SPF}"\n_dmarc.empresa.example.\t3600\tTXT\t"{DMARC}"\n'
    "empresa.example.\t3600\tMX\t10 mx1.empresa.example.\n",
    "panel.json": json.dumps(
        {
            "result": [
                {"type": "TXT", "name": "empresa.example", "content": f'"{SPF}"', "ttl": 1},
                {"type": "TXT", "name": "_dmarc.empresa.example", "content": DMARC, "proxied": False},
                {"type": "MX", "name": "empresa.example", "content": "mx1.empresa.example", "priority": 10},
                {"type": "HTTPS", "name": "empresa.example", "content": "1 ."},
            ]
        }
    ),
    "plain.json": json.dumps(
        [
            {"name": "@", "type": "txt", "value": SPF},
            {"name": "_dmarc", "type": "TXT", "records": [DMARC]},
            {"name": "@", "type": "MX", "records": [{"content": "10 mx1.empresa.example."}]},
        ]
    ),
    "paste.txt": f"empresa.example TXT {SPF}\n_dmarc.empresa.example TXT {DMARC}\nempresa.example MX 10 mx1.empresa.example\n",
    "zone.txt": f'$ORIGIN empresa.example.\n@ TXT "{SPF}"\n_dmarc TXT "{DMARC}"\n@ MX 10 mx1\n',
    "pasted.zone": f'@ TXT "{SPF}"\n_dmarc TXT "{DMARC}"\n@ MX 10 mx1\n',
}


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_says_the_same(tmp_path: Path, name: str) -> None:
    source = dv.ZoneSource.from_file(written(tmp_path, name, EXPORTS[name]), origin=DOMAIN)

    assert txt(ask(source, DOMAIN, "TXT")) == [SPF]
    assert txt(ask(source, "_dmarc.empresa.example", "TXT")) == [DMARC]
    mx = ask(source, DOMAIN, "MX")
    assert isinstance(mx, Found)
    assert mx.records == (MxRecord(10, DomainName("mx1.empresa.example")),)
    assert isinstance(ask(source, "nada.empresa.example", "TXT"), Failed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("empresa.example TXT", "line 1: a record is a name, a type and a value"),
        ("\nempresa.example MX mx", "line 2: "),
        ("empresa.example A 999.1.1.1", "is no address"),
        ("empresa.example ** -", "is no record type"),
        ("empresa.example * 192.0.2.1", "goes with the value - only"),
        ("a..b TXT x", "is no name that DNS can hold"),
        ('[{"name": "a"}]x', "line 1: no JSON"),
        ("[1]", "record 1: a record is an object"),
        ('{"a": 1}', "no list of records"),
        ('[{"name": "a", "type": "TXT", "value": {"x": 1}}]', "is no value"),
        ("[" * 50_000, "no JSON"),
        ("a,TXT\n", "line 1: a record is"),
        ("name,type,value\na,TXT,\n", "the value is missing"),
        ("name,type,value\na,,x\n", "the type is missing"),
        ("TXT,a,b\n", "which column is what"),
    ],
)
def test_a_wrong_list_is_one_line(text: str, words: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_list(text, DOMAIN, "cambio.csv")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_relative_names_need_a_domain() -> None:
    with pytest.raises(UnreadableFile, match="not known of which domain"):
        read_list("www A 192.0.2.1", None, "cambio.list")
    assert read_list("www.empresa.example A 192.0.2.1", None, "x")[0].owner == "www.empresa.example"


@given(st.text(max_size=80))
def test_any_text_is_a_list_or_unreadable(text: str) -> None:
    assert _one_line(lambda: read_list(text, DOMAIN, "cambio.list"))


@given(st.text(st.characters(codec="utf-8"), max_size=600))
def test_a_text_survives_whatever_it_holds(text: str) -> None:
    records = read_octodns(yaml.safe_dump({"a": {"type": "TXT", "value": text}}), DOMAIN, "x.yaml").records

    assert b"".join(records[0].rdata.strings).decode() == text.replace("\\;", ";")


def test_the_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(octodns, "MAX_EVENTS", 50)
    with pytest.raises(UnreadableFile, match="too large"):
        read_octodns(CONFIGURATION, DOMAIN, "x.yaml")
