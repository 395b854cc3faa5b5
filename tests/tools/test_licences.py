"""The licence gate, tried on distributions that are only metadata."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tools import licences

GPL_TEXT = "GNU GENERAL PUBLIC LICENSE\n    Version 3, 29 June 2007\n"


def distribution(folder: Path, *metadata: str, name: str = "toy", text: str = "") -> Distribution:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", *metadata]), encoding="utf-8")
    (info / "LICENSE").write_text(text, encoding="utf-8")
    (info / "RECORD").write_text(f"{info.name}/LICENSE,,\n", encoding="utf-8")
    (found,) = distributions(path=[str(folder)])
    return found


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: GPL-3.0-only",
        "License-Expression: MIT AND LGPL-2.1-or-later",
        "License-Expression: GPL-2.0-only WITH Classpath-exception-2.0",
        "Classifier: License :: OSI Approved :: GNU Affero General Public License v3",
        "Classifier: License :: OSI Approved :: BSD License\nLicense: GPLv3",
        "License: GPL",
        "License: Some licence nobody has judged",
        "Summary: declares none",
    ],
)
def test_a_part_under_or_possibly_under_a_gpl_is_refused(tmp_path: Path, metadata: str) -> None:
    assert licences.refusals([distribution(tmp_path, metadata)])


@pytest.mark.parametrize(
    "metadata",
    [
        "License-Expression: MIT",
        "License-Expression: Apache-2.0 OR GPL-2.0-only",
        "License-Expression: (MIT OR GPL-3.0-only) AND BSD-3-Clause",
        "Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: BSD License",
        "License: MIT",
    ],
)
def test_a_part_that_may_be_taken_under_a_permissive_licence_passes(tmp_path: Path, metadata: str) -> None:
    assert licences.refusals([distribution(tmp_path, metadata)]) == []


def test_a_gpl_text_in_a_wheel_that_declares_another_licence_is_refused(tmp_path: Path) -> None:
    (refused,) = licences.refusals([distribution(tmp_path, "License-Expression: MIT", text=GPL_TEXT)])
    assert refused == "toy: its file LICENSE holds the text of a GPL"


def test_a_text_that_only_mentions_the_gpl_passes(tmp_path: Path) -> None:
    mention = "This licence is compatible with the GNU General Public License."
    assert licences.refusals([distribution(tmp_path, "License-Expression: MIT", text=mention)]) == []


def test_a_judged_text_does_not_excuse_a_changed_licence(tmp_path: Path) -> None:
    same = distribution(tmp_path / "a", "License-Expression: BSD-3-Clause", name="numpy", text=GPL_TEXT)
    changed = distribution(tmp_path / "b", "License-Expression: GPL-3.0-only", name="numpy", text=GPL_TEXT)
    assert licences.refusals([same]) == []
    assert licences.refusals([changed])


def test_the_command_fails_on_a_refused_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distribution(tmp_path, "License-Expression: GPL-3.0-only")
    assert licences.main(["--path", str(tmp_path)]) == 1
    assert "toy: its licence is 'GPL-3.0-only'" in capsys.readouterr().out


def test_every_part_of_this_environment_and_of_the_lock_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main([]) == 0
    assert capsys.readouterr().out == ""


def test_only_what_the_peers_alone_bring_is_left_unread() -> None:
    parts, peers = licences.locked_parts()
    assert {"softpower", "numpy", "xlsxwriter", "pytest", "uv"} <= parts
    assert {"salib", "scikit-learn", "pymcdm"} <= peers
    assert not parts & peers
