"""The call's own words, how answers are spoken, and the list of prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from connectors.hotline.pacer import Playback
from connectors.hotline.prompt_list import fixed_prompts
from connectors.hotline.prompts import Prompts
from connectors.hotline.spoken import keys_only, sentences, shorter, spoken_text
from connectors.hotline.wording import WordingError, load_wording
from core.message import Ask, Choice, Outbound
from core.speech import SynthesisFailed
from tests.connectors.hotline.stage import Speaker
from tests.core.stage import PROVINCE, province

WORDING = load_wording(PROVINCE)
WHERE = Outbound("Chỗ đó là xã nào ạ?", (Choice("place:1", "Xã Cẩm Bình"), Choice("place:2", "Xã Cẩm Xuyên"),
                                          Choice("human", "Gặp cán bộ")), Ask.LOCATION)  # fmt: skip
CONFIRM = Outbound(
    "Em đọc lại.\nĐúng thì bác bấm một, sai bấm hai.", (Choice("confirm", "Gửi đi"),), Ask.CONFIRM
)


def test_choices_are_said_with_their_keys_but_not_key_0() -> None:
    assert spoken_text(WHERE, WORDING).splitlines()[1:] == ["Xã Cẩm Bình, bấm 1.", "Xã Cẩm Xuyên, bấm 2."]


def test_a_read_back_names_its_keys_itself() -> None:
    assert spoken_text(CONFIRM, WORDING).splitlines()[-1] == WORDING.say("replay_hint")


@pytest.mark.parametrize("message", [None, WHERE, CONFIRM, Outbound("Chuyện gì ạ?", ask=Ask.DESCRIPTION)])
def test_on_silence_every_question_has_its_shorter_form_and_its_keys(message: Outbound | None) -> None:
    assert shorter(message, WORDING)
    assert "bấm" in keys_only(message, WORDING)


def test_sentences_keep_all_words() -> None:
    text = "Em đã gửi xã Cẩm Bình. Mã của bác: hai, sáu; một.\nChào bác"
    assert " ".join(sentences(text)).split() == text.split()


def test_call_words_are_short_and_speakable() -> None:
    for key, text in WORDING.fixed().items():
        assert not set(text) & set("0123456789/*#()“”"), key
        assert all(len(sentence.split()) <= 20 for sentence in sentences(text)), key


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    data = yaml.safe_load((PROVINCE / "hotline.yml").read_text(encoding="utf-8"))
    data["timing"] |= {"no_inputs": 3, "farewell": -1}
    data["operators"] = "sometimes"
    data["keep_audio_days"] = 0
    del data["say"]["voicemail"]
    (tmp_path / "hotline.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(WordingError) as error:
        load_wording(tmp_path)
    for words in ("no_inputs", "farewell", "sometimes", "keep_audio_days", "'voicemail' is missing"):
        assert words in str(error.value)


def test_fixed_prompts_have_the_hotlines_variant() -> None:
    pack, phrases, _ = province()
    prompts = fixed_prompts(phrases, WORDING, pack.folder)
    assert "ghi âm" in prompts["welcome@hotline"]
    assert "welcome" not in prompts
    assert prompts["call.goodbye"] == WORDING.say("goodbye")
    assert not any("{" in text for text in prompts.values())


async def test_a_fixed_text_is_spoken_in_one_piece() -> None:
    speaker = Speaker()
    fixed = "Câu một. Câu hai."
    await Prompts(speaker, 0.1, 0.2, [fixed]).speak(f"{fixed}\nCâu ba. Câu bốn.", Playback())
    assert speaker.said == [fixed, "Câu ba.", "Câu bốn."]


class Mute:
    async def say(self, text: str) -> bytes:
        raise SynthesisFailed("no voice")


async def test_a_voice_that_cannot_speak_at_all_is_told() -> None:
    with pytest.raises(SynthesisFailed):
        await Prompts(Mute(), 0.1, 0.2).speak("Chào bác.", Playback())
