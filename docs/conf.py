"""How the pages become a site: `make site` writes build/site/en and build/site/es.

Each language is a site of its own, so that menus, search and the `lang` of a page are in the reader's language. Pages of
one language link to those of the other as files, as they do on a code host; `_across` turns such a link into one to the
page of the other site.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import deliverability

HERE = Path(__file__).parent
TITLES = {"en": "deliverability", "es": "deliverability en español"}

project = "deliverability"
author = "The deliverability authors"
project_copyright = "the deliverability authors"
extensions = ["sphinx.ext.autodoc", "myst_nb"]
exclude_patterns = ["es/**", "**.ipynb_checkpoints"]

# Notebooks are executed by the tests; here their outputs are only shown.
nb_execution_mode = "off"
myst_heading_anchors = 3
# A type that goes by the name of a field, such as `type`, has two places to go.
suppress_warnings = ["ref.python"]

nitpicky = True
#: `code` in a docstring, as everywhere in this project. Types in signatures are links.
default_role = "code"
#: Types of the standard library, and of ours those that are not public, stand in signatures without a link.
nitpick_ignore_regex = [("py:class", r"(?!deliverability\.[A-Z]).*"), ("py:obj", r".*\.T")]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
maximum_signature_line_length = 80
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False

#: Fields of a class that still read well as the arguments of its call.
MOST_FIELDS = 4
_ENDINGS = (".md", ".ipynb")
_FAMILY = re.compile(r"reference/rules/[A-Z]+")
_RULE = re.compile(r"reference/rules/([A-Z]+)[0-9]+")
_titles_only: dict[str, nodes.bullet_list] = {}
_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Connect what is below."""
    app.connect("config-inited", _titles)
    app.connect("builder-inited", lambda _: tuple(_public()))
    app.connect("autodoc-process-signature", _fields_below)
    app.connect("doctree-read", _across, priority=400)
    app.connect("env-check-consistency", _whole_reference)
    app.connect("html-page-context", _light_menu, priority=400)


def _fields_below(
    app: Sphinx, kind: str, name: str, thing: object, options: object, signature: str | None, returned: str | None
) -> tuple[str | None, str | None] | None:
    """A value of many fields: they are described one by one below, and are its arguments."""
    many = kind == "class" and len(getattr(thing, "__match_args__", ())) > MOST_FIELDS
    return ("", returned) if many else None


def _titles(app: Sphinx, config: Any) -> None:
    config.html_title = TITLES[config.language]


def _public() -> Iterator[str]:
    """Every public name. Asking for it loads it: autodoc describes what is there."""
    for name in deliverability.__all__:
        public = getattr(deliverability, name)
        if isinstance(public, ModuleType):
            for part in getattr(public, "__all__", ()):
                getattr(public, part)
                yield f"{public.__name__}.{part}"
        elif name != "__version__":
            yield f"deliverability.{name}"


def _across(app: Sphinx, doctree: nodes.document) -> None:
    """Links to pages of the other language, which this site does not have, lead to that site."""
    here = Path(app.env.doc2path(app.env.docname))
    links: list[nodes.Element] = [
        *doctree.findall(addnodes.download_reference),
        *doctree.findall(addnodes.pending_xref),
    ]
    for link in links:
        if link.get("reftype") != "myst":
            continue
        name, anchor = link["reftarget"], link.get("reftargetid")
        if isinstance(link, addnodes.pending_xref):
            if link.get("refdomain") != "doc" or name in app.env.found_docs:
                continue
            pages = [Path(app.srcdir, f"{name}{ending}").resolve() for ending in _ENDINGS]
            aim = next((page for page in pages if page.is_file()), pages[0])
        else:
            aim = (here.parent / name).resolve()
        if aim.suffix not in _ENDINGS or not aim.is_relative_to(HERE):
            continue
        if not aim.is_file():
            _log.warning("%s leads nowhere", name, location=link, type="myst", subtype="xref_missing")
            continue
        address = _address(app, aim) + (f"#{anchor}" if anchor else "")
        link.replace_self(nodes.reference("", "", *link.children, refuri=address, internal=False))


def _address(app: Sphinx, aim: Path) -> str:
    """From a page of this site to one of the other: both lie beside each other."""
    page = aim.relative_to(HERE).with_suffix(".html")
    other = page.relative_to("es") if page.parts[0] == "es" else page
    tree = "es" if page.parts[0] == "es" else "en"
    here = Path(app.builder.get_target_uri(app.env.docname)).parent
    return Path(os.path.relpath(Path("/", tree, other), Path("/", app.config.language, here))).as_posix()


def _whole_reference(app: Sphinx, env: BuildEnvironment) -> None:
    """Every public name is described; the reference is in English only."""
    if app.config.language != "en":
        return
    public = tuple(_public())

    described = env.domains.python_domain.objects
    for name in public:
        if name not in described:
            _log.warning("%s is not in the reference", name)


def _light_menu(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """The menu is made of the titles of pages and ends at the families of rules; on a rule's page it is open at its family.

    The theme asks for the whole tree on every page, with every rule and every section in it, and the site takes minutes.
    """
    whole: Callable[..., str] = context["toctree"]
    rule = _RULE.fullmatch(page)
    above = (
        rf'<li class="(toctree-l[0-9])">(?=<a class="reference internal" href="(?:index|{rule[1]})\.html")'
        if rule
        else ""
    )

    def menu(**options: Any) -> str:
        if not _titles_only:
            _titles_only.update({name: _without_sections(name, toc) for name, toc in app.env.tocs.items()})
        every, app.env.tocs = app.env.tocs, _titles_only
        try:
            text = whole(**options)
        finally:
            app.env.tocs = every
        return re.sub(above, r'<li class="\1 current">', text) if above else text

    context["toctree"] = menu


def _without_sections(page: str, contents: nodes.bullet_list) -> nodes.bullet_list:
    """What a page has in the menu: itself and the pages below it, but for rules."""
    light = contents.deepcopy()
    if _FAMILY.fullmatch(page):
        for below in list(light.findall(addnodes.toctree)):
            below.parent.remove(below)
    for item in reversed(list(light.findall(nodes.list_item))[1:]):
        if next(item.findall(addnodes.toctree), None) is None:
            item.parent.remove(item)
    return light
