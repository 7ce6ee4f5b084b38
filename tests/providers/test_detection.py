"""Who is behind a domain: by whole labels, the longest suffix, and the strength of the evidence."""

from __future__ import annotations

import time

import pytest

from deliverability.providers import registry
from deliverability.providers.registry import DetectedProviders, detect


def ids(**evidence: list[str]) -> list[str]:
    return [found.provider.id for found in detect(**evidence)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("empresa-example.mail.protection.outlook.com", "microsoft365"),
        ("empresa-example.n-v1.mx.microsoft", "microsoft365"),
        ("outlook-com.olc.protection.outlook.com", "outlook-consumer"),
        ("ASPMX.L.GOOGLE.COM.", "google"),
        ("smtp.google.com", "google"),
        ("mx00.ionos.es", "ionos"),
        ("mx1.mail.ovh.net", "ovh"),
        ("mxa.eu.mailgun.org", "mailgun"),
        ("feedback-smtp.eu-west-1.amazonses.com", "amazon-ses"),
        ("mx1-eu1.ppe-hosted.com", "proofpoint"),
        ("mx.serviciodecorreo.es", "arsys"),
    ],
)
def test_mx_hosts_show_their_provider(host: str, expected: str) -> None:
    found = registry.provider_of_mx(host)

    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize(
    "host",
    [
        "notgoogle.com",
        "xl.google.com",
        "google.com",
        "evilsendgrid.net",
        "protection.outlook.com",
        "",
        ".",
        "com",
        "a" * 300,
    ],
)
def test_a_name_that_only_looks_alike_shows_nobody(host: str) -> None:
    assert registry.provider_of_mx(host) is None


def test_spf_includes_match_with_labels_and_macros_in_front() -> None:
    assert ids(spf_domains=["u1234.wl.sendgrid.net"]) == ["sendgrid"]
    assert ids(spf_domains=["%{i}.%{h}._spf.salesforce.com"]) == ["salesforce"]
    assert ids(spf_domains=["4567.spf03.hubspotemail.net"]) == ["hubspot"]
    assert ids(spf_domains=["mysendgrid.net"]) == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("smtp.office365.com", "microsoft365"),
        ("email-smtp.eu-west-1.amazonaws.com", "amazon-ses"),
        ("SMTP.IONOS.ES.", "ionos"),
        ("smtp.gmail.com", "google"),
        ("empresa-example.mail.protection.outlook.com", "microsoft365"),
        ("email-smtp.eu.west.amazonaws.com", None),
        ("smtp.empresa.example", None),
    ],
)
def test_submission_hosts(host: str, expected: str | None) -> None:
    found = registry.provider_of_smtp_host(host)

    assert (found.id if found else None) == expected


def test_stronger_evidence_stands_first_and_all_of_it_is_kept() -> None:
    detected = detect(
        txt_records=["MS=ms12345678", "brevo-code:abc"],
        spf_domains=["spf.protection.outlook.com", "sendgrid.net"],
        mx_hosts=["empresa-example.mail.protection.outlook.com"],
        dkim_targets=["s1.domainkey.u1.wl.sendgrid.net"],
    )

    assert [(found.provider.id, found.seen_in) for found in detected] == [
        ("sendgrid", ("dkim-cname", "spf")),
        ("microsoft365", ("mx", "spf", "txt")),
        ("brevo", ("txt",)),
    ]
    assert detected[0].names == ("s1.domainkey.u1.wl.sendgrid.net", "sendgrid.net")


def test_generic_selectors_confirm_a_provider_and_show_none() -> None:
    assert ids(selectors=["default", "s1", "k1", "selector1", "mail", "pm"]) == []
    assert ids(selectors=["S1"], spf_domains=["sendgrid.net"]) == ["sendgrid"]

    confirmed = detect(selectors=["s1"], spf_domains=["sendgrid.net"])[0]

    assert confirmed.seen_in == ("spf", "selector")


def test_distinctive_selectors_show_their_provider() -> None:
    assert ids(selectors=["protonmail2"]) == ["proton"]
    assert ids(selectors=["scph0922"]) == ["sparkpost"]
    assert ids(selectors=["20240131120000pm"]) == ["postmark"]
    assert ids(selectors=["x" * 500]) == []


def test_what_the_user_told_counts_most_and_unknown_ids_do_no_harm() -> None:
    assert ids(told=["brevo", "no-such"], mx_hosts=["smtp.google.com"]) == ["brevo", "google"]


def test_evidence_can_be_added_to_an_earlier_detection() -> None:
    first = detect(mx_hosts=["smtp.google.com"], spf_domains=["servers.mcsv.net"])
    second = detect(before=first, dkim_targets=["dkim2.mcsv.net"])

    assert [(found.provider.id, found.seen_in) for found in second] == [
        ("mailchimp", ("dkim-cname", "spf")),
        ("google", ("mx",)),
    ]
    assert detect(before=second) == second


def test_detected_providers_answer_by_id() -> None:
    fact = DetectedProviders(detect(mx_hosts=["smtp.google.com"]))

    assert fact.ids == ("google",)
    assert "google" in fact
    assert "ovh" not in fact
    assert fact.get("google") is fact.detected[0]
    assert fact.get("ovh") is None


def test_the_time_for_a_name_does_not_depend_on_what_it_holds() -> None:
    names = [".".join("a" * 126), "." * 253, "a." * 5_000, "a" * 100_000]
    started = time.process_time()
    for _ in range(200):
        detect(mx_hosts=names, spf_domains=names, dkim_targets=names, txt_records=names, selectors=names)

    assert time.process_time() - started < 2.0
