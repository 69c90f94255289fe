"""The province's pack and phrases, and an interpreter trained from the data as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.danger import DangerWords
from core.pack import Pack, load_pack
from core.phrases import Phrases, load_phrases
from core.plain import PlainInterpreter
from core.rehearsal import Rehearsal
from nlu.interpreter import InProcessInterpreter, ModelMissing, load
from nlu.train import DATA, MODEL, train

PROVINCE = Path(__file__).parents[3] / "province" / "ha_tinh"


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(PROVINCE)


@pytest.fixture(scope="session")
def phrases(pack: Pack) -> Phrases:
    return load_phrases(PROVINCE, pack.timezone)


@pytest.fixture(scope="session")
def danger() -> DangerWords:
    return DangerWords.load(PROVINCE / "danger.yml")


@pytest.fixture(scope="session")
def plain(danger: DangerWords, phrases: Phrases, pack: Pack) -> PlainInterpreter:
    return PlainInterpreter(danger, phrases, pack.code_prefix)


@pytest.fixture(scope="session")
def trained(
    danger: DangerWords, pack: Pack, tmp_path_factory: pytest.TempPathFactory
) -> InProcessInterpreter:
    """The built model; when it is missing or was built from other data, one that is trained for these
    tests.
    """
    try:
        return load(MODEL, danger, pack.code_prefix)
    except ModelMissing:
        path = tmp_path_factory.mktemp("model") / "interpreter.npz"
        train(DATA, path)
        return load(path, danger, pack.code_prefix)


@pytest.fixture(scope="session")
def rehearsal(
    pack: Pack, phrases: Phrases, trained: InProcessInterpreter, plain: PlainInterpreter
) -> Rehearsal:
    return Rehearsal(pack, phrases, trained, plain)


@pytest.fixture(scope="session")
def plain_rehearsal(pack: Pack, phrases: Phrases, plain: PlainInterpreter) -> Rehearsal:
    """Played without any model: rules alone."""
    return Rehearsal(pack, phrases, plain, plain)
