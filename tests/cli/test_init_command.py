"""`deliverability init`: what it writes is valid, honest about guesses, and destroys nothing."""

from __future__ import annotations

import io
import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deliverability.audits.proposal import Guess, KnownKey, Origin, Proposal, proposal_plan
from deliverability.cli import main
from deliverability.cli.configuration import GUESS, configuration, string
from deliverability.core.names import DomainName
from deliverability.core.plan import solve
from deliverability.core.profile import Profile
from deliverability.core.text import LANGS, Lang
from deliverability.sources.table import TableSource
from tests.support.inert import harmful
from tests.support.signing import key_record

TODAY = date(2026, 11, 22)
DOMAIN = DomainName("empresa.example")


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for key in [k for k in os.environ if k.startswith("DELIVERABILITY_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("LANG", "C.UTF-8")


def world(**more: Any) -> dict[str, Any]:
    return {
        "empresa.example/TXT": ["v=spf1 ip4:192.0.2.25 ip4:198.51.100.0/24 include:_spf.google.com ~all"],
        "empresa.example/MX": ["1 smtp.google.com"],
        "_spf.google.com/TXT": ["v=spf1 ip4:203.0.113.0/24 ~all"],
        "google._domainkey.empresa.example/TXT": [key_record()],
        "25.2.0.192.in-addr.arpa/PTR": ["mail.empresa.example"],
        **more,
    }


def proposal(answers: dict[str, Any]) -> Proposal:
    return solve(proposal_plan(DOMAIN), TableSource(answers))


def written(one: Proposal, lang: Lang = "en", prefix: str = "") -> str:
    return configuration([one], lang=lang, today=TODAY, prefix=prefix)


def without_marks(text: str) -> str:
    return "".join(line.removeprefix(GUESS) for line in text.splitlines(keepends=True))


def test_what_dns_knows() -> None:
    one = proposal(world())

    assert [(key.selector, key.key_type) for key in one.selectors] == [("google", "rsa")]
    assert one.ips == Guess(("192.0.2.25",), Origin.SPF, ("ip4:192.0.2.25",))
    assert one.networks == ("ip4:198.51.100.0/24",)
    assert one.helo == Guess(("mail.empresa.example",), Origin.PTR, ("192.0.2.25",))
    assert [found.provider.id for found in one.providers] == ["google"]
    assert one.mailboxes.startswith("Google")
    assert one.smtp_host is not None
    assert one.keys_told
    assert one.unanswered == ()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("prefix", ["", "tool.deliverability"])
def test_the_file_is_a_profile_with_and_without_its_guesses(lang: Lang, prefix: str, tmp_path: Path) -> None:
    text = written(proposal(world()), lang, prefix)
    path = tmp_path / ("pyproject.toml" if prefix else "deliverability.toml")

    path.write_text(text, "utf-8")
    profile = Profile.load(path)
    assert profile.domains == (DOMAIN,)
    assert profile.lang == lang
    sending = profile.sending_for(DOMAIN)
    assert sending.selectors == ("google",), "a key that is there is no guess"
    assert (sending.ips, sending.helo, sending.providers, sending.human_mailboxes) == ((), None, (), None)

    path.write_text(without_marks(text), "utf-8")
    sending = Profile.load(path).sending_for(DOMAIN)
    assert [str(ip) for ip in sending.ips] == ["192.0.2.25"]
    assert (sending.helo, sending.human_mailboxes) == ("mail.empresa.example", True)
    assert all(len(line) <= 100 for line in text.splitlines())


def test_addresses_of_a_provider_are_not_proposed_as_ones_own() -> None:
    answers = world(**{"empresa.example/TXT": ["v=spf1 mx ~all"], "smtp.google.com/A": ["203.0.113.9"]})
    assert proposal(answers).ips is None
    own = {"empresa.example/TXT": ["v=spf1 mx ~all"], "empresa.example/MX": ["1 mx.empresa.example"]}
    assert proposal(world(**own, **{"mx.empresa.example/A": ["192.0.2.7"]})).ips == Guess(
        ("192.0.2.7",), Origin.SPF, ("mx",)
    )
    silent = {**own, "empresa.example/TXT": [], "mx.empresa.example/A": ["192.0.2.7"]}
    assert proposal(world(**silent)).ips == Guess(("192.0.2.7",), Origin.MX, ("mx.empresa.example",))


def test_a_wildcard_and_a_revoked_key_are_no_selectors() -> None:
    wildcard = world(**{"*._domainkey.empresa.example/TXT": [key_record()]})
    wildcard["google._domainkey.empresa.example/TXT"] = ["v=DKIM1; p="]
    assert proposal(wildcard).selectors == ()


def test_a_parked_domain(tmp_path: Path) -> None:
    one = proposal({"empresa.example/TXT": ["v=spf1 -all"], "empresa.example/MX": ["0 ."]})
    assert one.parked
    text = written(one)
    assert "#? sends = false" in text
    assert "daily_volume" not in text


def test_what_could_not_be_asked_is_not_told_as_missing() -> None:
    one = proposal(
        world(
            **{
                "google._domainkey.empresa.example/TXT": {"fault": "timeout"},
                "empresa.example/TXT": {"fault": "servfail"},
            }
        )
    )
    text = written(one)
    assert "DNS gave no answer to: empresa.example TXT" in text
    assert "No DKIM key was found" not in text


HOSTILE = ['a"b', "a\\b", "a\nb = 1", "\x1b[31m", "\u202e", "\ud800", '"""', "\U0001f600", "\x7f\x85\u2028", "[x]"]


@pytest.mark.parametrize("outside", HOSTILE)
def test_hostile_texts_stay_where_they_belong(outside: str, tmp_path: Path) -> None:
    one = Proposal(
        DOMAIN,
        selectors=(KnownKey(outside, outside, 2048),),
        ips=Guess(("192.0.2.1",), Origin.SPF, (outside,)),
        networks=(outside,),
        helo=Guess((outside,), Origin.PTR, (outside,)),
        smtp_host=Guess((outside,), Origin.PROVIDER, (outside,)),
        mailboxes=outside,
        unanswered=(outside,),
    )
    plain = Proposal(
        DOMAIN,
        selectors=(KnownKey("s", "rsa", 2048),),
        ips=Guess(("192.0.2.1",), Origin.SPF, ("x",)),
        networks=("x",),
        helo=Guess(("x",), Origin.PTR, ("x",)),
        smtp_host=Guess(("x",), Origin.PROVIDER, ("x",)),
        mailboxes="x",
        unanswered=("x",),
    )
    text = written(one)
    assert not harmful(text)
    for change in (lambda said: said, without_marks):
        found, usual = (tomllib.loads(change(said)) for said in (text, written(plain)))
        assert found["domain"][DOMAIN].keys() == usual["domain"][DOMAIN].keys()
        assert found.keys() == usual.keys()
    (tmp_path / "deliverability.toml").write_text(text, "utf-8")
    kept = outside.replace("\ud800", "\ufffd")
    assert Profile.load(tmp_path / "deliverability.toml").sending_for(DOMAIN).selectors == (kept,)


@given(st.text())
def test_a_string_comes_back_as_it_was(text: str) -> None:
    expected = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert tomllib.loads(f"a = {string(text)}")["a"] == expected


# The command


def init(*arguments: str) -> int:
    return main(["init", *arguments, "--offline", "--zone", "z.zone"])


@pytest.fixture(autouse=True)
def _zone(tmp_path: Path) -> None:
    (tmp_path / "z.zone").write_text(
        '$ORIGIN empresa.example.\n$TTL 60\n@ IN TXT "v=spf1 ip4:192.0.2.25 -all"\n@ IN MX 10 mail\nmail IN A 192.0.2.25\n'
    )


def test_what_it_writes_can_be_audited(capsys: pytest.CaptureFixture[str]) -> None:
    assert init("empresa.example") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "deliverability audit" in err
    assert main(["audit", "--offline", "--zone", "z.zone", "-q"]) in (1, 3), "the configuration is taken as it is"
    assert "empresa.example" in capsys.readouterr().out


def test_nothing_is_replaced_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("deliverability.toml").write_text("mine")
    assert init("empresa.example") == 2
    assert "--force" in capsys.readouterr().err
    assert Path("deliverability.toml").read_text() == "mine"
    assert init("empresa.example", "--force") == 0
    assert Profile.load("deliverability.toml").domains == (DOMAIN,)


def test_nothing_is_written_where_a_part_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".pre-commit-config.yaml").write_text("repos: []\n")
    assert init("empresa.example", "--ci", "github", "--ci", "pre-commit") == 2
    assert ".pre-commit-config.yaml" in capsys.readouterr().err
    assert not Path("deliverability.toml").exists()
    assert not Path(".github").exists()


def test_it_prints_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert init("empresa.example", "-o", "-", "--ci", "gitlab", "--lang", "es") == 0
    out = capsys.readouterr().out
    assert out.startswith("# Qué mira")
    assert "# --- deliverability.gitlab-ci.yml" in out
    assert [path.name for path in Path().iterdir()] == ["z.zone"]


PROJECT = '[project]\nname = "facturas"\n\n[tool.ruff]\nline-length = 100  # mine\n'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_project_file_keeps_the_rest_of_it(end: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("pyproject.toml")
    path.write_bytes(PROJECT.replace("\n", end).encode())
    assert init("empresa.example", "--pyproject") == 0
    text = path.read_bytes().decode()
    assert text.startswith(PROJECT.replace("\n", end))
    assert text.count("\n") == text.count(end)
    assert Profile.load(path).domains == (DOMAIN,)

    assert init("empresa.example", "--pyproject") == 2
    assert "--force" in capsys.readouterr().err
    with path.open("a") as file:
        file.write(f"{end}[tool.other]{end}x = 1{end}")
    assert init("empresa.example", "otra.example", "--pyproject", "--force") == 0
    document = tomllib.loads(path.read_bytes().decode())
    assert document["tool"]["other"] == {"x": 1}
    assert document["tool"]["ruff"] == {"line-length": 100}
    assert document["tool"]["deliverability"]["domains"] == ["empresa.example", "otra.example"]
    assert path.read_text().count("Written by") == 1, "the comments of the older table went with it"


OURS = "[tool.deliverability]\nlang = 'es'\n\n[tool.deliverability.domain.\"empresa.example\"]\nips = []\n# ours\n"
OTHERS = "# what is told\n# of others\n[tool.other]\nx = '''\n[tool.deliverability]\n'''\n"


@pytest.mark.parametrize("before", ["", "[project]\n# a\u2028b\x85c\u2029\nname = 'facturas'\n"])
def test_a_newer_table_takes_nothing_of_others_away(before: str) -> None:
    """Not the comment above the next table, and nothing where a comment holds what only Unicode calls a line end."""
    path = Path("pyproject.toml")
    path.write_bytes(f"{before}{OURS}\n{OTHERS}".encode())

    assert init("empresa.example", "--pyproject", "--force") == 0
    assert path.read_bytes().decode().startswith(f"{before}{OTHERS}\n[tool.deliverability]\n")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "deliverability.toml"),
        ("tool = { ruff = {} }\n", "nothing can be added"),
        ("[tool]\ndeliverability = { lang = 'es' }\n", "nothing can be added"),
        ("[project\n", "not valid TOML"),
    ],
)
def test_a_project_file_that_cannot_be_added_to(
    text: str | None, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        Path("pyproject.toml").write_text(text)
    assert init("empresa.example", "--pyproject", "--force") == 2
    assert word in capsys.readouterr().err
    assert (Path("pyproject.toml").read_text() if text is not None else None) == text


def test_without_a_domain_it_asks_who_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("--lang", "es") == 2
    assert "deliverability init empresa.example" in capsys.readouterr().err

    terminal = io.StringIO("empresa.example, otra.example\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert init("--lang", "es") == 0
    assert "¿Desde qué dominio envía?" in capsys.readouterr().err
    assert Profile.load("deliverability.toml").domains == ("empresa.example", "otra.example")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["github", "gitlab", "pre-commit"])
def test_ci_files_are_yaml_in_one_language(kind: str, lang: str) -> None:
    assert init("empresa.example", "--ci", kind, "--lang", lang) == 0
    [path] = [p for p in Path().rglob("*") if p.suffix in (".yml", ".yaml")]
    text = path.read_text("utf-8")
    assert yaml.safe_load(text)
    assert "pip install deliverability" in text or "additional_dependencies: [deliverability]" in text
    assert ("Escrito por" in text, "Written by" in text) == (lang == "es", lang == "en")
    assert "# es:" not in text
    assert "# en:" not in text


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--ci", "gitub"], "did you mean github"),
        (["--pyproject", "-o", "x.toml"], "not together"),
        (["foo..bar"], "dot"),
    ],
)
def test_wrong_use(arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert init("empresa.example", *arguments) == 2
    assert word in capsys.readouterr().err
    assert not Path("deliverability.toml").exists()
