"""The port of understanding, filled by a Rasa 3.6 server; the in-process interpreter stands in for it.

Whatever Rasa does (down, slow, 500, nonsense, a refused token), a message is understood: there is a time
limit for waiting and answering together, no more than two questions are on their way (one process of Rasa
parses one message at a time), and a server that fails again and again is left alone for half a minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import httpx
import structlog

from core.danger import DangerWords
from core.text import clean
from core.understanding import Context, Understanding
from nlu.judgement import Belief, Judge, beside_a_phone, meant_by_contrast
from nlu.matter import without_phones
from nlu.place_extent import in_passing, settle_extent, words_beside
from nlu.rasa.answer import Answer, BadAnswer, read_answer
from nlu.rasa.beliefs import both
from nlu.rasa.breaker import Breaker, State
from nlu.rasa.marker import with_context
from nlu.views import MAX_CHARS

ENGINE = "rasa"
AT_ONCE = 2
TIME_LIMIT = 0.25
"""Seconds for a message, waiting for its turn included; with the in-process interpreter after it, < 0.3 s."""

_FOR_A_TURN = 0.8
"""Share of the time limit in which a message must get its turn: the rest is the least an answer takes, and a
crowd that waits does not fall to the stand-in at the same moment as those before it."""

_SURE = 0.95
"""Probability from which a category is not asked about again."""

_SOME_PERIL = 0.01
"""Probability of danger below which, with no word of danger either, no other can make it a likely one."""

log = structlog.get_logger(__name__)


class RasaError(Exception):
    """Rasa gave no usable answer; the text says why and, where one can, how to mend it."""


class StandIn(Protocol):
    """What understands when Rasa does not: the in-process interpreter."""

    async def interpret(self, text: str, context: Context) -> Understanding: ...


@dataclass(slots=True)
class Tally:
    """What happened since the start, for the health page."""

    understood: int = 0
    stood_in: int = 0
    last_problem: str = ""


@dataclass(slots=True)
class _Question:
    """A message on its way: since when the server has it (the loop's time), what it says of the server."""

    asked_at: float | None = None
    verdict: Callable[[], None] | None = None


class RasaInterpreter:
    """Fills `core.understanding.Interpreter`.

    `url` is the server's base address, `token` what it was started with (`--auth-token`). `time_limit` is in
    seconds. `monotonic` is the breaker's clock. Call `close` at the end.
    """

    def __init__(
        self,
        url: str,
        token: str,
        danger: DangerWords,
        code_prefix: str,
        stand_in: StandIn,
        *,
        time_limit: float = TIME_LIMIT,
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=url,
            params={"token": token} if token else None,
            timeout=httpx.Timeout(time_limit),
            transport=transport,
            follow_redirects=False,
            trust_env=False,  # the citizens' words go to the server that was set and nowhere else
            limits=httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=AT_ONCE),
        )
        self._judge = Judge(danger, code_prefix, ENGINE)
        self._calm_judge = replace(self._judge, may_calm=True)
        self._stand_in = stand_in
        self._time_limit = time_limit
        self._breaker = Breaker(monotonic)
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.tally = Tally()

    async def close(self) -> None:
        await self._http.aclose()

    async def interpret(self, text: str, context: Context) -> Understanding:
        """What one message means; `engine` says which engine told it."""
        text = clean(text)
        signs = self._judge.without_model(text, context)
        if signs is not None:
            return signs
        try:
            found = await self.ask(text, context)
        except RasaError as error:
            self.tally.stood_in += 1
            self._note(str(error))
            return await self._stand_in.interpret(text, context)
        self.tally.understood += 1
        return found

    async def ask(self, text: str, context: Context) -> Understanding:
        """What Rasa says of a cleaned text with words in it. Raises RasaError.

        Sure words of danger are taken back only when the stand-in does not believe them either: which model
        a server has is not known here.
        """
        if not self._breaker.may_ask():
            raise RasaError("left alone after failures in a row")
        heard = text[:MAX_CHARS]
        question = _Question()
        try:
            async with asyncio.timeout(self._time_limit):
                answer = await self._answer(heard, context, question)
            question.verdict = self._breaker.succeeded
        except TimeoutError:
            raise self._too_slow(question) from None
        except RasaError:
            question.verdict = self._breaker.failed
            raise
        finally:
            if question.verdict is None:
                self._breaker.given_up()
            else:
                question.verdict()
        found = self._judge.judge(text, heard, answer.belief, answer.places)
        if found.intent != "emergency":
            return found
        calm = self._calm_judge.judge(text, heard, answer.belief, answer.places)
        if (
            calm.intent == "emergency"
            or (await self._stand_in.interpret(text, context)).intent == "emergency"
        ):
            return found
        return calm

    def _too_slow(self, question: _Question) -> RasaError:
        """The time is over. It is the server's fault only when it had at least half of it."""
        now = asyncio.get_running_loop().time()
        if question.asked_at is None or now - question.asked_at < self._time_limit / 2:
            return RasaError("others were before it")
        question.verdict = self._breaker.failed
        return RasaError(f"no answer within {self._time_limit:g} s")

    async def _answer(self, text: str, context: Context, question: _Question) -> Answer:
        """The answer, as the in-process interpreter would give it. Rasa is asked once more for the categories
        of B in "not A but B"; where the category is not sure, about the words beside a place in passing;
        where there may be danger, about the words beside any place, which count half. Phones are left out.
        """

        async def more(words: str) -> Belief:
            if words not in told:
                told[words] = (await self._parse(words, context, question)).belief
            return told[words]

        told: dict[str, Belief] = {}
        answer = await self._parse(text, context, question)
        found = places = settle_extent(text, answer.places)
        belief = answer.belief
        if (rest := without_phones(text)) != text:
            text, answer = rest, await self._parse(rest, context, question)
            belief, places = beside_a_phone(belief, answer.belief), settle_extent(text, answer.places)
        meant = meant_by_contrast(text)
        passing = words_beside(text, in_passing(text, places))
        if meant:
            belief = replace(belief, categories=(await more(meant)).categories)
        elif passing and max(belief.categories.values()) < _SURE:
            belief = replace(belief, categories=both(belief.categories, (await more(passing)).categories))
        beside = words_beside(text, places)
        if beside and (belief.peril >= _SOME_PERIL or self._judge.danger.find(text)):
            belief = replace(belief, peril=(belief.peril + (await more(beside)).peril) / 2)
        return Answer(belief, found)

    async def _parse(self, text: str, context: Context, question: _Question) -> Answer:
        async with asyncio.timeout(_FOR_A_TURN * self._time_limit):
            await self.turns.acquire()
        try:
            question.asked_at = asyncio.get_running_loop().time()
            content = await self._call("POST", "/model/parse", {"text": with_context(text, context)})
        finally:
            self.turns.release()
        try:
            return read_answer(content, text, context)
        except BadAnswer as error:
            raise RasaError(f"an answer that cannot be used: {error}") from error

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            response = await self._http.request(method, path, json=body)
        except httpx.TimeoutException:
            raise RasaError("no answer in time") from None
        except httpx.HTTPError as error:
            raise RasaError(f"cannot be reached ({type(error).__name__})") from error
        if response.status_code in (401, 403):
            raise RasaError("refuses the token: KENHDAN_RASA_TOKEN must be what it was started with")
        if response.status_code != 200:
            raise RasaError(f"answers with HTTP {response.status_code}")
        try:
            return response.json()
        except ValueError as error:
            raise RasaError("answers with something that is not JSON") from error

    def _note(self, problem: str) -> None:
        if problem != self.tally.last_problem:
            log.warning("rasa_failed", reason=problem, breaker=str(self._breaker.state))
        self.tally.last_problem = problem

    @property
    def state(self) -> State:
        """Of the breaker: closed is well."""
        return self._breaker.state

    async def facts(self) -> dict[str, Any]:
        """For the health page: numbers and reasons, nobody's words."""
        return {
            "breaker": str(self._breaker.state),
            "understood": self.tally.understood,
            "stood_in": self.tally.stood_in,
            "last_problem": self.tally.last_problem,
        }

    async def model_file(self) -> str:
        """The name of the model that the server has loaded. Raises RasaError: down, refused, no model."""
        content = await self._call("GET", "/status")
        name = content.get("model_file") if isinstance(content, dict) else None
        if not isinstance(name, str) or not name:
            raise RasaError("has no model loaded: `make rasa` trains one")
        return name.rpartition("/")[2]
