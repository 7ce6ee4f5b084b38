"""What an evaluation will probably ask, started side by side so that a level of includes costs one round trip.

Nothing is decided here and nothing is counted: the limits are counted by the evaluation itself, in its own order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from deliverability.core.names import DomainName, is_subdomain, reverse_name
from deliverability.core.plan import Plan, ask, gather
from deliverability.core.questions import DnsQuestion, Found
from deliverability.spf.program import Op, Program, Step, Template, select
from deliverability.spf.session import Session, mx_names


def foreseen(session: Session, steps: Iterable[Step], domain: DomainName, left: list[int]) -> Plan[None]:
    """Ask what the steps will ask, side by side; `left` is how many terms more may be asked for in all."""
    plans: list[Plan[None]] = []
    for step in steps:
        if step.op == Op.NETWORKS:
            if any(session.number & mask == value for mask, value, _, _ in step.tests):
                break
            continue
        if step.op in (Op.ALL, Op.END) or left[0] <= 0:
            break
        left[0] -= 1
        name = _name(session, step, domain)
        if name:
            plans.append(_term(session, step.op, name, left))
    yield from gather(*plans)


def _name(session: Session, step: Step, domain: DomainName) -> DomainName | None:
    target = step.target
    if not isinstance(target, Template):
        return domain if target is None else target
    return None if target.validated_name else session.expanded_name(target, domain, "unknown")


def _term(session: Session, op: int, name: DomainName, left: list[int]) -> Plan[None]:
    if op in (Op.INCLUDE, Op.REDIRECT):
        answer = yield DnsQuestion(name, "TXT")
        program = select(answer.records, session.limits) if isinstance(answer, Found) else 0
        steps = program.steps(session.version) if isinstance(program, Program) else None
        yield from foreseen(session, steps or (), name, left)
    elif op == Op.MX:
        answer = yield DnsQuestion(name, "MX")
        if isinstance(answer, Found) and len(answer.records) <= session.limits.spf_mx_names:
            yield from gather(*(ask(host, session.address_type) for host in mx_names(answer)))
    elif op == Op.PTR:
        answer = yield DnsQuestion(reverse_name(session.address), "PTR")
        names = cast("tuple[DomainName, ...]", answer.records) if isinstance(answer, Found) else ()
        near = [found for found in names[: session.limits.spf_ptr_names] if is_subdomain(found, name)]
        yield from gather(*(ask(found, session.address_type) for found in near))
    else:
        yield DnsQuestion(name, "A" if op == Op.EXISTS else session.address_type)
