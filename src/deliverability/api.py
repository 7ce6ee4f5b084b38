"""The audits as functions: pick a source, drive the plan, nothing else.

Every `audit_*` has an `*_async` twin with the same arguments. The plain ones work in a script, in a thread and in a
notebook whose event loop is running.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from deliverability.audits.domain import audit_domain_plan
from deliverability.audits.remedies import with_actions, without_fixes
from deliverability.core.addresses import plain
from deliverability.core.errors import InvalidAddress
from deliverability.core.facts import Envelope, EnvelopeOrigin, RawMessage, Receiving, Sample, Sending
from deliverability.core.limits import DEFAULT_LIMITS, Limits
from deliverability.core.names import DomainName, parse_domain, shown
from deliverability.core.plan import KnownSource, Plan, Source, solve
from deliverability.core.profile import Profile
from deliverability.core.questions import IPAddress
from deliverability.core.report import Report
from deliverability.core.rule import Rule
from deliverability.registry import rule
from deliverability.sources.clock import now as clock_now
from deliverability.sources.snapshot import Snapshot

if TYPE_CHECKING:
    from concurrent.futures import Future

    from deliverability.audits.message import MessageAudit
    from deliverability.audits.probes import Probes
    from deliverability.dnsbl.settings import Chosen
    from deliverability.feedback.facts import ReputationFile
    from deliverability.feedback.read import Given
    from deliverability.filters.verdict import MailFilter

T = TypeVar("T")

__all__ = [
    "audit_domain",
    "audit_domain_async",
    "audit_domains",
    "audit_message",
    "audit_message_async",
    "audit_messages",
    "explain",
    "read_sample",
    "solve_async",
    "solve_live",
]


@dataclass(frozen=True, slots=True)
class _Audit:
    """One audit of a domain, ready to be driven and, on other answers, to be driven again."""

    name: DomainName
    sending: Sending
    profile: Profile
    now: datetime
    limits: Limits
    blocklists: Chosen | None = None
    reputation: tuple[ReputationFile, ...] = ()

    def plan(self) -> Plan[Report]:
        return audit_domain_plan(
            self.name,
            now=self.now,
            sending=self.sending,
            profile=self.profile,
            limits=self.limits,
            blocklists=self.blocklists,
            reputation=self.reputation,
        )

    def again(self, source: KnownSource) -> Report:
        return solve(self.plan(), source)

    def finish(self, report: Report, answers: Snapshot, *, try_fixes: bool) -> Report:
        """The report with what it was made from, and with its fixes tried or taken away."""
        report = replace(report, answers=answers.answers)
        return with_actions(report, answers, self.again) if try_fixes else without_fixes(report)


def audit_domain(
    domain: str,
    *,
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
) -> Report:
    """The report on a domain that sends mail: SPF, DKIM keys, DMARC, MX, reverse DNS and the zone.

    `source` None is the live DNS. `sending` (what is known of how the domain sends) and `now` (the moment that expiry
    dates are held against) default to the profile's and to the present. With `try_fixes` every proposed record is
    tried on the recorded answers before it is shown, and `Report.actions` says what to do in order of effect; without,
    the report proposes none. `blocklists` asks the blocklists too (None: as the profile says); their operators learn
    of it. `reputation` are exports of SNDS or Postmaster Tools, or texts of bounces: paths, or octets. Raises
    `InvalidDomainName`, and `UnreadableFile` for a file that is none of these.
    """
    audit = _audit(domain, profile, sending, now, limits, blocklists, reputation)
    recording = recording_of(source, limits)
    report = solve_live(audit.plan(), recording, limits=limits)
    return audit.finish(report, recording.snapshot, try_fixes=try_fixes)


async def audit_domain_async(
    domain: str,
    *,
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
) -> Report:
    """`audit_domain` for callers that await."""
    audit = _audit(domain, profile, sending, now, limits, blocklists, reputation)
    recording = recording_of(source, limits)
    report = await solve_async(audit.plan(), recording, limits=limits)
    return audit.finish(report, recording.snapshot, try_fixes=try_fixes)


def audit_message(  # noqa: PLR0913 - the caller's options, all by keyword
    raw: bytes,
    *,
    client_ip: IPAddress | str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    name: str = "",
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    receiving: Receiving | None = None,
    filters: Iterable[MailFilter] = (),
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    domain: bool = True,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
    probes: Probes | None = None,
    others: Iterable[Sample] = (),
) -> Report:
    """The report on one mail, given as the octets of its .eml file: signatures, SPF, DMARC, header, content.

    `client_ip`, `mail_from` ("" for the null reverse-path) and `helo` tell the SMTP session that brought it; what is not
    given is read from the fields that the receiver wrote. With `domain` the domain in From is audited too; `filters`
    are spam filters of your own to ask; `probes` allows to open the mail's links, and to try an unsubscribe address
    (nothing on the web is asked without). `others` are mails of the same sender to hold it against, see `read_sample`
    and `audit_messages`. Octets beyond `Limits.message_octets` are not read, and the report says so.
    The rest is as in `audit_domain`. Raises `InvalidAddress` for a `client_ip` that is none.
    """
    audit = _message(
        raw,
        Envelope(_address(client_ip), mail_from, helo),
        _Told(profile, sending, receiving, now, limits, blocklists, _files(reputation, limits)),
        domain=domain,
        name=name,
        try_fixes=try_fixes,
        others=others,
    )
    recording = recording_of(source, limits)
    if probes is not None:
        from deliverability.sources.drive import loop_thread  # noqa: PLC0415 - as below

        audit = loop_thread().run(_probed(audit, probes, recording))
    report = solve_live(audit.plan(), recording, limits=limits)
    return _finish_message(audit, report, recording.snapshot, filters)


async def audit_message_async(  # noqa: PLR0913 - as above
    raw: bytes,
    *,
    client_ip: IPAddress | str | None = None,
    mail_from: str | None = None,
    helo: str | None = None,
    name: str = "",
    source: Source | None = None,
    profile: Profile | None = None,
    sending: Sending | None = None,
    receiving: Receiving | None = None,
    filters: Iterable[MailFilter] = (),
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    domain: bool = True,
    try_fixes: bool = True,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
    probes: Probes | None = None,
    others: Iterable[Sample] = (),
) -> Report:
    """`audit_message` for callers that await."""
    audit = _message(
        raw,
        Envelope(_address(client_ip), mail_from, helo),
        _Told(profile, sending, receiving, now, limits, blocklists, _files(reputation, limits)),
        domain=domain,
        name=name,
        try_fixes=try_fixes,
        others=others,
    )
    recording = recording_of(source, limits)
    if probes is not None:
        audit = await _probed(audit, probes, recording)
    report = await solve_async(audit.plan(), recording, limits=limits)
    return _finish_message(audit, report, recording.snapshot, filters)


def audit_messages(mails: Mapping[str, bytes], **options: Any) -> Iterator[Report]:
    """The reports on several mails of one sender, in their order, each held against the others too: a Message-ID used
    twice, a bank account or a sender that varies. `mails` are their names and octets; the options are those of
    `audit_message`, and one source serves all. Raises as it does.
    """
    limits = options.setdefault("limits", DEFAULT_LIMITS)
    if options.get("source") is None:
        options["source"] = _live(limits)
    samples = {name: read_sample(raw, name=name, limits=limits) for name, raw in mails.items()}
    for name, raw in mails.items():
        others = [sample for other, sample in samples.items() if other != name]
        yield audit_message(raw, name=name, others=others, **options)


def read_sample(raw: bytes, *, name: str, limits: Limits = DEFAULT_LIMITS) -> Sample:
    """What a mail is compared by, for `others` of `audit_message`: asks nothing and is small enough to keep."""
    from deliverability.audits.message import read_sample as read  # noqa: PLC0415 - for messages only

    return read(RawMessage(bytes(raw[: limits.message_octets]), len(raw)), name, limits)


def audit_domains(
    domains: Iterable[str],
    *,
    source: Source | None = None,
    profile: Profile | None = None,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
    concurrency: int = 100,
    try_fixes: bool = False,
    blocklists: bool | None = None,
    reputation: Iterable[Given | ReputationFile] = (),
) -> Iterator[Report]:
    """The reports on many domains, in their order, at most `concurrency` under way; keeps none of them.

    One source serves all, so what domains share is asked once. Fixes are not tried unless asked for, as each costs
    another evaluation. Raises `InvalidDomainName` when it comes to a domain that is none.
    """
    options: dict[str, Any] = {
        "source": source if source is not None else _live(limits),
        "profile": profile,
        "now": now or clock_now(),
        "limits": limits,
        "try_fixes": try_fixes,
        "blocklists": blocklists,
        "reputation": _files(reputation, limits),
    }
    if isinstance(options["source"], KnownSource):
        return (audit_domain(domain, **options) for domain in domains)
    return _side_by_side((audit_domain_async(domain, **options) for domain in domains), concurrency)


def solve_live(plan: Plan[T], source: Source | None = None, *, limits: Limits = DEFAULT_LIMITS) -> T:
    """The result of `plan` on any source, None the live DNS; blocks until it is there, in a running event loop too."""
    if isinstance(source, KnownSource):
        return solve(plan, source)
    from deliverability.sources import drive  # noqa: PLC0415 - asyncio only where something has to wait

    return drive.solve_live(plan, source, limits=limits)


async def solve_async(plan: Plan[T], source: Source | None = None, *, limits: Limits = DEFAULT_LIMITS) -> T:
    """`solve_live` for callers that await."""
    from deliverability.sources import drive  # noqa: PLC0415 - as above

    return await drive.solve_async(plan, source, limits=limits)


def explain(code: str) -> Rule:
    """The rule with that code or name: its texts, its basis and its references. Raises `UnknownRule`."""
    return rule(code)


def _side_by_side(work: Iterable[Coroutine[Any, Any, Report]], concurrency: int) -> Iterator[Report]:
    from deliverability.sources.drive import loop_thread  # noqa: PLC0415 - as above

    under_way: deque[Future[Report]] = deque()
    thread = loop_thread()
    try:
        for one in work:
            under_way.append(thread.start(one))
            if len(under_way) >= concurrency:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


class _Told(NamedTuple):
    """What the caller told beside the message, with what stands for it where nothing was told."""

    profile: Profile | None
    sending: Sending | None
    receiving: Receiving | None
    now: datetime | None
    limits: Limits
    blocklists: bool | None
    reputation: tuple[ReputationFile, ...] = ()


def _message(
    raw: bytes,
    envelope: Envelope,
    told: _Told,
    *,
    domain: bool,
    name: str,
    try_fixes: bool,
    others: Iterable[Sample] = (),
) -> MessageAudit:
    from deliverability.audits.message import read_audit  # noqa: PLC0415 - a quarter of the code, for messages only

    profile = told.profile if told.profile is not None else Profile()
    octets = bytes(raw[: told.limits.message_octets])
    given = EnvelopeOrigin.GIVEN
    envelope = envelope._replace(
        origin=EnvelopeOrigin.NOTHING if envelope.client_ip is None and envelope.helo is None else given,
        mail_from_origin=EnvelopeOrigin.NOTHING if envelope.mail_from is None else given,
    )
    return read_audit(
        RawMessage(octets, len(raw)),
        now=told.now or clock_now(),
        envelope=envelope,
        sending=_with_addresses(told.sending if told.sending is not None else profile.sending),
        receiving=told.receiving if told.receiving is not None else profile.receiving,
        profile=profile,
        limits=told.limits,
        domain=domain,
        name=name,
        try_fixes=try_fixes,
        blocklists=_lists(profile, told.blocklists),
        reputation=told.reputation,
        others=tuple(others),
    )


async def _probed(audit: MessageAudit, probes: Probes, source: Source) -> MessageAudit:
    """The audit with what the web answered, where the caller allowed it to be asked."""
    from deliverability.audits.probes import probe_facts  # noqa: PLC0415 - HTTP only where something is asked

    return replace(audit, facts={**audit.facts, **await probe_facts(audit.facts, probes, source, audit.limits)})


def _finish_message(audit: MessageAudit, report: Report, answers: Snapshot, filters: Iterable[MailFilter]) -> Report:
    """The report with what it was made from, its fixes tried, and the verdicts of the caller's own filters."""
    report = replace(report, answers=answers.answers)
    if audit.try_fixes:
        # The header lines were tried already, and what DNS answers decides nothing about them.
        again = replace(audit, try_fixes=False)
        report = with_actions(report, answers, lambda source: solve(again.plan(), source))
    else:
        report = without_fixes(report)
    message, envelope = audit.facts[RawMessage], audit.facts[Envelope]
    if not isinstance(message, RawMessage) or not isinstance(envelope, Envelope):
        raise TypeError("an audit of a message has its message and its envelope")
    verdicts = tuple(each.judge(message.raw, envelope) for each in filters)
    return replace(report, details={**report.details, "filters": verdicts}) if verdicts else report


