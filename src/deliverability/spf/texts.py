"""Each problem of a record, and each reason for an error result, in words. Rules put them into their findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deliverability.core.text import Text
from deliverability.spf.result import SpfFailure, SpfFailureKind
from deliverability.spf.terms import SpfProblem, SpfProblemKind

_Kind = SpfProblemKind
_Why = SpfFailureKind

#: `{term}` is the text the problem points at.
PROBLEMS: Final[Mapping[SpfProblemKind, Text]] = {
    _Kind.VERSION: Text(
        "the record has to begin with exactly v=spf1 and a space; it begins with “{term}”",
        "el registro debe empezar exactamente por v=spf1 y un espacio; empieza por «{term}»",
    ),
    _Kind.UNKNOWN_MECHANISM: Text("SPF has no mechanism “{term}”", "SPF no tiene ningún mecanismo «{term}»"),
    _Kind.MISSING_MECHANISM: Text(
        "“{term}” stands alone; ip4:, ip6:, a: or include: has to stand before it",
        "«{term}» va suelto; delante hace falta ip4:, ip6:, a: o include:",
    ),
    _Kind.EQUALS_FOR_COLON: Text(
        "“{term}” has = where a colon belongs; receivers ignore it or reject the record",
        "«{term}» lleva = donde van dos puntos; los receptores lo ignoran o rechazan el registro",
    ),
    _Kind.COLON_FOR_EQUALS: Text(
        "“{term}” has a colon where = belongs", "«{term}» lleva dos puntos donde va el signo ="
    ),
    _Kind.SPLIT_TERM: Text("a space cuts “{term}” in two", "un espacio parte en dos «{term}»"),
    _Kind.JOINED_TERMS: Text("a space is missing inside “{term}”", "falta un espacio dentro de «{term}»"),
    _Kind.SEPARATOR: Text(
        "“{term}” has a comma or semicolon; terms are separated by spaces only",
        "«{term}» lleva coma o punto y coma; los términos se separan solo con espacios",
    ),
    _Kind.QUOTE: Text(
        "“{term}” contains a quotation mark or a backslash that does not belong to the record",
        "«{term}» contiene unas comillas o una barra invertida que no forman parte del registro",
    ),
    _Kind.FOREIGN_CHARACTER: Text(
        "“{term}” contains a character outside plain ASCII, an invisible one perhaps",
        "«{term}» contiene un carácter que no es ASCII, quizá invisible",
    ),
    _Kind.QUALIFIER: Text(
        "“{term}” has a sign in front that cannot stand there; a mechanism takes one of + - ~ ?, a modifier none",
        "«{term}» lleva delante un signo que no puede ir ahí; un mecanismo admite uno solo de + - ~ ? y un modificador ninguno",
    ),
    _Kind.EMPTY_VALUE: Text("“{term}” lacks its value", "a «{term}» le falta el valor"),
    _Kind.UNEXPECTED_VALUE: Text("“{term}”: all takes no value", "«{term}»: all no lleva ningún valor"),
    _Kind.UNEXPECTED_PREFIX: Text(
        "“{term}”: only ip4, ip6, a and mx take a prefix length",
        "«{term}»: solo ip4, ip6, a y mx admiten una longitud de prefijo",
    ),
    _Kind.ADDRESS: Text("“{term}” holds no valid IP address", "«{term}» no contiene una dirección IP válida"),
    _Kind.ADDRESS_FAMILY: Text(
        "“{term}” mixes IPv4 and IPv6: ip4: takes IPv4 addresses, ip6: takes IPv6 addresses",
        "«{term}» mezcla IPv4 e IPv6: ip4: es para direcciones IPv4 e ip6: para direcciones IPv6",
    ),
    _Kind.NETMASK: Text(
        "“{term}” gives a netmask; SPF wants the prefix length, such as /24",
        "«{term}» indica una máscara de red; SPF pide la longitud del prefijo, por ejemplo /24",
    ),
    _Kind.PREFIX_LENGTH: Text(
        "“{term}” has no valid prefix length: 0 to 32 for IPv4, 0 to 128 for IPv6",
        "«{term}» no tiene una longitud de prefijo válida: de 0 a 32 en IPv4, de 0 a 128 en IPv6",
    ),
    _Kind.LEADING_ZERO: Text(
        "“{term}” has a number with a leading zero", "«{term}» lleva un número con un cero delante"
    ),
    _Kind.HOST_BITS: Text(
        "“{term}” names an address inside its network; receivers take the whole network",
        "«{term}» indica una dirección de dentro de la red; los receptores toman la red entera",
    ),
    _Kind.DOMAIN: Text(
        "“{term}” does not hold a whole domain name such as mail.empresa.example",
        "«{term}» no contiene un nombre de dominio completo, como mail.empresa.example",
    ),
    _Kind.IMPOSSIBLE_NAME: Text(
        "“{term}” cannot exist in the DNS: an empty part, or one over 63 characters",
        "«{term}» no puede existir en el DNS: tiene una parte vacía o de más de 63 caracteres",
    ),
    _Kind.ODD_NAME: Text(
        "“{term}” holds characters that no host name has",
        "«{term}» contiene caracteres que ningún nombre de host tiene",
    ),
    _Kind.MACRO: Text("“{term}” holds a macro that SPF does not know", "«{term}» contiene una macro que SPF no conoce"),
    _Kind.MODIFIER_VALUE: Text(
        "“{term}” holds characters that a modifier may not have",
        "«{term}» contiene caracteres que un modificador no puede llevar",
    ),
    _Kind.REPEATED_MODIFIER: Text(
        "“{term}” repeats a modifier that may stand only once",
        "«{term}» repite un modificador que solo puede aparecer una vez",
    ),
    _Kind.REPEATED_VERSION: Text(
        "“{term}” stands inside the record; two records were probably joined",
        "«{term}» aparece dentro del registro; probablemente se han unido dos registros",
    ),
    _Kind.AFTER_ALL: Text(
        "“{term}” stands after all, so no receiver looks at it",
        "«{term}» va detrás de all, así que ningún receptor lo mira",
    ),
    _Kind.REDIRECT_WITH_ALL: Text(
        "“{term}” has no effect because the record has an all",
        "«{term}» no tiene efecto porque el registro lleva un all",
    ),
    _Kind.TOO_MANY_TERMS: Text(
        "the record has more than {term} terms; the rest was not read",
        "el registro tiene más de {term} términos; el resto no se ha leído",
    ),
    _Kind.TOO_LONG: Text(
        "the record is {term} octets long; the rest was not read",
        "el registro mide {term} octetos; el resto no se ha leído",
    ),
    _Kind.SYNTAX: Text("“{term}” is no SPF term", "«{term}» no es un término de SPF"),
}

#: `{domain}`, `{term}`, and `{name}`, the name that was asked for.
FAILURES: Final[Mapping[SpfFailureKind, Text]] = {
    _Why.MALFORMED_DOMAIN: Text(
        "“{domain}” is no domain name that can have a record",
        "«{domain}» no es un nombre de dominio que pueda tener registro",
    ),
    _Why.NO_RECORD: Text("{domain} has no SPF record", "{domain} no tiene registro SPF"),
    _Why.DNS_FAILURE: Text("the DNS gave no answer for {name}", "el DNS no respondió a la consulta de {name}"),
    _Why.SEVERAL_RECORDS: Text("{domain} has several SPF records", "{domain} tiene varios registros SPF"),
    _Why.SYNTAX: Text(
        "the SPF record of {domain} has a syntax error", "el registro SPF de {domain} tiene un error de sintaxis"
    ),
    _Why.TOO_MANY_LOOKUPS: Text(
        "“{term}” of {domain} is one DNS lookup over the limit of ten",
        "«{term}» de {domain} sobrepasa el límite de diez consultas DNS",
    ),
    _Why.TOO_MANY_VOIDS: Text(
        "“{term}” of {domain} is the third lookup for which the DNS has nothing; two are allowed",
        "«{term}» de {domain} es la tercera consulta para la que el DNS no tiene nada; se permiten dos",
    ),
    _Why.TOO_MANY_MX: Text(
        "“{term}” of {domain} leads to more than ten mail servers",
        "«{term}» de {domain} lleva a más de diez servidores de correo",
    ),
    _Why.INCLUDE_WITHOUT_RECORD: Text(
        "“{term}” of {domain} names a domain without SPF record",
        "«{term}» de {domain} apunta a un dominio sin registro SPF",
    ),
    _Why.REDIRECT_WITHOUT_RECORD: Text(
        "“{term}” of {domain} names a domain without SPF record",
        "«{term}» de {domain} apunta a un dominio sin registro SPF",
    ),
    _Why.TOO_MANY_QUESTIONS: Text(
        "the evaluation needs more DNS questions than deliverability asks",
        "la evaluación necesita más consultas DNS de las que hace deliverability",
    ),
    _Why.TOO_DEEP: Text(
        "the records include one another more deeply than deliverability follows",
        "los registros se incluyen unos a otros a más profundidad de la que sigue deliverability",
    ),
}


def problem_text(problem: SpfProblem) -> Text:
    """A problem as one clause, without its correction. What comes from the record is not escaped."""
    return _filled(PROBLEMS[problem.kind], term=problem.text.strip())


def failure_text(failure: SpfFailure) -> Text:
    """Why an evaluation ended in none, temperror or permerror, as one clause."""
    name = str(failure.question) if failure.question else failure.domain
    return _filled(FAILURES[failure.kind], domain=failure.domain, term=failure.term, name=name)


def _filled(text: Text, **values: str) -> Text:
    return Text(text.en.format_map(values), text.es.format_map(values))
