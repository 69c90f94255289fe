import shutil
from pathlib import Path

from core.danger import DangerWords
from core.understanding import INTENTS, Context
from nlu.interpreter import load
from nlu.train import DATA, train

SOME = ("greet.yml", "confirm.yml", "emergency.yml", "common_reports.yml", "place_names.yml", "terms.yml")


def test_training_is_repeatable_and_its_model_speaks(tmp_path: Path, danger: DangerWords) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in SOME:
        shutil.copy(DATA / name, data / name)
    summary = train(data, tmp_path / "one.npz")
    train(data, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert summary.megabytes < 30 and summary.examples > 400
    interpreter = load(tmp_path / "one.npz", danger, "HT", data_dir=data)
    heard = interpreter.understand("đèn đường hỏng", Context.IDLE)
    assert (heard.intent, heard.category) == ("report", "chieu_sang")
    assert interpreter.understand("zzz", Context.IDLE).intent in INTENTS
