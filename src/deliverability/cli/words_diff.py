"""What `--help` says about comparing, in both languages."""

from __future__ import annotations

DIFF = (
    "compare two reports or two recordings: what is new, fixed, and why",
    "compara dos informes o dos grabaciones: qué hay de nuevo, qué se ha resuelto y por qué",
)
DIFF_LONG = (
    "Compares two states of the same domains or mails: what is new, what is fixed, what can no longer be told, and what "
    "changed in DNS, down to the provider whose include grew. Each file is a report (-f json or jsonl) or a recording "
    "(--record); a recording is audited again. Asks nobody.",
    "Compara dos estados de los mismos dominios o correos: qué hay de nuevo, qué se ha resuelto, qué ya no se puede saber y qué "
    "ha cambiado en el DNS, hasta el proveedor cuyo include ha crecido. Cada archivo es un informe (-f json o jsonl) o una "
    "grabación (--record), que se vuelve a auditar. No consulta a nadie.",
)
OLD = ("report or recording of before", "informe o grabación de antes")
NEW = ("report or recording of after", "informe o grabación de después")
DOMAINS = (
    "only these domains; of recordings, the domains that they are about (default: recognised)",
    "solo estos dominios; en grabaciones, los dominios de los que tratan (por omisión, se reconocen)",
)
FAIL_ON = (
    "exit 1 when something of this severity is new: error, warning, info or never (default error)",
    "termina con 1 si hay algo nuevo de esta gravedad: error, warning, info o never (por omisión, error)",
)
INCOMPLETE = (
    "fail: exit 3 when something decisive can no longer be told (default); pass: let it be",
    "fail: termina con 3 si ya no se puede saber algo decisivo (por omisión); pass: lo da por bueno",
)