def _address(given: IPAddress | str | None) -> IPAddress | None:
    if given is None or isinstance(given, IPv4Address | IPv6Address):
        return plain(given) if given is not None else None
    try:
        return plain(ip_address(given))
    except ValueError:
        raise InvalidAddress(
            f"{shown(given)} is not an IP address; give one such as 192.0.2.1 or 2001:db8::1"
        ) from None


def _with_addresses(told: Sending) -> Sending:
    """What was told, its addresses as the Internet knows them; texts of addresses are taken too."""
    return replace(told, ips=tuple(dict.fromkeys(ip for given in told.ips if (ip := _address(given)) is not None)))


def _audit(
    domain: str,
    profile: Profile | None,
    sending: Sending | None,
    now: datetime | None,
    limits: Limits,
    blocklists: bool | None,
    reputation: Iterable[Given | ReputationFile],
) -> _Audit:
    name = parse_domain(domain)
    known = profile if profile is not None else Profile()
    told = sending if sending is not None else known.sending_for(name)
    told = _with_addresses(told)
    return _Audit(name, told, known, now or clock_now(), limits, _lists(known, blocklists), _files(reputation, limits))


def _files(given: Iterable[Given | ReputationFile], limits: Limits) -> tuple[ReputationFile, ...]:
    """The reputation files, those read that are not yet."""
    files = tuple(given)
    if not files:
        return ()
    from deliverability.feedback.facts import ReputationFile  # noqa: PLC0415 - only where there are some
    from deliverability.feedback.read import load  # noqa: PLC0415

    return tuple(one if isinstance(one, ReputationFile) else load((one,), limits)[0] for one in files)


def _lists(profile: Profile, wanted: bool | None) -> Chosen | None:
    """The lists to ask; None where neither the caller nor the profile wants them asked."""
    if not (profile.blocklists.enabled if wanted is None else wanted):
        return None
    from deliverability.dnsbl.settings import choose  # noqa: PLC0415 - the table of lists only where they are asked

    return choose(profile.blocklists)


def recording_of(source: Source | None, limits: Limits) -> Any:
    """The source, None the live DNS, with a record of what it is asked."""
    return Snapshot.recording(source if source is not None else _live(limits))


def _live(limits: Limits) -> Source:
    from deliverability.sources.live import LiveSource  # noqa: PLC0415 - dnspython only where DNS is really asked

    return LiveSource(limits=limits)
