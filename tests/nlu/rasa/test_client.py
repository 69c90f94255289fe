"""The client of Rasa against recorded answers: what it sends, what it makes of them, and who stands in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.danger import DangerWords
from core.phrases import load_phrases
from core.plain import PlainInterpreter
from core.understanding import Context, Understanding
from nlu.interpreter import InProcessInterpreter
from nlu.rasa.breaker import State
from nlu.rasa.client import RasaError, RasaInterpreter
from nlu.rasa.marker import split_context
from tests.nlu.rasa.answers import recorded

PACK = Path("province/ha_tinh")
TOKEN = "token-of-nobody"
TEXT = "đống rác to ở xã Cẩm Bình"
Handler = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class StandIn:
    """Counts how often it had to stand in."""

    def __init__(self) -> None:
        self.asked = 0
        self.intent = "report"

    async def interpret(self, text: str, context: Context) -> Understanding:
        self.asked += 1
        return Understanding(self.intent, 0.5, engine="stand-in")


class Stage:
    """A client before a scripted server."""

    def __init__(
        self, handler: Handler, time_limit: float = 5.0, stand_in: InProcessInterpreter | None = None
    ) -> None:
        self.now = 0.0
        self.stand_in = StandIn()
        self.seen: list[httpx.Request] = []

        async def handle(request: httpx.Request) -> httpx.Response:
            self.seen.append(request)
            answer = handler(request)
            return answer if isinstance(answer, httpx.Response) else await answer

        self.client = RasaInterpreter(
            "http://rasa.test", TOKEN, DangerWords.load(PACK / "danger.yml"), "HT", stand_in or self.stand_in,
            time_limit=time_limit, transport=httpx.MockTransport(handle), monotonic=lambda: self.now,
        )  # fmt: skip

    async def say(self, text: str, context: Context = Context.IDLE) -> Understanding:
        return await self.client.interpret(text, context)


def sent(request: httpx.Request) -> tuple[str, str]:
    """(state, words) of what was asked."""
    text = json.loads(request.content)["text"]
    context, begin = split_context(text)
    return context, text[begin:]


def answering(request: httpx.Request) -> httpx.Response:
    context, words = sent(request)
    content = recorded(TEXT, context)
    if TEXT not in words:
        content["entities"] = []
    return httpx.Response(200, json=content)


async def test_an_understanding_like_any_other() -> None:
    stage = Stage(answering)
    found = await stage.say(TEXT)
    assert (found.intent, found.category, found.place_text) == ("report", "rac_thai", "xã Cẩm Bình")
    assert found.categories[0][1] == pytest.approx(0.998 / 0.9985, abs=1e-4)
    assert (found.engine, stage.stand_in.asked) == ("rasa", 0)


async def test_what_is_sent() -> None:
    stage = Stage(answering)
    await stage.say("ok", Context.CONFIRM_DRAFT)
    request = stage.seen[0]
    assert (request.url.path, request.url.params["token"]) == ("/model/parse", TOKEN)
    assert sent(request) == ("confirm_draft", "ok")


async def test_a_command_of_rasas_is_sent_as_words() -> None:
    stage = Stage(answering)
    await stage.say('/confirm{"place": "x"}')
    assert json.loads(stage.seen[0].content)["text"].startswith("⟦idle⟧ /confirm")


async def test_a_marker_that_a_citizen_typed_does_not_count() -> None:
    stage = Stage(answering)
    await stage.say("⟦confirm_draft⟧ ok")
    assert sent(stage.seen[0])[0] == "idle"


async def test_the_text_is_cut_and_composed() -> None:
    stage = Stage(answering)
    await stage.say("hỏng " * 3_000)
    await stage.say("hỏng")
    assert len(sent(stage.seen[0])[1]) <= 1_000
    assert sent(stage.seen[1])[1] == "hỏng"


@pytest.mark.parametrize("text", ["", "   ", "👍", "???", "\u200b"])
async def test_signs_are_answered_before_rasa(text: str) -> None:
    stage = Stage(answering)
    await stage.say(text)
    assert not stage.seen
    assert stage.stand_in.asked == 0


async def test_danger_words_are_a_rule_whatever_rasa_believes() -> None:
    stage = Stage(answering)
    stage.stand_in.intent = "emergency"
    found = await stage.say("cháy nhà rồi cứu với")
    assert (found.intent, found.danger, found.engine) == ("emergency", "fire", "rasa")


@pytest.mark.parametrize(("believed", "second", "meant"), [
    (0.0, "report", "report"), (0.0, "emergency", "emergency"), (0.9, "report", "emergency"),
])  # fmt: skip
async def test_sure_words_of_danger_are_taken_back_by_both_engines_only(
    believed: float, second: str, meant: str
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**recorded(TEXT), "entities": [], "danger": believed})

    stage = Stage(handler)
    stage.stand_in.intent = second
    found = await stage.say("cháy nhà rồi cứu với")
    assert (found.intent, found.danger) == (meant, "fire" if meant == "emergency" else None)
    assert found.engine == "rasa"
    assert stage.client.tally.stood_in == 0


async def test_danger_is_also_judged_by_the_words_beside_the_place() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        content = recorded("cháy nhà rồi ở xã Cẩm Bình")
        if "xã Cẩm Bình" in sent(request)[1]:
            return httpx.Response(200, json={**content, "danger": 0.0})
        return httpx.Response(200, json={**content, "danger": 0.9, "entities": []})

    stage = Stage(handler)
    found = await stage.say("cháy nhà rồi ở xã Cẩm Bình")
    assert (found.intent, found.place_text) == ("emergency", "xã Cẩm Bình")
    assert [sent(request)[1] for request in stage.seen] == ["cháy nhà rồi ở xã Cẩm Bình", "cháy nhà rồi ở "]


async def test_a_place_in_passing_has_no_vote_alone() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        content = recorded("ổ gà to ở xã Cẩm Bình")
        school, road = (0.6, 0.4) if "xã Cẩm Bình" in sent(request)[1] else (0.1, 0.9)
        shares = {"giao_duc": school, "duong_cau": road}
        content["category_ranking"] = [{"name": name, "confidence": share} for name, share in shares.items()]
        return httpx.Response(200, json=content)

    stage = Stage(handler)
    found = await stage.say("ổ gà to ở xã Cẩm Bình")
    assert (found.category, found.place_text) == ("duong_cau", "xã Cẩm Bình")
    assert found.categories[0][1] == pytest.approx(0.36 / 0.42, abs=1e-3)
    assert len(stage.seen) == 2


async def test_where_nothing_hints_at_danger_rasa_is_asked_once() -> None:
    stage = Stage(answering)
    assert (await stage.say(TEXT)).place_text == "xã Cẩm Bình"
    assert len(stage.seen) == 1


async def test_what_burns_has_the_category_of_what_burns() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        plights = [{"name": "dien", "confidence": 0.9}, {"name": "an_ninh", "confidence": 0.1}]
        danger = 0.9 if "cháy" in sent(request)[1] else 0.0
        told = {"entities": [], "danger": danger, "plight_ranking": plights}
        return httpx.Response(200, json={**recorded(TEXT), **told})

    stage = Stage(handler)
    assert (await stage.say("cháy nhà rồi cứu với")).category == "dien"
    assert (await stage.say("đống rác to")).category == "rac_thai"


async def test_a_report_that_tells_nothing_yet_has_no_category() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**recorded(TEXT), "entities": [], "untold": 0.9})

    found = await Stage(handler).say("tôi muốn phản ánh")
    assert (found.intent, found.categories) == ("report", ())


async def test_phones_codes_and_complaints_are_rules() -> None:
    stage = Stage(answering)
    found = await stage.say("rác ở chợ, gọi 0900 000 123 nhé, mã HT-2611-00042")
    assert (found.phones, found.ticket_codes) == (("0900000123",), ("HT-2611-00042",))
    assert (await stage.say("HT-2611-00042")).intent == "check_status"
    assert (await stage.say("tôi muốn tố cáo ông chủ tịch xã")).complaint


async def test_of_not_this_but_that_the_category_is_of_that() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        content = recorded(TEXT)
        content["entities"] = []
        if "rác" not in sent(request)[1]:
            content["category_ranking"] = [{"name": "o_nhiem", "confidence": 1.0}]
        return httpx.Response(200, json=content)

    stage = Stage(handler)
    found = await stage.say("không phải rác, mà là nước thải đen ngòm")
    assert (found.category, len(stage.seen)) == ("o_nhiem", 2)


def failing(kind: str) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        if kind == "down":
            raise httpx.ConnectError("refused", request=request)
        if kind == "read time-out":
            raise httpx.ReadTimeout("slow", request=request)
        if kind == "cut off":
            raise httpx.RemoteProtocolError("gone", request=request)
        return {
            "500": httpx.Response(500, json={"reason": "ParsingError"}),
            "wrong token": httpx.Response(401, json={"reason": "NotAuthenticated"}),
            "no model": httpx.Response(409, json={"reason": "Conflict"}),
            "redirect": httpx.Response(302, headers={"location": "http://elsewhere.test/"}),
            "page": httpx.Response(200, text="<html>"),
            "not utf-8": httpx.Response(200, content=b"\xff\xfe\x00"),
            "null": httpx.Response(200, json=None),
            "list": httpx.Response(200, json=[1, 2]),
            "other bot": httpx.Response(200, json={"intent": {"name": "order", "confidence": 1.0}}),
        }[kind]

    return handler


KINDS = (
    "down", "read time-out", "cut off", "500", "wrong token", "no model", "redirect", "page",
    "not utf-8", "null", "list", "other bot",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_rasa_does_wrong_somebody_understands(kind: str) -> None:
    stage = Stage(failing(kind))
    assert (await stage.say(TEXT)).engine == "stand-in"
    assert stage.client.tally.stood_in == 1
    assert stage.client.tally.last_problem


async def never(request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


class Trickle(httpx.AsyncByteStream):
    """An answer that comes byte by byte and has no end: no single wait is long."""

    def __init__(self) -> None:
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b" "

    async def aclose(self) -> None:
        self.closed = True


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize("server", ["down", "hanging", "slow"])
async def test_the_in_process_interpreter_answers_in_its_place(
    server: str, interpreter: InProcessInterpreter
) -> None:
    trickle = Trickle()
    handlers: dict[str, Handler] = {
        "down": refused, "hanging": never, "slow": lambda _: httpx.Response(200, stream=trickle),
    }  # fmt: skip
    stage = Stage(handlers[server], time_limit=0.02, stand_in=interpreter)
    said = "ống nước vỡ ở xã Cẩm Bình, gọi 0900 000 123"
    assert await stage.say(said, Context.DRAFT_OPEN) == interpreter.understand(said, Context.DRAFT_OPEN)
    assert len(stage.seen) == 1
    assert stage.client.tally.stood_in == 1
    assert trickle.closed is (server == "slow")


async def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    late = asyncio.Event()

    async def handler(request: httpx.Request) -> httpx.Response:
        if sent(request)[1] == "late":
            await late.wait()
        return answering(request)

    stage = Stage(handler, time_limit=0.02)
    assert (await stage.say("late")).engine == "stand-in"
    late.set()
    assert (await stage.say(TEXT)).engine == "rasa"
    assert (stage.client.tally.understood, stage.client.tally.stood_in) == (1, 1)


async def test_a_server_that_never_answers_is_not_waited_for() -> None:
    stage = Stage(never, time_limit=0.02)
    for _ in range(4):
        found = await asyncio.gather(*(stage.say(TEXT) for _ in range(20)))
        assert {one.engine for one in found} == {"stand-in"}
    assert stage.client.state is State.OPEN
    before = len(stage.seen)
    await stage.say(TEXT)
    assert len(stage.seen) == before


async def test_a_crowd_before_a_working_server_is_no_failure_of_it() -> None:
    stage = Stage(answering, time_limit=0.05)
    async with stage.client.turns, stage.client.turns:  # both places are taken
        found = await asyncio.gather(*(stage.say(TEXT) for _ in range(30)))
    assert {one.engine for one in found} == {"stand-in"}
    assert not stage.seen
    assert stage.client.state is State.CLOSED


async def test_no_more_than_two_questions_at_once() -> None:
    under_way = most = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return answering(request)

    stage = Stage(handler)
    found = await asyncio.gather(*(stage.say(TEXT) for _ in range(12)))
    assert {one.engine for one in found} == {"rasa"}
    assert most == 2


async def test_failures_in_a_row_and_back_again() -> None:
    broken = True

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if broken else answering(request)

    stage = Stage(handler)
    for _ in range(10):
        await stage.say(TEXT)
    assert len(stage.seen) == 3
    assert (await stage.client.facts())["breaker"] == State.OPEN
    broken, stage.now = False, 31.0
    assert (await stage.say(TEXT)).engine == "rasa"
    assert stage.client.state is State.CLOSED
    assert (await stage.client.facts())["understood"] == 1


async def test_a_cancelled_question_says_nothing_about_the_server() -> None:
    asked = asyncio.Event()

    async def hang(request: httpx.Request) -> httpx.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    stage = Stage(hang)
    for _ in range(5):
        asked.clear()
        task = asyncio.create_task(stage.say(TEXT))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert stage.client.state is State.CLOSED


async def test_the_words_are_in_no_problem() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"text": TEXT, "intent": {"name": "x", "confidence": 1.0}})

    stage = Stage(handler)
    await stage.say(TEXT)
    assert "rác" not in json.dumps(await stage.client.facts(), ensure_ascii=False)


async def test_the_model_of_the_server() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        status: dict[str, Any] = {"model_file": "build/models/kenhdan.tar.gz", "num_active_training_jobs": 0}
        return httpx.Response(200, json=status)

    assert await Stage(handler).client.model_file() == "kenhdan.tar.gz"
    with pytest.raises(RasaError, match="KENHDAN_RASA_TOKEN"):
        await Stage(failing("wrong token")).client.model_file()


async def test_rules_alone_may_stand_in() -> None:
    danger = DangerWords.load(PACK / "danger.yml")
    plain = PlainInterpreter(danger, load_phrases(PACK, "Asia/Ho_Chi_Minh"), "HT")
    transport = httpx.MockTransport(failing("down"))  # type: ignore[arg-type]
    client = RasaInterpreter("http://rasa.test", "", danger, "HT", plain, transport=transport)
    assert (await client.interpret("cháy nhà rồi cứu với", Context.IDLE)).intent == "emergency"
    await client.close()
