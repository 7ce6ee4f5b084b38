"""Where reports belong in the files of the project: the configuration's line for a domain, the mail's own file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from deliverability.core.profile import Profile
from deliverability.render.places import Place

#: The project's folder where the command runs in one below it: of GitHub, and of GitLab.
ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def config_places(profile: Profile, subjects: Iterable[str]) -> list[Place | None]:
    """The line of the configuration file that names each subject; no place where there is no file."""
    if profile.path is None:
        return [None for _ in subjects]
    path = in_project(profile.path, os.environ)
    return [Place(path, profile.line_of(subject)) for subject in subjects]


def mail_place(path: str) -> Place | None:
    """The file of a mail; a mail from standard input has none."""
    return None if path == "-" else Place(in_project(Path(path), os.environ))


def in_project(path: Path, environment: Mapping[str, str]) -> str:
    """The path from the project's folder on, with `/`; absolute for a file outside of it.

    On a build server that folder is where the project was checked out, elsewhere the current one.
    """
    try:
        here = Path.cwd()
    except OSError:  # the current folder is gone
        return path.as_posix()
    # Not resolved: a link would lead out of the project.
    whole = Path(os.path.normpath(here / path))
    for root in (*filter(None, map(environment.get, ROOTS)), "."):
        base = Path(os.path.normpath(here / root))
        if whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    return whole.as_posix()
