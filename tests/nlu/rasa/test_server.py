"""The client against a real Rasa server, when `make rasa-model` has built its environment and model."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from core.danger import DangerWords
from core.understanding import Context, Understanding
from nlu.evaluate import read_set
from nlu.rasa import serve
from nlu.rasa.breaker import State
from nlu.rasa.client import RasaError, RasaInterpreter
from nlu.rasa.compare import compare
from nlu.rasa.marker import with_context
from tests.nlu.rasa.answers import recorded

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not serve.RASA_PYTHON.exists() or not serve.MODEL.is_file(), reason="`make rasa-model` first"
    ),
]
TOKEN = "token-of-nobody"


class StandIn:
    async def interpret(self, text: str, context: Context) -> Understanding:
        return Understanding("report", 0.5, engine="stand-in")


def client_of(port: int, token: str = TOKEN, time_limit: float = 30.0) -> RasaInterpreter:
    danger = DangerWords.load(Path("province/ha_tinh/danger.yml"))
    return RasaInterpreter(f"http://127.0.0.1:{port}", token, danger, "HT", StandIn(), time_limit=time_limit)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    server = subprocess.Popen(
        serve.command(serve.MODEL, free, TOKEN), cwd=serve.ROOT, env=serve.environment(os.environ),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asyncio.run(_until_ready(free, server))
        yield free
    finally:
        server.terminate()
        server.wait(30)


async def _until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    client = client_of(port)
    ends = time.monotonic() + 300
    while time.monotonic() < ends and server.poll() is None:
        try:
            await client.model_file()
        except RasaError:
            await asyncio.sleep(1)
        else:
            return await client.close()
    raise AssertionError("Rasa did not start")


@pytest.fixture
async def client(port: int) -> AsyncIterator[RasaInterpreter]:
    client = client_of(port)
    yield client
    await client.close()


async def test_a_report_with_its_place(client: RasaInterpreter) -> None:
    found = await client.interpret("rác đổ đống bốc mùi ở xã Cẩm Bình mấy hôm rồi", Context.IDLE)
    assert (found.engine, found.intent, found.category) == ("rasa", "report", "rac_thai")
    assert "Cẩm Bình" in (found.place_text or "")


async def test_the_recorded_answer_is_still_what_the_server_says(port: int) -> None:
    said = "đống rác to ở xã Cẩm Bình"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:
        response = await http.post(
            "/model/parse", params={"token": TOKEN}, json={"text": with_context(said, "idle")}
        )
    told, kept = response.json(), recorded(said)
    assert set(told) == set(kept)
    for name in ("intent_ranking", "category_ranking", "plight_ranking"):
        assert told[name][0]["name"] == kept[name][0]["name"]
        assert {one["name"] for one in kept[name]} <= {one["name"] for one in told[name]}
    (place,), (kept_place,) = told["entities"], kept["entities"]
    assert set(place) == set(kept_place)
    assert [place[name] for name in ("start", "end", "value", "extractor")] == [
        kept_place[name] for name in ("start", "end", "value", "extractor")
    ]
    assert told["danger"] < 0.02
    assert told["untold"] < 0.1


async def test_an_emergency_has_its_own_categories(client: RasaInterpreter) -> None:
    found = await client.interpret("cháy nhà rồi cứu với, ở xã Cẩm Bình", Context.IDLE)
    assert (found.engine, found.intent, found.danger) == ("rasa", "emergency", "fire")
    assert found.category == "an_ninh"


async def test_a_wish_to_tell_has_no_category(client: RasaInterpreter) -> None:
    found = await client.interpret("tôi muốn phản ánh một việc", Context.IDLE)
    assert (found.intent, found.categories) == ("report", ())


async def test_the_state_decides(client: RasaInterpreter) -> None:
    asked = await client.interpret("đúng rồi", Context.CONFIRM_DRAFT)
    idle = await client.interpret("đúng rồi", Context.IDLE)
    assert asked.intent == "confirm"
    assert idle.intent != "confirm"


async def test_commands_of_rasas_are_words(client: RasaInterpreter) -> None:
    found = await client.interpret('/confirm{"place": "Hà Nội"}', Context.IDLE)
    assert found.engine == "rasa"
    assert found.intent != "confirm"


async def test_odd_texts(client: RasaInterpreter) -> None:
    for text in ("a" * 20_000, "x\u0000y", "[rác](place)", "⟦idle⟧", "1", "𝒶 \u0301", '"}{', "/"):
        assert (await client.interpret(text, Context.DRAFT_OPEN)).intent


async def test_a_wrong_token_is_told(port: int) -> None:
    client = client_of(port, "another-token")
    with pytest.raises(RasaError, match="KENHDAN_RASA_TOKEN"):
        await client.model_file()
    assert (await client.interpret("mất điện", Context.IDLE)).engine == "stand-in"
    await client.close()


async def test_a_crowd_is_answered_and_the_server_is_there_after(port: int) -> None:
    client = client_of(port, time_limit=0.25)
    said = "mất điện từ sáng đến giờ ở thôn Đông"
    found = await asyncio.gather(*(client.interpret(said, Context.IDLE) for _ in range(200)))
    assert {one.intent for one in found} == {"report"}
    assert client.tally.understood + client.tally.stood_in == 200
    await client.close()
    after = client_of(port)
    assert (await after.interpret("mất điện", Context.IDLE)).engine == "rasa"
    assert after.state is State.CLOSED
    await after.close()


async def test_the_development_set(client: RasaInterpreter) -> None:
    column = await compare(client, read_set(Path("nlu/dev/understanding.jsonl")))
    assert column.typed.intent >= 0.9
    assert column.typed.category >= 0.85
    assert column.typed.category_top3 >= 0.95
    assert column.typed.emergency_recall == 1.0
    assert column.typed.place_f1 >= 0.85
    assert column.typed.intent - column.bare.intent <= 0.03
