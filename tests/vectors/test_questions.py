"""Which roll calls are taken for one question."""

from __future__ import annotations

import numpy as np

from softpower.vectors.questions import REACH, same_question


def test_a_title_that_comes_back_soon_is_one_question_and_one_that_comes_back_late_another() -> None:
    title = "Transparency in armaments"
    session = np.array([50, 51, 51 + REACH, 52 + 2 * REACH])
    assert same_question(session, [[title]] * 4).tolist() == [0, 0, 0, 1]


def test_a_title_that_stands_twice_in_a_session_links_nothing_there() -> None:
    title = "Situation of human rights"
    assert same_question(np.array([50, 51, 51, 52]), [[title]] * 4).tolist() == [0, 1, 2, 0]


def test_either_text_may_be_the_title() -> None:
    texts: list[list[str | None]] = [
        ["PALESTINE", "The Syrian Golan, 2005"],
        ["The Syrian Golan : resolution / adopted", "A/61"],
        [None, None],
    ]
    assert same_question(np.array([60, 61, 61]), texts).tolist() == [0, 0, 1]


def test_short_titles_say_nothing() -> None:
    assert same_question(np.array([60, 61]), [["KOREA"], ["KOREA"]]).tolist() == [0, 1]
