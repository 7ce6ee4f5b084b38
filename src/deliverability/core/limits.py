"""Every bound on input and on questions, in one frozen object.

Passing a limit is always a named result (a finding, a `permerror`, a `Failed` answer), never a silent cut.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds an audit works within. Times are seconds, sizes are octets."""

    # RFC 7208 §4.6.4 fixes these four; they are here for reading, not for turning.
    spf_lookups: int = 10
    spf_void_lookups: int = 2
    spf_mx_names: int = 10
    spf_ptr_names: int = 10
    #: Questions for one SPF evaluation in all; 111 is the largest that the standard allows. Passed: permerror.
    spf_questions: int = 130
    #: Depth of include/redirect that is followed. Passed: permerror.
    spf_depth: int = 20
    #: Records of one SPF tree that are read when counting past the limit of ten. Passed: the tree says so.
    spf_tree_nodes: int = 100
    #: Terms of one SPF record that are read; more is a syntax defect. 64 KiB holds about 20,000 short ones.
    spf_terms: int = 2_000

    #: One TXT record, its strings joined. Passed: the record is malformed.
    txt_octets: int = 16 * 1024
    #: Tags in one tag=value record. Passed: the rest is one defect.
    tags: int = 200
    #: Records of one answer that are looked at, after removing duplicates.
    answer_records: int = 1_000

    dns_try_timeout: float = 1.0
    dns_tries: int = 3
    dns_question_timeout: float = 5.0
    #: Aliases followed in one answer. Passed: `Failed(LOOP)`.
    cname_chain: int = 16

    #: Questions of one audit. Passed: `Failed(BUDGET)`.
    audit_questions: int = 400
    #: Seconds for one audit. Passed: `Failed(BUDGET)`.
    audit_seconds: float = 60.0
    #: Questions a live source sends each second over all audits; 0 is unlimited.
    questions_per_second: float = 0.0

    mx_hosts: int = 20
    report_destinations: int = 10
    #: Queries of one DNS tree walk, fixed by RFC 9989 §4.10.
    tree_walk_queries: int = 8

    #: A domain argument before IDNA (CVE-2024-3651 is a slow idna on long input).
    domain_characters: int = 1_000
    rsa_bits_max: int = 8192
    #: Seconds for one HTTPS exchange (DNS over HTTPS included) and octets of its body.
    https_timeout: float = 10.0
    https_body: int = 64 * 1024

    #: Octets of one message that are read (rspamd reads 50 MiB). Passed: the rest is not read and a finding says so.
    message_octets: int = 50 * 1024 * 1024
    #: Header section of one message (Postfix 100 KiB, OpenDKIM 64 KiB), its fields, and one field. Passed: the rest is
    #: not read, a defect names the limit, and authentication is `permerror`.
    header_octets: int = 1024 * 1024
    header_fields: int = 2_000
    header_field_octets: int = 128 * 1024
    #: One From field that is read for authentication. Passed: `permerror`.
    from_octets: int = 8 * 1024
    #: Mailboxes of one address list, and Received fields of one message, that are read.
    addresses: int = 2_000
    received_fields: int = 100
    #: Depth and number of MIME parts. Passed: the rest is opaque and a finding says so.
    mime_depth: int = 50
    mime_parts: int = 1_000
    #: Octets of one decoded text part, and of HTML, that are looked at.
    text_octets: int = 2 * 1024 * 1024
    #: The same for all text parts of a message together.
    message_text_octets: int = 4 * 1024 * 1024
    #: Characters of a message's text in which words, amounts and account numbers are looked for. Passed: the rest is not
    #: read, and what was not seen is unknown, not missing.
    letter_characters: int = 200_000
    #: Members of an archive that are listed, and octets of one member that are unpacked to look at it.
    archive_members: int = 1_000
    archive_octets: int = 4 * 1024 * 1024
    #: Links of one message that are judged.
    links: int = 1_000
    #: DKIM-Signature fields that are verified (rspamd 5, go-msgauth 5). Passed: the rest is not evaluated, and said so.
    dkim_signatures: int = 10
    #: Header names in one `h=`, and octets of one DKIM-Signature field.
    dkim_signed_fields: int = 200
    dkim_signature_octets: int = 16 * 1024
    #: To find out why signatures failed: octets hashed and hypotheses tried, for all signatures of a message. Passed: the
    #: cause is then likely or unknown, never proved.
    dkim_diagnosis_octets: int = 640 * 1024 * 1024
    dkim_diagnosis_tries: int = 200_000
    #: Instances of an ARC chain, fixed by RFC 8617 §4.2.1.
    arc_sets: int = 50
    #: Octets of a subject that are scored.
    subject_octets: int = 16 * 1024
    #: Blocklists asked for one target, and seconds one list may take.
    blocklists: int = 50
    blocklist_timeout: float = 5.0

    #: Other mails that one mail is compared with. Passed: the rest is not compared, and what was not is unknown.
    samples: int = 2_000

    #: Links of one message that are opened where the user asks for it, redirections followed for each, seconds for one
    #: page and for all of them, and octets of a page that are looked at. Passed: the link could not be told.
    probe_links: int = 30
    probe_redirects: int = 3
    probe_timeout: float = 8.0
    probe_seconds: float = 40.0
    probe_octets: int = 64 * 1024

    #: Octets of one reputation file, and of its rows. Passed: the file is unreadable, and the rest of the rows is told.
    reputation_octets: int = 20 * 1024 * 1024
    reputation_rows: int = 50_000

    #: Characters of an outside string shown in a report; JSON keeps up to `txt_octets`.
    shown_characters: int = 4096


DEFAULT_LIMITS = Limits()
