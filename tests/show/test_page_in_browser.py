"""Pages in Chromium: what is clicked and typed, what stands there then, and how it looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import chromium
from page_programs import PROGRAMS, digits_step
from sights import check_contrast, check_geometry, check_picture, geometry

import gpugrad as gg
from gpugrad.show.pages.graph_data import of_runnable
from gpugrad.show.pages.runnable import of_function
from gpugrad.show.tables import tables

PICTURES = Path(__file__).parent / "pictures"

Open = Callable[..., Any]

_TABLE = """(table) => [...table.querySelectorAll('tbody tr')].map(
  (row) => [...row.cells].map((cell) => cell.textContent))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page in a window of a width; a script that fails, or a request, fails the test."""
    contexts, problems = [], []

    def look(
        page: gg.show.Page | str, width: int = 1280, scheme: str = "light", **options: Any
    ) -> Any:
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(str(page), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda told: problems.append(told.text))
        tab.on("request", lambda asked: asked.url.startswith("file:") or problems.append(asked.url))
        tab.goto(file.as_uri())
        return tab

    yield look
    for context in contexts:
        context.close()
    assert not problems, problems


def page_of(name: str) -> gg.show.Page:
    f, args = PROGRAMS[name]
    return gg.show.page(f, *args)


@pytest.fixture(scope="module")
def plans() -> dict[str, gg.show.Page]:
    pytest.importorskip("sklearn")
    pytest.importorskip("llvmlite")
    found = {}
    for engine in ("numpy", "native"):
        step, args, profile = digits_step(engine)
        found[engine] = gg.show.page(step, *args, profile=profile)
    return found


def read_tables(tab: Any) -> dict[str, list[list[str]]]:
    """The tables of a page by their captions, as the text of their cells; and all remarks."""
    notes = tab.locator("#tables .note").all_text_contents()
    return {
        table.query_selector("caption").text_content(): table.evaluate(_TABLE)
        for table in tab.query_selector_all("#tables table")
    } | {"notes": [notes]}


def python_tables(
    name: str, args: tuple[Any, ...], exact: bool = False
) -> dict[str, list[list[str]]]:
    picture, _ = of_runnable(of_function(PROGRAMS[name][0], args, {}), exact)
    found = tables(picture)
    rows = {table.title: [list(row) for row in table.rows] for table in found}
    return rows | {"notes": [[note for table in found for note in table.notes]]}


# Numbers


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tables_are_those_of_python(name: str, opened: Open) -> None:
    tab = opened(page_of(name))
    assert read_tables(tab) == python_tables(name, PROGRAMS[name][1])


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tables_have_all_digits_where_they_are_to(name: str, opened: Open) -> None:
    f, args = PROGRAMS[name]
    tab = opened(gg.show.page(f, *args, exact=True))
    assert read_tables(tab) == python_tables(name, args, exact=True)


def test_an_input_that_is_changed_gives_the_tables_of_python(opened: Open) -> None:
    tab = opened(page_of("seed"))
    tab.get_by_label("x", exact=True).fill("-2.5")
    tab.get_by_label("y", exact=True).fill("1e-3")
    assert read_tables(tab) == python_tables("seed", (-2.5, 1e-3))
    assert tab.text_content("#live") == "f = 6.2475"
    assert "f = 6.2475" in tab.text_content("svg.drawing")
    tab.click("#reset")
    assert read_tables(tab) == python_tables("seed", (3.0, 2.0))
    assert tab.get_by_label("x", exact=True).input_value() == "3"


@pytest.mark.parametrize("name", ["layer", "shared", "parts", "masked", "float32"])
def test_arrays_that_are_changed_give_the_tables_of_python(name: str, opened: Open) -> None:
    args = [np.array(x) for x in PROGRAMS[name][1]]
    tab = opened(page_of(name))
    fields = tab.query_selector_all("#inputs input")
    changed = np.random.default_rng(5).normal(size=len(fields)).round(3)
    for field, number in zip(fields, changed, strict=True):
        field.fill(str(number))
    flat = np.split(changed, np.cumsum([x.size for x in args])[:-1])
    given = [y.reshape(x.shape).astype(x.dtype) for x, y in zip(args, flat, strict=True)]
    found, wanted = read_tables(tab), python_tables(name, tuple(given))
    assert found["Forward"] == wanted["Forward"]
    assert found["Backward"] == wanted["Backward"]


def test_one_of_many_elements_can_be_changed(opened: Open) -> None:
    f, (model,) = PROGRAMS["loss"]
    tab = opened(page_of("loss"))
    field = tab.locator("fieldset", has_text="m.layers[1].weight, 8 × 8 numbers")
    field.locator("input").nth(0).fill("11")
    assert "m.layers[1].weight[1, 3]" in field.text_content()
    field.locator("input").nth(1).fill("0.75")
    model = gg.tree.map(np.copy, model)
    model.layers[1].weight[1, 3] = 0.75
    value, slopes = gg.value_and_grad(f)(model)
    found = tab.evaluate("""() => {
      const { model } = window.page;
      const of = (v) => [...model.number(v).data];
      return [of(model.root.value), ...model.vertices.filter((v) => v.operation === 'input')
        .map((v) => of(v.gradient))];
    }""")
    np.testing.assert_allclose(found[0], [value], rtol=1e-12)
    for made, wanted in zip(found[1:], gg.tree.leaves(slopes), strict=True):
        np.testing.assert_allclose(made, wanted.ravel(), rtol=1e-9, atol=1e-14)


def test_what_is_no_number_changes_nothing(opened: Open) -> None:
    tab = opened(page_of("seed"))
    before = read_tables(tab)
    field = tab.get_by_label("x", exact=True)
    field.fill("")
    assert field.get_attribute("aria-invalid") == "true"
    assert read_tables(tab) == before


def test_a_page_that_computes_otherwise_than_python_says_so(opened: Open) -> None:
    text = page_of("seed").html().replace('"multiply"', '"subtract"')
    tab = opened(text)
    assert "this browser computes other numbers than Python did" in tab.text_content("#inputs")
    assert tab.query_selector("#inputs input") is None


def test_a_page_says_what_it_cannot_compute(opened: Open) -> None:
    tab = opened(gg.show.page(lambda x: gg.special.gammaln(x), 2.5))
    assert "Inputs cannot be changed here: a page does not know how to compute" in (
        tab.text_content("#inputs")
    )
    tab = opened(gg.show.page(lambda x: gg.real(gg.exp(1j * x)), 0.5))
    assert "a page does not compute with complex numbers" in tab.text_content("#inputs")
    tab = opened(gg.show.page(lambda x: gg.sum(x * 2), np.float16([1.0, 2.0])))
    assert "numbers of float16" in tab.text_content("#inputs")


# Paths


def test_a_path_is_highlighted_while_it_is_pointed_at(opened: Open) -> None:
    tab = opened(page_of("seed"))
    rows = tab.locator("#paths tbody tr")
    assert rows.all_text_contents() == ["x → a → f3 · 13", "x → f55", "Sum = ∂f/∂x3 + 58"]
    marked = "[...document.querySelectorAll('.link.marked')].map((e) => e.dataset.holds)"
    assert tab.evaluate(marked) == []
    rows.nth(0).hover()
    assert sorted(tab.evaluate(marked)) == ["2 0", "3 0"]
    rows.nth(1).hover()
    assert tab.evaluate(marked) == ["3 1"]
    tab.mouse.move(0, 0)
    assert tab.evaluate(marked) == []
    tab.get_by_role("button", name="Path 1: x → a → f, contributes 3").focus()
    assert sorted(tab.evaluate(marked)) == ["2 0", "3 0"]
    tab.select_option("#path-input", label="y")
    assert rows.all_text_contents() == ["y → a → f3 · 13", "Sum = ∂f/∂y3"]


def test_a_path_through_a_folded_group_marks_what_is_shown(opened: Open) -> None:
    tab = opened(page_of("loss"))
    tab.click("#fold")
    tab.locator("#paths .path-name").first.focus()
    assert tab.locator(".link.marked").count() >= 1


def test_paths_that_are_not_listed_are_summed(opened: Open) -> None:
    def f(x: Any) -> Any:
        for _ in range(6):
            x = x + x
        return x

    tab = opened(gg.show.page(f, 1.0))
    assert tab.text_content("#paths caption") == "64 paths from x to f"
    rows = tab.locator("#paths tbody tr").all_text_contents()
    assert rows[-2:] == ["40 other paths40", "Sum = ∂f/∂x64"]


# Steps and keys


def test_steps_go_forward_and_then_backward(opened: Open) -> None:
    tab = opened(page_of("seed"))
    slider = tab.get_by_role("slider")
    slider.focus()
    tab.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == (
        "Forward 1 of 4: x = input, value 3"
    )
    drawing = tab.locator("svg.drawing")
    assert "a = ?" in drawing.text_content()
    assert "∂" not in drawing.text_content()
    told = []
    for _ in range(7):
        tab.get_by_role("button", name="Next step").click()
        told.append(tab.text_content("#live"))
    assert told == [
        "Forward 2 of 4: y = input, value 2",
        "Forward 3 of 4: a = x + y, value 5",
        "Forward 4 of 4: f = a × x, value 15",
        "Backward 1 of 4: ∂f/∂f = 1",
        "Backward 2 of 4: ∂f/∂a = 3",
        "Backward 3 of 4: ∂f/∂x = 8",
        "Backward 4 of 4: ∂f/∂y = 3",
    ]
    tab.get_by_role("button", name="Step back").click()
    hidden = tab.locator("#tables tr.later")
    assert hidden.count() == 1
    assert "∂f/∂y" in hidden.text_content()
    assert "∂f/∂y" not in drawing.text_content()


def test_arrow_keys_in_the_drawing_go_step_by_step(opened: Open) -> None:
    tab = opened(page_of("seed"))
    tab.locator('.vertex[data-vertex="0"]').focus()
    focused = "document.activeElement.dataset.vertex"
    tab.keyboard.press("Home")
    assert tab.evaluate(focused) == "0"
    for vertex in ("1", "2", "3", "3", "2", "0", "1"):
        tab.keyboard.press("ArrowRight")
        assert tab.evaluate(focused) == vertex
    assert tab.text_content("#node h3") == "y"


def test_all_can_be_reached_by_the_tab_key(opened: Open) -> None:
    tab = opened(page_of("loss"))
    reached = set()
    for _ in range(400):
        tab.keyboard.press("Tab")
        told = tab.evaluate("""() => {
          const e = document.activeElement;
          const style = getComputedStyle(e);
          const ring = style.outlineStyle !== 'none' || e.ownerSVGElement !== null;
          return [e.id || e.dataset.id || e.className.baseVal || e.className || e.tagName, ring];
        }""")
        assert told[1], f"{told[0]} shows no focus"
        if told[0] in reached and told[0] == "theme":
            break
        reached.add(told[0])
    assert {"theme", "unfold", "fold", "smaller", "larger", "fit", "path-input", "reset"} <= reached
    assert any(name.startswith("v") for name in reached)
    assert any(name.startswith("g") for name in reached)


def test_every_control_has_a_name_and_every_table_a_caption(
    opened: Open, plans: dict[str, gg.show.Page]
) -> None:
    for page in (page_of("loss"), plans["native"]):
        tab = opened(page)
        assert tab.get_attribute("html", "lang") == "en"
        nameless = tab.evaluate("""() => [...document.querySelectorAll(
          'button, input, select, [role="button"], [role="group"], [role="img"]')]
          .filter((e) => !(e.getAttribute('aria-label') || e.labels?.length
            || e.textContent.trim()))
          .map((e) => e.outerHTML.slice(0, 80))""")
        assert nameless == []
        assert tab.locator("table").count() == tab.locator("table > caption").count() > 0
        assert tab.locator("thead th:not([scope])").count() == 0
        assert tab.locator("section:not([aria-labelledby])").count() == 0


def test_groups_fold_by_click_and_by_key(opened: Open) -> None:
    tab = opened(page_of("loss"))
    tab.click("#fold")
    assert tab.locator(".frame").count() == 0
    folded = tab.get_by_role("button", name="MLP", exact=False)
    assert folded.get_attribute("aria-expanded") == "false"
    few = tab.locator(".vertex").count()
    folded.focus()
    tab.keyboard.press("Enter")
    assert tab.text_content("#live") == "MLP unfolded"
    assert tab.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert tab.locator(".vertex").count() > few
    tab.get_by_role("button", name="m.layers[0] · Linear").click()
    assert tab.locator('.vertex[data-vertex="0"]').get_attribute("aria-label").startswith(
        "m.layers[0].weight = input, value 4 × 8 numbers"
    )
    tab.click("#unfold")
    assert tab.locator(".vertex").count() == len(read_tables(tab)["Forward"]) >= 60


def test_a_name_in_a_table_shows_its_node(opened: Open) -> None:
    tab = opened(page_of("loss"))
    tab.click("#fold")
    tab.get_by_role("button", name="Show m.layers[3].bias").first.click()
    assert tab.text_content("#node h3") == "m.layers[3].bias"
    assert tab.locator(".vertex.selected").count() == 1
    assert tab.input_value("#path-input") == tab.locator(
        "#path-input option", has_text="m.layers[3].bias"
    ).get_attribute("value")


# How it looks


WIDTHS = (1280, 360)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_boxes_lie_apart_and_links_end_at_them(name: str, width: int, opened: Open) -> None:
    tab = opened(page_of(name), width)
    check_geometry(geometry(tab))
    for button in ("#unfold", "#fold"):
        if tab.locator(button).count():
            tab.click(button)
            check_geometry(geometry(tab))


def test_plans_lie_apart_too(opened: Open, plans: dict[str, gg.show.Page]) -> None:
    for page in plans.values():
        tab = opened(page)
        check_geometry(geometry(tab))
        tab.click("#unfold")
        check_geometry(geometry(tab))


def test_a_box_in_a_wrong_place_is_found(opened: Open) -> None:
    tab = opened(page_of("seed"))
    found = geometry(tab)
    wrong = [
        {**found, "boxes": [found["boxes"][0], (name, found["boxes"][0][1])]}
        for name, _ in found["boxes"][1:2]
    ]
    wrong.append({**found, "svg": [0, 0, 10, 10]})
    wrong.append({**found, "links": [((0, 0), (5, 5))]})
    wrong.append({**found, "frames": [[x - 5 for x in found["boxes"][0][1]]]})
    for one in wrong:
        with pytest.raises(AssertionError):
            check_geometry(one)
    tab.evaluate("document.querySelector('.vertex').setAttribute('transform', 'translate(100 0)')")
    with pytest.raises(AssertionError, match=r"overlap|where no box"):
        check_geometry(geometry(tab))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_and_the_page_fits(
    scheme: str, width: int, opened: Open, plans: dict[str, gg.show.Page]
) -> None:
    for page in (page_of("seed"), page_of("loss"), plans["native"]):
        tab = opened(page, width, scheme)
        check_contrast(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_text_that_does_not_stand_out_is_found(opened: Open) -> None:
    tab = opened(page_of("seed"))
    tab.evaluate("document.documentElement.style.setProperty('--soft', '#9aa4b2')")
    with pytest.raises(AssertionError, match=r"rgb\("):
        check_contrast(tab)


def test_colours_can_be_chosen(opened: Open) -> None:
    tab = opened(page_of("seed"), scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(ground)
    for text, same in (("light", True), ("dark", False), ("auto", True)):
        tab.click("#theme")
        assert tab.text_content("#theme") == f"Colours: {text}"
        assert (tab.evaluate(ground) == light) is same


def test_the_drawing_is_made_larger_and_fits_again(opened: Open) -> None:
    tab = opened(page_of("loss"))
    width = "document.querySelector('svg.drawing').getBoundingClientRect().width"
    before = tab.evaluate(width)
    tab.click("#larger")
    assert tab.evaluate(width) > before
    tab.click("#fit")
    assert tab.evaluate(width) <= tab.evaluate("document.querySelector('.drawing-box').clientWidth")


SEEN = {
    "seed-wide-light": ("seed", 1280, "light"),
    "seed-narrow-dark": ("seed", 360, "dark"),
    "loss-wide-light": ("loss", 1280, "light"),
    "plan-wide-dark": ("plan", 1280, "dark"),
}


def _seen(name: str, opened: Open, plans: dict[str, gg.show.Page]) -> Any:
    program, width, scheme = SEEN[name]
    tab = opened(plans["native"] if program == "plan" else page_of(program), width, scheme)
    tab.wait_for_function("document.querySelector('svg.drawing').getAttribute('width') > 0")
    return tab.locator("#graph")


@pytest.mark.parametrize("name", SEEN)
def test_pictures_look_as_they_did(
    name: str, opened: Open, plans: dict[str, gg.show.Page]
) -> None:
    png = _seen(name, opened, plans).screenshot()
    if os.environ.get("GPUGRAD_NEW_PICTURES") == "1":   # which somebody is to look at
        (PICTURES / f"{name}.png").write_bytes(png)
    check_picture(png, PICTURES / f"{name}.png")


def test_a_picture_that_looks_otherwise_is_found(
    opened: Open, plans: dict[str, gg.show.Page]
) -> None:
    graph = _seen("seed-wide-light", opened, plans)
    graph.page.evaluate("document.querySelector('.vertex.output').remove()")
    with pytest.raises(AssertionError, match="difference"):
        check_picture(graph.screenshot(), PICTURES / "seed-wide-light.png")
    graph = _seen("seed-wide-light", opened, plans)
    graph.page.evaluate("document.documentElement.style.setProperty('--input', '#6fa8dc')")
    with pytest.raises(AssertionError, match="difference"):
        check_picture(graph.screenshot(), PICTURES / "seed-wide-light.png")


# Plans, and where pages stand


def test_a_plan_is_gone_through_step_by_step(
    opened: Open, plans: dict[str, gg.show.Page]
) -> None:
    tab = opened(plans["native"])
    tab.get_by_role("button", name="Next step").click()
    now = tab.locator("#plan-steps tr.now")
    assert now.count() == 1
    assert tab.text_content("#live").startswith("Step 2 of ")
    assert now.locator("code").first.text_content() in tab.text_content("#live")
    assert tab.locator("#plan-steps ul.inside li").count() > 10
    live = tab.locator("#memory .bar.live").count()
    assert live > 0
    tab.get_by_role("button", name="Last step").click()
    assert tab.locator("#memory .bar.live").count() != live
    assert "µs" in tab.text_content("#summary")
    tab.locator("#memory .bar").first.hover()
    assert "in use until step" in tab.text_content("#memory")


def test_a_plan_without_a_profile_says_how_to_give_one(opened: Open) -> None:
    step = gg.jit(lambda x: gg.sum(gg.sin(x) * x), engine="numpy")
    tab = opened(gg.show.page(step, np.ones(5)))
    assert "pass profile=p" in tab.text_content("#summary")
    assert tab.locator("#plan-steps tbody tr").count() == 3


def test_a_notebook_shows_the_page_in_a_frame(opened: Open) -> None:
    tab = opened(f"<!doctype html><title>x</title>{page_of('seed')._repr_html_()}")
    frame = tab.frame_locator("iframe")
    assert frame.locator("#tables caption").first.text_content() == "Forward"
    assert "f = 15" in frame.locator("svg.drawing").text_content()


def test_without_scripts_there_are_tables(opened: Open) -> None:
    tab = opened(page_of("seed"), java_script_enabled=False)
    assert "∂f/∂x = 8" in tab.text_content("noscript")


def test_a_name_that_is_markup_is_shown_as_text(opened: Open) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    tab = opened(gg.show.page(lambda d: d[name] * 2, {name: 3.0}))
    assert name in tab.text_content("#tables")
    assert tab.locator("img").count() == 0


def test_a_graph_of_hundreds_of_nodes_is_shown_in_groups(opened: Open) -> None:
    def f(x: Any, y: Any) -> Any:
        for _ in range(100):
            x = gg.sin(x) * y + x
        return x

    tab = opened(gg.show.page(f, 0.3, 0.5))
    assert tab.locator(".folded").count() > 10
    assert tab.locator(".vertex, .folded").count() <= 40
    check_geometry(geometry(tab))
    tab.click("#unfold")
    assert tab.locator(".vertex").count() == 302
    check_geometry(geometry(tab))
