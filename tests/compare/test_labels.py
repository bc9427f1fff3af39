from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compare.labels import Box, Label, Placement, place_labels
from apps.compare.scatter_frame import LABEL_FONT_PX, drawn_frame, label_table
from apps.compare.text_width import text_height_px, text_width_px
from tests.compare.published import LATENCY, TOP1, published_frame

WIDTH, HEIGHT = 400.0, 300.0
LABELS = st.lists(
    st.builds(
        Label,
        x=st.floats(0, WIDTH),
        y=st.floats(0, HEIGHT),
        radius=st.floats(0, 8),
        width=st.floats(5, 90),
        height=st.just(13.0),
        priority=st.integers(0, 1),
    ),
    max_size=30,
)


def placed_boxes(labels: list[Label], places: list[Placement | None]) -> list[tuple[Label, Box]]:
    return [(label, place.box(label)) for label, place in zip(labels, places, strict=True) if place is not None]


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_no_label_overlaps_a_label_or_a_point_or_leaves_the_plot(labels: list[Label]) -> None:
    placed = placed_boxes(labels, place_labels(labels, width=WIDTH, height=HEIGHT))

    assert all(box.is_inside(WIDTH, HEIGHT) for _, box in placed)
    assert not any(one.overlaps(other) for (_, one), (_, other) in combinations(placed, 2))
    assert not any(box.overlaps(label.point_box) for _, box in placed for label in labels)


@settings(deadline=None, max_examples=60)
@given(LABELS)
def test_no_label_is_nearer_to_another_point_than_to_its_own(labels: list[Label]) -> None:
    placed = placed_boxes(labels, place_labels(labels, width=WIDTH, height=HEIGHT))

    for own, box in placed:
        assert all(box.distance(own.point_box) <= box.distance(label.point_box) for label in labels)


def test_placement_is_deterministic() -> None:
    labels = [Label(x=10.0 * n, y=7.0 * n, radius=4, width=40, height=13) for n in range(30)]

    assert place_labels(labels, width=WIDTH, height=HEIGHT) == place_labels(labels, width=WIDTH, height=HEIGHT)


def test_lone_point_has_its_label_on_the_right() -> None:
    [place] = place_labels([Label(x=50, y=50, radius=4, width=40, height=13)], width=WIDTH, height=HEIGHT)

    assert place == Placement(7.0, 0, "left")


def test_label_at_the_right_edge_goes_to_the_left() -> None:
    [place] = place_labels([Label(x=WIDTH - 5, y=50, radius=4, width=40, height=13)], width=WIDTH, height=HEIGHT)

    assert place is not None
    assert place.align == "right"


def test_label_avoids_a_line_where_it_can() -> None:
    label = Label(x=50, y=50, radius=4, width=40, height=13)

    [place] = place_labels([label], width=WIDTH, height=HEIGHT, segments=[((0, 50), (WIDTH, 50))])

    assert place == Placement(0, -13.5, "center")


def test_label_that_fits_nowhere_is_dropped() -> None:
    label = Label(x=50, y=50, radius=4, width=WIDTH + 1, height=13)

    assert place_labels([label], width=WIDTH, height=HEIGHT) == [None]


def test_important_label_wins_the_only_free_place() -> None:
    minor = Label(x=4, y=8, radius=3, width=36, height=13, priority=1)
    major = Label(x=56, y=8, radius=3, width=36, height=13, priority=0)

    # One line of text, and room for one label between the two points.
    places = place_labels([minor, major], width=60, height=16)

    assert places == [None, Placement(-6.0, 0, "right")]


@pytest.mark.parametrize(("width", "expected"), [(860, 33), (1200, 33)])
def test_every_published_model_and_the_front_are_labelled_on_a_wide_plot(width: int, expected: int) -> None:
    drawn = drawn_frame(published_frame(), x=LATENCY, y=TOP1, width=width, height=480)

    assert len(label_table(drawn)) == expected


def test_labels_of_the_published_models_overlap_nowhere() -> None:
    width, height = 860, 480
    drawn = drawn_frame(published_frame(), x=LATENCY, y=TOP1, width=width, height=height)

    table = label_table(drawn)

    px = LATENCY.pixels(table["x"].to_numpy(), drawn.x_domain, width)
    py = height - TOP1.pixels(table["y"].to_numpy(), drawn.y_domain, height)
    boxes = []
    columns = (table[name].tolist() for name in ("text", "is_strong", "dx", "dy", "align"))
    for x, y, text, is_strong, dx, dy, align in zip(px, py, *columns, strict=True):
        size = text_width_px(text, LABEL_FONT_PX, is_bold=is_strong), text_height_px(LABEL_FONT_PX)
        boxes.append(Placement(dx, dy, align).box(Label(x, y, 0, *size)))
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    for x, y, area_px in drawn.points[["px", "py", "area_px"]].itertuples(index=False):
        assert not any(box.overlaps(Label(x, y, area_px**0.5 / 2, 0, 0).point_box) for box in boxes)
