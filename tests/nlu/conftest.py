import os
from pathlib import Path

import pytest

from core.danger import DangerWords
from nlu.interpreter import InProcessInterpreter, ModelMissing, load
from nlu.train import DATA, MODEL, train


@pytest.fixture(scope="session")
def danger() -> DangerWords:
    return DangerWords.load(Path("province/ha_tinh/danger.yml"))


@pytest.fixture(scope="session")
def interpreter(danger: DangerWords) -> InProcessInterpreter:
    """The model of the data as they are; trained here (once) when there is none."""
    try:
        return load(MODEL, danger, "HT")
    except ModelMissing:
        rough = MODEL.with_name(f"interpreter.{os.getpid()}.npz")
        train(DATA, rough)
        rough.replace(MODEL)
        return load(MODEL, danger, "HT")
