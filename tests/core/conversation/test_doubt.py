"""What only the engine believes is asked back; words of the pack and the state decide. No model is asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.conversation.effects import FileReport
from core.conversation.floor import Turn
from core.conversation.heard import Heard, Known
from core.conversation.state import Conversation
from core.conversation.turn import take_turn
from core.message import Address, Ask, Inbound
from core.pack import Pack
from core.phrases import Phrases
from core.understanding import Understanding

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Talk:
    """A talk whose every message comes with its understanding; the gazetteer is the real one."""

    pack: Pack
    phrases: Phrases
    conversation: Conversation = field(default_factory=Conversation)
    events: int = 0
    last: Turn = field(default_factory=lambda: Turn(Conversation()))

    def say(self, text: str, intent: str, confidence: float = 0.9, **meaning: Any) -> str:
        self.events += 1
        understanding = Understanding(intent, confidence, matter=text, **meaning)
        event = Inbound(Address("zalo", "citizen"), f"e{self.events}", START)
        heard = Heard(event, text, understanding=understanding, place=self.pack.places.find(text))
        now = START + timedelta(minutes=self.events)
        self.last = take_turn(self.conversation, [heard], Known(self.pack, self.phrases), now)
        self.conversation = self.last.conversation
        return "\n".join(reply.text for reply in self.last.replies)

    def press(self, value: str) -> str:
        self.events += 1
        event = Inbound(Address("zalo", "citizen"), f"e{self.events}", START, choice=value)
        event = replace(event, choice_turn=self.conversation.offered_turn)
        now = START + timedelta(minutes=self.events)
        self.last = take_turn(self.conversation, [Heard(event)], Known(self.pack, self.phrases), now)
        self.conversation = self.last.conversation
        return "\n".join(reply.text for reply in self.last.replies)

    @property
    def description(self) -> str:
        assert self.conversation.draft is not None
        return self.conversation.draft.description

    @property
    def filed(self) -> list[FileReport]:
        return [effect for effect in self.last.effects if isinstance(effect, FileReport)]


@pytest.fixture
def talk(pack: Pack, phrases: Phrases) -> Talk:
    """A talk with a draft that waits for a photo."""
    begun = Talk(pack, phrases)
    begun.say("ổ gà to ở thôn 3 xã Cẩm Duệ", "report", categories=(("duong_cau", 0.95),))
    assert begun.conversation.asked is Ask.PHOTO
    return begun


@pytest.fixture
def shown(talk: Talk) -> Talk:
    """A talk whose summary was shown."""
    talk.say("không có", "deny_correct")
    assert talk.conversation.asked is Ask.CONFIRM
    return talk


@pytest.mark.parametrize("words", ["dẹp đi", "bác mệt quá đi ngủ đây", "gan nha anh huy", "gửi cho có lệ"])
def test_a_cancel_that_only_the_engine_believes_is_asked_back(talk: Talk, words: str) -> None:
    assert "Hủy việc này ạ?" in talk.say(words, "cancel", 0.99)
    assert [choice.value for choice in talk.conversation.offered] == ["cancel", "keep"]
    assert talk.description == "ổ gà to ở thôn 3 xã Cẩm Duệ"
    talk.say("ừ", "confirm")
    assert talk.conversation.draft is None


@pytest.mark.parametrize("answer", ["không", "giữ lại", "đừng hủy", "gửi đi", "tiếp"])
def test_a_draft_that_is_kept_keeps_the_words_in_doubt(talk: Talk, answer: str) -> None:
    talk.say("gan nha anh huy", "cancel", 0.99)
    talk.say(answer, "deny_correct", 0.5)
    assert talk.description == "ổ gà to ở thôn 3 xã Cẩm Duệ\ngan nha anh huy"
    assert not talk.filed


def test_pressing_keep_keeps_the_draft(shown: Talk) -> None:
    shown.say("nản lắm rồi em", "cancel", 0.95)
    assert "ổ gà to" in shown.press("keep")
    assert shown.conversation.asked is Ask.CONFIRM


def test_after_asking_back_other_words_are_heard_for_themselves(talk: Talk) -> None:
    talk.say("dẹp đi", "cancel", 0.99)
    talk.say("nước đọng sâu lắm, xe máy ngã suốt", "report", categories=(("duong_cau", 0.9),))
    assert "nước đọng" in talk.description


@pytest.mark.parametrize(
    "words", ["hủy đi", "huỷ giúp bác", "thôi hủy", "hủy", "không báo nữa", "huy di em", "cho em hủy nhé"]
)
def test_clear_words_cancel_at_once(talk: Talk, words: str) -> None:
    talk.say(words, "cancel", 0.4)
    assert talk.conversation.draft is None


@pytest.mark.parametrize(
    "words", ["gần nhà anh Huy", "nhà bà Huy bị nặng nhất", "ông Huy trưởng thôn biết việc này"]
)
def test_a_name_is_no_cancel(talk: Talk, words: str) -> None:
    talk.say(words, "cancel", 0.99)
    draft = talk.conversation.draft
    assert draft is not None
    assert words in f"{draft.description}; {draft.where.words}"


@pytest.mark.parametrize(
    "words",
    ["để mai tui chụp gửi sau", "lát nữa gửi ảnh nhé", "để tối về gửi", "trưa mai tui ra chụp",
     "khi nào rảnh tui chụp"],
)  # fmt: skip
def test_photos_promised_for_later_are_no_cancel(talk: Talk, words: str) -> None:
    assert "gửi sau cũng được" in talk.say(words, "cancel", 0.99)
    assert talk.conversation.asked is Ask.CONFIRM
    assert talk.description == "ổ gà to ở thôn 3 xã Cẩm Duệ"


@pytest.mark.parametrize("words", ["thôi gửi đi", "thôi cứ gửi vậy nhé", "gửi luôn đi em"])
def test_just_send_it_shows_the_summary_first(talk: Talk, words: str) -> None:
    talk.say(words, "cancel", 0.9)
    assert talk.conversation.asked is Ask.CONFIRM
    assert not talk.filed
    talk.say(words, "cancel", 0.9)
    assert len(talk.filed) == 1


@pytest.mark.parametrize(
    "words",
    ["mai gửi", "khoan đã", "chưa gửi vội", "để lát nữa gửi", "để tui hỏi bà nhà đã", "từ từ đã em",
     "gửi sau đi", "đợi tui chút", "đừng gửi vội", "bữa khác gửi"],
)  # fmt: skip
def test_what_is_put_off_is_not_sent(shown: Talk, words: str) -> None:
    assert "chưa gửi" in shown.say(words, "confirm", 0.99)
    assert not shown.filed
    shown.say("vâng", "confirm", 0.99)
    assert not shown.filed, "a yes to its being put off is no order to send"
    shown.say("gửi đi", "confirm", 0.99)
    assert not shown.filed
    assert shown.conversation.asked is Ask.CONFIRM
    shown.say("gửi đi", "confirm", 0.99)
    assert len(shown.filed) == 1


@pytest.mark.parametrize("words", ["trời nắng quá em", "bữa ni họp thôn", "hay là thế này"])
def test_a_yes_that_only_the_engine_believes_sends_nothing(shown: Talk, words: str) -> None:
    assert "chưa gửi" in shown.say(words, "confirm", 0.99)
    assert not shown.filed


@pytest.mark.parametrize("words", ["ừ đúng thế", "rứa đúng rồi đó em", "vâng gửi giúp bác nhé", "ok em"])
def test_a_yes_in_other_words_sends(shown: Talk, words: str) -> None:
    shown.say(words, "confirm", 0.7)
    assert len(shown.filed) == 1


@pytest.fixture
def in_doubt(pack: Pack, phrases: Phrases) -> Talk:
    begun = Talk(pack, phrases)
    ranked = (("chieu_sang", 0.2), ("thien_tai", 0.19), ("an_ninh", 0.18))
    begun.say("ông hàng xóm rào mất đường vào nhà ở xã Cẩm Duệ", "report", categories=ranked)
    assert begun.conversation.asked is Ask.CATEGORY
    return begun


@pytest.mark.parametrize("words", ["ko", "không", "không phải", "không nhóm nào", "nhóm khác"])
def test_none_of_the_offered_categories_is_for_a_person(in_doubt: Talk, words: str) -> None:
    assert "Khác" in in_doubt.say(words, "deny_correct")
    draft = in_doubt.conversation.draft
    assert draft is not None
    assert draft.category == "khac"


def test_a_category_that_was_not_offered_is_not_taken_from_a_guess(in_doubt: Talk) -> None:
    in_doubt.say("no photo", "report", categories=(("hanh_chinh", 0.74),))
    draft = in_doubt.conversation.draft
    assert draft is not None
    assert draft.category != "hanh_chinh"
    assert "no photo" not in draft.description
    assert in_doubt.conversation.asked is Ask.CONFIRM


@pytest.mark.parametrize("intent", ["report", "deny_correct", "change_location"])
def test_a_matter_in_another_commune_never_moves_the_draft(shown: Talk, intent: str) -> None:
    shown.say("cống tắc ở xã Gia Hanh", intent, categories=(("thoat_nuoc", 0.8),))
    draft, (later,) = shown.conversation.draft, shown.conversation.later
    assert draft is not None
    named = shown.pack.places.communes
    assert named[draft.where.commune or ""].name == "Cẩm Duệ"
    assert named[later.where.commune or ""].name == "Gia Hanh"
    assert "Gia Hanh" not in draft.where.words


def test_two_words_beside_a_place_are_a_matter(pack: Pack, phrases: Phrases) -> None:
    talk = Talk(pack, phrases)
    talk.say("ổ gà ở xã Toàn Lưu", "report", 0.6)
    assert talk.description == "ổ gà ở xã Toàn Lưu"


def test_rude_words_around_a_matter_are_a_report(pack: Pack, phrases: Phrases) -> None:
    talk = Talk(pack, phrases)
    words = "đm rác thối um lên ở xã Cẩm Bình mà không thằng nào dọn, lũ ăn hại"
    talk.say(words, "abuse_spam", 1.0)
    assert "rác thối" in talk.description
    quiet = Talk(pack, phrases)
    quiet.say("lũ ngu ở xã Cẩm Bình", "abuse_spam", 1.0)
    assert quiet.conversation.draft is None
