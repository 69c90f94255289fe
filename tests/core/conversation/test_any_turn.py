"""`take_turn` is total and pure: whatever is heard in whatever state, the rules of the talk hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.codec import decode, encode
from core.conversation.draft import Photo
from core.conversation.effects import Erase, FileReport, GiveConsent, Rate, Reopen, Withdraw
from core.conversation.floor import Turn
from core.conversation.heard import Heard, Known, ReportBrief
from core.conversation.state import Conversation
from core.conversation.turn import take_turn
from core.message import Address, Ask, Contact, Inbound, InboundKind, News, Outbound, Point
from core.pack import load_pack
from core.phrases import load_phrases
from core.places.commune import Commune, PlaceAnswer
from core.understanding import INTENTS, Understanding

PROVINCE = Path(__file__).parents[3] / "province" / "ha_tinh"
PACK = load_pack(PROVINCE)
PHRASES = load_phrases(PROVINCE, PACK.timezone)
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
COMMUNES = list(PACK.places.communes.values())[:6]
LEAVES = [*list(PACK.categories)[:5], "khac"]
CODES = [f"HT-2611-{number:05d}" for number in range(1, 5)]
KINDS = ("fire", "drowning", "medical", "crime", "electric", "gas", "disaster", "child", "suicide", "other")
STATUSES = ("assigned", "in_progress", "needs_info", "resolved", "refused", "duplicate", "reopened", "odd")
VALUES = [
    "confirm", "edit", "edit:what", "edit:where", "edit:category", "edit:photos", "cancel", "skip_photo",
    "skip_phone", "new_report", "done", "follow", "human", "resume", "report_anyway", "use_voice",
    "place:pin",
    f"place:{COMMUNES[0].code}", "category:rac_thai", "category:none", "rate:satisfied", "rate:unsatisfied",
    "rate:odd", "reopen", "no_reopen", "withdraw", "keep", "erase:yes", "erase:no", f"status:{CODES[0]}",
    "odd",
]  # fmt: skip
WORDS = [
    "gửi đi", "đúng rồi", "ok", "không", "không có ảnh", "thôi", "hủy", "sửa", "nơi", "việc", "1", "2",
    "số 3", "9",
    "bỏ qua", "không biết", "gặp cán bộ", "của tôi", "xong", "việc mới", "tiếp", "hài lòng", "không hài lòng",
    "5 sao", "mở lại", "rút lại", "giữ nguyên", "xóa dữ liệu của tôi", "xóa hết",
    "cho tôi xem dữ liệu của tôi",
    "đèn đường hỏng cả tháng nay", "à nhầm, ở chỗ khác", "còn nữa, rác đổ đầy đường làng", "thôn Đông",
    "bổ sung: gần cổng chợ", "chờ em chụp đã", "chào em", "cảm ơn", "", "😀", "asdf", "hủy phản ánh vừa gửi",
    "bà không cho số", "vẫn còn nguyên chưa ai sửa", f"bổ sung {CODES[0]}: thêm một ý", "đường " * 700,
]  # fmt: skip

place_answers = st.one_of(
    st.just(PlaceAnswer("unknown")),
    st.sampled_from(COMMUNES).map(lambda unit: PlaceAnswer("unit", unit, (unit,))),
    st.lists(st.sampled_from(COMMUNES), min_size=1, max_size=5, unique=True).map(
        lambda units: PlaceAnswer("ambiguous", None, tuple(units))
    ),
    st.just(PlaceAnswer("outside", outside="thành phố Vinh, tỉnh Nghệ An")),
)
rankings = st.lists(
    st.tuples(st.sampled_from(LEAVES), st.floats(0.0, 1.0)), max_size=4, unique_by=lambda pair: pair[0]
).map(lambda pairs: tuple(sorted(pairs, key=lambda pair: -pair[1])))
understandings = st.builds(
    Understanding,
    intent=st.sampled_from(INTENTS),
    confidence=st.floats(0.0, 1.0),
    categories=rankings,
    place_text=st.sampled_from([None, "thôn Đông", "gần chợ"]),
    phones=st.sampled_from([(), ("0900000111",)]),
    ticket_codes=st.sampled_from([(), (CODES[0],), (CODES[1], CODES[3])]),
    on_behalf=st.sampled_from([None, None, "", "mệ Xuân"]),
    danger=st.sampled_from([None, None, None, None, *KINDS]),
    complaint=st.sampled_from([False, False, False, True]),
    matter=st.sampled_from(["", "đèn đường hỏng"]),
)
photos = st.lists(st.integers(0, 12), max_size=4).map(
    lambda numbers: tuple(Photo(f"photo-{number}", "", None) for number in numbers)
)
points = st.sampled_from([None, None, Point(18.39, 105.95), Point(0.0, 0.0), Point(18.68, 105.68, 20.0)])


class Talks(RuleBasedStateMachine):
    """One citizen's talk on one channel; reports are kept as storage would keep them."""

    @initialize(
        channel=st.sampled_from(["zalo", "telegram", "hotline", "sim_zalo"]),
        hint=st.sampled_from([None, COMMUNES[1].code]),
    )
    def begin(self, channel: str, hint: str | None) -> None:
        self.address = Address(channel, "citizen")
        self.conversation = Conversation(hint=hint)
        self.now = START
        self.consented = False
        self.own: list[ReportBrief] = []
        self.filed: set[str] = set()
        self.events = 0

    # -- what may happen ------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([0, 1, 3, 7, 30, 24 * 5]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(
        text=st.sampled_from(WORDS)
        | st.text(st.characters(exclude_characters="?{}⟦⟧", exclude_categories=["Cs"]), max_size=30).filter(
            lambda text: "None" not in text
        ),
        understanding=st.none() | understandings,
        place=place_answers,
        cut=st.booleans(),
    )
    def say(self, text: str, understanding: Understanding | None, place: PlaceAnswer, cut: bool) -> None:
        if not text:
            understanding = None
        self.turn(self.heard(text=text, understanding=understanding, place=place, cut=cut))

    @rule(unit=st.sampled_from(COMMUNES), leaf=st.sampled_from(LEAVES), refuses=st.booleans())
    def tell_all_at_once(self, unit: Commune, leaf: str, refuses: bool) -> None:
        """The common talk, so that summaries, filings and what follows them are reached often."""
        meaning = Understanding("report", 0.9, ((leaf, 0.9),), place_text="thôn Đông", matter="cột điện đổ")
        where = PlaceAnswer("unit", unit, (unit,))
        self.turn(self.heard(text=f"cột điện đổ ở {unit.full_name}", understanding=meaning, place=where))
        if refuses:
            self.turn(self.heard(text="không có ảnh"))

    @rule()
    def confirm(self) -> None:
        if self.conversation.asked is Ask.CONFIRM:
            turn = self.conversation.offered_turn
            self.turn(self.heard({"choice": "confirm", "choice_turn": turn}))

    @rule(
        text=st.sampled_from(["", "", "đèn đường hỏng", "gửi đi"]),
        understanding=understandings,
        photos=photos,
        lost=st.sampled_from([(), ("too_big",), ("broken", "empty")]),
        point=points,
        spot=place_answers,
        voice=st.sampled_from([None, "voice-1"]),
        contact=st.sampled_from([None, None, Contact("0900000222", "bà Năm"), Contact(None, "ông Tám")]),
        files=st.sampled_from([(), (), ("file-1",)]),
    )
    def send(
        self, text: str, understanding: Understanding, spot: PlaceAnswer, point: Point | None,
        contact: Contact | None, photos: tuple[Photo, ...], lost: tuple[str, ...], voice: str | None,
        files: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.turn(
            self.heard(
                {"point": point, "contact": contact}, text=text,
                understanding=understanding if text else None,
                photos=photos, lost=lost, voice=voice, transcribed=bool(voice and text), files=files,
                spot=spot if point is not None else None,
            )
        )  # fmt: skip

    @rule(value=st.sampled_from(VALUES), turn=st.sampled_from([None, 0, "last"]))
    def press_anything(self, value: str, turn: int | str | None) -> None:
        number = self.conversation.offered_turn if turn == "last" else turn
        self.turn(self.heard({"choice": value, "choice_turn": number}))

    @rule(position=st.integers(0, 9))
    def press_what_is_offered(self, position: int) -> None:
        offered = self.conversation.offered
        if offered:
            choice = offered[position % len(offered)]
            self.turn(self.heard({"choice": choice.value, "choice_turn": self.conversation.offered_turn}))

    @rule(kind=st.sampled_from(list(InboundKind)), text=st.sampled_from(["", "tnv", "xa_18673", "đèn hỏng"]))
    def other_kind(self, kind: InboundKind, text: str) -> None:
        if kind is not InboundKind.NEWS:
            self.turn(self.heard({"kind": kind, "text": text, "replaces": "e1"}, text=text))

    @rule(number=st.integers(0, 5), status=st.sampled_from(STATUSES), note=st.sampled_from(["", "đã xong"]))
    def back_office(self, number: int, status: str, note: str) -> None:
        code = self.own[number % len(self.own)].code if self.own else CODES[2]
        self.own = [
            replace(r, status=status, closed=status in ("resolved", "refused", "duplicate"))
            if r.code == code
            else r
            for r in self.own
        ]
        news = News(code, status, "Phòng Kinh tế xã Cẩm Bình", note)
        self.turn(self.heard({"kind": InboundKind.NEWS, "news": news}))

    @rule(
        first=understandings,
        second=st.sampled_from(WORDS),
        photos=photos,
        place=place_answers,
        danger=st.booleans(),
    )
    def burst(
        self,
        first: Understanding,
        second: str,
        photos: tuple[Photo, ...],
        place: PlaceAnswer,
        danger: bool,
    ) -> None:
        opening = replace(first, intent="emergency", danger="fire") if danger else first
        self.turn(
            self.heard(text="cột điện đổ", understanding=opening, place=place),
            self.heard(photos=photos) if photos else self.heard(text=second),
            self.heard(text=second, understanding=first if second else None),
        )

    # -- one turn -------------------------------------------------------------------------------------

    def heard(self, event: dict[str, Any] | None = None, **values: Any) -> Heard:
        self.events += 1
        number = self.events
        inbound = Inbound(self.address, f"e{number}", self.now, **(event or {}))
        return Heard(inbound, **values)

    def known(self) -> Known:
        own = tuple(reversed(self.own))
        stranger = ReportBrief(
            CODES[3], "rac_thai", COMMUNES[0].code, "in_progress", "Phòng Kinh tế", None, START, metres=40.0
        )
        named = {report.code: report for report in own} | {stranger.code: stranger}
        return Known(PACK, PHRASES, self.consented, own, (stranger,) if len(own) % 2 else (), named)

    def turn(self, *heard: Heard) -> None:
        before, known = self.conversation, self.known()
        frozen = encode(before)
        turn = take_turn(before, heard, known, self.now)
        again = take_turn(before, heard, known, self.now)
        assert turn == again, "the same input gives the same output"
        assert encode(before) == frozen, "the input is unchanged"
        self.check_effects(before, heard, turn)
        codes = self.store(turn)
        self.check_replies(before, heard, turn, codes)
        self.now += timedelta(seconds=20)

    def check_effects(self, before: Conversation, heard: tuple[Heard, ...], turn: Turn) -> None:
        filings = [effect for effect in turn.effects if isinstance(effect, FileReport)]
        consents = [effect for effect in turn.effects if isinstance(effect, GiveConsent)]
        confirmed = [filing for filing in filings if filing.danger is None and not filing.unconfirmed]
        for filing in filings:
            assert filing.draft.id not in self.filed, "a draft is filed once"
            self.filed.add(filing.draft.id)
        assert len(confirmed) <= 1
        for filing in confirmed:
            assert before.asked is Ask.CONFIRM
            assert before.draft is not None
            assert before.draft.shown
            sent, shown = filing.draft, before.draft
            assert (sent.id, sent.said, sent.photos, sent.where) == (
                shown.id, shown.said, shown.photos, shown.where
            ), "what is filed is what was shown"  # fmt: skip
            draft = turn.conversation.draft
            assert draft is None or draft.id != sent.id, "a filed draft is gone"
        assert len(consents) == (1 if confirmed and not self.consented else 0)
        for effect in turn.effects:
            if isinstance(effect, Rate | Reopen | Withdraw):
                assert effect.code in {report.code for report in self.own}, "only one's own"

    def check_replies(
        self, before: Conversation, heard: tuple[Heard, ...], turn: Turn, codes: dict[str, str]
    ) -> None:
        kinds = {one.event.kind for one in heard}
        officer = before.quiet_until is not None and self.now < before.quiet_until
        silent_kinds = {
            InboundKind.STAFF_ECHO, InboundKind.ERASURE, InboundKind.BLOCKED, InboundKind.HUNG_UP,
        }  # fmt: skip
        if not officer and not kinds & silent_kinds:
            assert len(turn.replies) == 1, "at least one answer; a burst is answered once"
        for reply in turn.replies:
            self.check_reply(reply, codes)
        dangers = [one.understanding for one in heard if one.understanding and one.understanding.danger]
        if dangers and turn.replies and heard[0].event.kind is InboundKind.MESSAGE:
            assert re.search(r"\b11[1-5]\b", turn.replies[0].text.split("\n")[0]), "the number comes first"

    def check_reply(self, reply: Outbound, codes: dict[str, str]) -> None:
        text = reply.text
        for mark, code in codes.items():
            text = text.replace(mark, code).replace(f"{mark[:-1]}:spelled⟧", PHRASES.spell(code))
        assert text.strip()
        assert text.count("?") <= 1, f"one question: {text}"
        assert not re.search(r"[{}⟦⟧]|None", text)
        labels, values = [c.label for c in reply.choices], [c.value for c in reply.choices]
        assert len(values) <= 10
        assert len(set(values)) == len(values)
        assert all(0 < len(label) <= 20 for label in labels)

    def store(self, turn: Turn) -> dict[str, str]:
        """What storage does with a turn: codes for marks, reports, consent. The codes it gave."""
        codes = {}
        for effect in turn.effects:
            if isinstance(effect, FileReport):
                code = f"HT-2611-{len(self.filed):05d}"
                codes[effect.mark] = code
                self.own.append(
                    ReportBrief(
                        code, effect.category, effect.draft.where.commune, "received", effect.agency,
                        effect.deadline, self.now, effect.draft.description, mine=True,
                    )
                )  # fmt: skip
            self.consented = self.consented or isinstance(effect, GiveConsent)
            if isinstance(effect, Erase):
                self.own, self.consented = [], False
        data = json.dumps(encode(turn.conversation), ensure_ascii=False)
        for mark, code in codes.items():
            data = data.replace(mark, code)
        self.conversation = decode(Conversation, json.loads(data))
        if not codes:
            assert self.conversation == turn.conversation, "the state survives being written down"
        return codes

    @invariant()
    def a_choice_waits_only_with_its_question(self) -> None:
        conversation = getattr(self, "conversation", None)
        if conversation is not None and conversation.asked is Ask.CONFIRM:
            assert conversation.draft is not None
            assert conversation.draft.shown


def settings_of(examples: int) -> settings:
    """Without shrinking: the steps of a failure are printed, and a failure ends in seconds."""
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def test_any_turn() -> None:
    run_state_machine_as_test(Talks, settings=settings_of(100))


@pytest.mark.long
def test_any_turn_for_long() -> None:
    run_state_machine_as_test(Talks, settings=settings_of(3_000))
