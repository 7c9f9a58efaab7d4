"""Templates are strict, every component is in the gallery, and nothing asks for another host or for inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.urls import resolve
from jinja2 import UndefinedError, nodes

from pooledcare.templating import FOOTER, MEMBER_NAVIGATION, NAVIGATION

TEMPLATES = settings.BASE_DIR / "templates"
ALL = sorted(TEMPLATES.rglob("*.jinja"))
COMPONENTS = sorted((TEMPLATES / "components").glob("*.jinja"))
# `on…=` as an attribute of a tag, and addresses of other hosts that a browser would ask for.
INLINE = re.compile(
    r"<[^>]*\s(?:style|on[a-z]+)\s*=|<style|<script(?![^>]*\ssrc=)|\b(?:src|action)=\"(?:https?:)?//", re.I
)


def environment():
    return engines["jinja2"].env


def imported(template: Path, seen: set[Path] | None = None) -> set[Path]:
    """Every template that this one extends, imports or includes, and theirs."""
    seen = set() if seen is None else seen
    tree = environment().parse(template.read_text())
    for node in tree.find_all((nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)):
        target = TEMPLATES / node.template.value
        if target not in seen:
            seen.add(target)
            imported(target, seen)
    return seen


def test_an_undefined_name_is_an_error_and_not_a_blank():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ mispelt }}").render()
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nhsuk('button', text=mispelt) }}").render()


@pytest.mark.parametrize("template", ALL, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_template_compiles(template):
    environment().compile(template.read_text())


@pytest.mark.parametrize("template", COMPONENTS, ids=lambda path: path.stem)
def test_every_component_begins_with_its_signature_and_defines_it(template):
    source = template.read_text()
    assert source.startswith("{# "), "begin with a comment that shows how it is called"
    assert f"{template.stem}(" in source.split("#}")[0]
    assert f"{{% macro {template.stem}(" in source


@pytest.mark.parametrize("template", ALL, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_has_inline_code_or_asks_another_host(template):
    found = INLINE.findall(re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.S))
    assert not found


@pytest.mark.parametrize("address", sorted({a for _, a in (*NAVIGATION, *MEMBER_NAVIGATION, *FOOTER)}))
def test_navigation_and_footer_lead_somewhere(address):
    assert resolve(address)


@pytest.mark.parametrize("template", [TEMPLATES / "base.jinja", *COMPONENTS], ids=lambda path: path.stem)
def test_addresses_written_in_the_frame_and_the_components_lead_somewhere(template):
    for address in re.findall(r'(?:href|action|_url)="(/[a-z/-]*)"', template.read_text()):
        assert resolve(address)


def test_every_component_is_in_the_gallery():
    assert len(COMPONENTS) > 30
    missing = (
        set(COMPONENTS) - imported(TEMPLATES / "gallery.jinja") - imported(TEMPLATES / "components" / "field.jinja")
    )
    assert {path.name for path in missing} <= {"field.jinja"}, (
        "the gallery prints a form, whose fields call field.jinja"
    )


def test_every_component_is_named_in_the_readme_of_components():
    listed = (TEMPLATES / "components" / "README.md").read_text()
    drawn_by_fields = {path.name for path in imported(TEMPLATES / "components" / "field.jinja")} | {"field.jinja"}
    frame = {"header.jinja", "footer.jinja", "flash_messages.jinja", "session_warning.jinja"}
    unnamed = [p.name for p in COMPONENTS if f"| {p.stem} |" not in listed and p.name not in drawn_by_fields | frame]
    assert not unnamed
