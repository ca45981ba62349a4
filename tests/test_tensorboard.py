"""Event files: what TensorBoard reads of a run, also of one that was resumed."""

import struct
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from stopped_runs import Crash, CrashAfter
from tensorboardX.proto.event_pb2 import Event

from gpugrad.cli.app import run
from gpugrad.errors import BackendUnavailable, InvalidArgument
from gpugrad.train import Config, Observer, Observers, TensorBoard, resume, start
from gpugrad.train.measured import by_part, figures

CONFIG = Config(
    "moons", hidden=(8,), epochs=6, batch_size=64, backend="numpy", engine="eager"
)  # fmt: skip
LENGTH, CHECKSUM = 8, 4  # bytes before and after what a record holds


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpugrad.train.report.write_report", lambda *args: None)


def events(folder: Path) -> list[Event]:
    """All events in the files of a folder, in the order in which TensorBoard reads them."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:LENGTH])
            start = LENGTH + CHECKSUM
            found.append(Event.FromString(content[start : start + length]))
            content = content[start + length + CHECKSUM :]
    return found


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The points of each curve, as steps and values."""
    found = defaultdict(list)
    for event in events(folder):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found[value.tag].append((event.step, value.simple_value))
    return dict(found)


def close(curve: list[tuple[int, float]], expected: list[tuple[int, float]]) -> bool:
    return [step for step, _ in curve] == [step for step, _ in expected] and [
        value for _, value in curve
    ] == pytest.approx([value for _, value in expected])


@pytest.mark.usefixtures("no_pictures")
def test_the_curves_are_the_metrics_of_the_run() -> None:
    outcome = start(CONFIG, "run", TensorBoard())
    place, records = outcome.folder.path / "tensorboard", outcome.folder.records()
    for part in ("train", "validation"):
        found = scalars(place / part)
        assert set(found) == {"loss", "accuracy"}
        for name, curve in found.items():
            assert close(curve, [(r.step, by_part(r)[part][name]) for r in records])
    whole = scalars(place)
    assert close(whole["learning_rate"], [(r.step, r.learning_rate) for r in records])
    assert [value for _, value in whole["epoch"]] == [1, 2, 3, 4, 5, 6]
    assert all(value > 0 for _, value in whole["samples_per_second"])
    assert outcome.scores is not None
    assert close(whole["test/loss"], [(records[-1].step, figures(outcome.scores["test"])["loss"])])


def test_pictures_and_settings_come_at_the_end() -> None:
    start(CONFIG, "run", TensorBoard())
    values = {v.tag: v for event in events(Path("run/tensorboard")) for v in event.summary.value}
    for name in ("curves", "regions"):
        image = values[name].image
        assert image.encoded_image_string == Path(f"run/{name}.png").read_bytes()
        assert image.width > image.height > 100
    content = values["_hparams_/session_start_info"].metadata.plugin_data.content
    for text in (b"optimizer", b"adamw", b"batch_size", b"[8]"):
        assert text in content
    assert b"test/accuracy" in values["_hparams_/experiment"].metadata.plugin_data.content


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("logged_before", [True, False], ids=["all of it", "only the rest"])
def test_a_run_that_was_resumed_has_each_step_once(logged_before: bool) -> None:
    """Also the epochs after the last checkpoint, which are trained again."""
    whole = start(CONFIG, "whole", TensorBoard())
    first = Observers(*([TensorBoard()] if logged_before else []), CrashAfter(11 * 3 + 5))
    with pytest.raises(Crash):
        start(CONFIG, "run", first, checkpoint_seconds=1e9)
    resume("run", {}, TensorBoard())
    for part in ("train", "validation"):
        assert scalars(Path("run/tensorboard") / part) == scalars(
            whole.folder.path / "tensorboard" / part
        )
    assert len(scalars(Path("run/tensorboard"))["epoch"]) == CONFIG.epochs


@pytest.mark.usefixtures("no_pictures")
def test_a_run_that_is_complete_can_be_logged_afterwards() -> None:
    start(CONFIG, "run", Observer())
    resume("run", {}, TensorBoard())
    found = scalars(Path("run/tensorboard"))
    assert len(found["epoch"]) == len(found["samples_per_second"]) == CONFIG.epochs
    times = [event.wall_time for event in events(Path("run/tensorboard/train"))[1:]]
    assert times == sorted(times)


@pytest.mark.usefixtures("no_pictures")
def test_runs_that_share_a_folder_keep_their_files(here: Path) -> None:
    (here / "logs").mkdir()
    (here / "logs/events.out.tfevents.1.other").write_bytes(b"precious")
    for seed in (0, 1, 0):
        start(Config("moons", hidden=(4,), epochs=1, seed=seed), f"run{len(list(here.iterdir()))}",
              TensorBoard("logs"))  # fmt: skip
    assert len(list((here / "logs").glob("*.gpugrad"))) == 2    # equal runs write equal files
    assert (here / "logs/events.out.tfevents.1.other").read_bytes() == b"precious"


@pytest.mark.usefixtures("no_pictures")
def test_what_was_written_is_there_when_an_error_ends_training() -> None:
    with pytest.raises(Crash):
        start(CONFIG, "run", Observers(TensorBoard(), CrashAfter(11 * 2 + 1)))
    assert len(scalars(Path("run/tensorboard/train"))["loss"]) == 2


@pytest.mark.usefixtures("no_pictures")
def test_the_command_writes_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train", "moons", "--hidden", "4", "--epochs", "2", "--out", "run"]
    assert run([*command, "--log", "tensorbord"]) == 2
    assert "Did you mean 'tensorboard'?" in capsys.readouterr().err
    assert not Path("run").exists()
    assert run([*command, "--log", "tensorboard"]) == 0
    assert len(scalars(Path("run/tensorboard/train"))["loss"]) == 2


def test_without_the_package_an_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gpugrad.train.tensorboard.find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match=r"gpugrad\[tensorboard\]"):
        TensorBoard()
    assert run(["train", "moons", "--log", "tensorboard"]) == 2
    assert not Path("runs").exists()


def test_training_in_memory_needs_a_folder() -> None:
    with pytest.raises(InvalidArgument, match="name one"):
        TensorBoard().begin(CONFIG, None, 0, 1)
    board = TensorBoard("logs")
    board.begin(CONFIG, None, 0, 1)
    board.end(None)
    assert len(list(Path("logs").glob("*.gpugrad"))) == 1


@pytest.mark.usefixtures("no_pictures")
def test_tensorboard_itself_reads_them() -> None:
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="TensorBoard is not here"
    )
    start(CONFIG, "run", TensorBoard())
    found = accumulator.EventAccumulator("run/tensorboard/train")
    found.Reload()
    assert [point.step for point in found.Scalars("loss")] == [11 * n for n in range(1, 7)]
    assert "tensorflow" not in sys.modules
