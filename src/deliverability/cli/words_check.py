"""What `--help` says about `check`: pairs (English, Spanish)."""

from __future__ import annotations

CHECK = ("check files of a project, asking nobody", "comprueba archivos de un proyecto, sin consultar a nadie")
CHECK_LONG = (
    "For hooks and editors: reads configuration files (*.toml), mails (*.eml) and zone files (all others), and judges each by "
    "what is in it; zone files are also read together. Nothing is asked of the network, so what only DNS knows does not "
    "count unless --incomplete fail says so.",
    "Para ganchos de git y editores: lee archivos de configuración (*.toml), correos (*.eml) y archivos de zona (todos los demás) "
    "y juzga cada uno por lo que contiene; los archivos de zona se leen también en conjunto. No se consulta nada en la red, así "
    "que lo que solo el DNS sabe no cuenta, salvo con --incomplete fail.",
)
FILES = ("files to check", "archivos que se comprueban")
INCOMPLETE = (
    "fail: exit 3 when what decides could not be told; pass: let it be (default)",
    "fail: termina con 3 si no se pudo saber lo que decide; pass: lo da por bueno (por omisión)",
)
IN_ORDER = ("files read: {n}", "archivos leídos: {n}")
