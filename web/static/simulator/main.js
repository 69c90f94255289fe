// The simulator's page: one state a channel, fed by the server's stream of events.
import { Trouble, follow, newId, readNames, readReport, restartTalk, sendMessage } from "./api.js";
import { bubbleOf } from "./bubbles.js";
import { sendPhotos, setUpComposer } from "./composer.js";
import { placeWords, showReports, showRoute, showTrace, useNames } from "./inside.js";
import { CommuneMap } from "./map.js";
import { choosePlace, setUpPlace } from "./place.js";
import { samplePhotos } from "./samples.js";
import { el, icon, word } from "./words.js";

const SAMPLE_PHONE = "0900 000 001";
const SLOW_AFTER_MS = 20000;
const page = Object.fromEntries(
  ["talk", "opening", "bubbles", "typing", "typing-words", "reply-keys", "trouble", "keypad", "hang-up", "restart",
    "line-state", "words-in", "map-place", "composer"].map((id) => [id, document.getElementById(id)]));
const phone = document.querySelector(".phone");
const tabs = [...document.querySelectorAll("[role=tab]")];
const talks = new Map(tabs.map((tab) => [tab.dataset.channel, newTalk(tab.dataset.channel)]));
let current = talks.get(localStorage.getItem("kenhdan-channel")) ?? talks.values().next().value;

function newTalk(channel) {
  return { channel, manner: channel.replace("sim_", ""), events: [], pending: [], trace: null, matter: null, codes: [] };
}

/* what came from the server */

function onEvent(event) {
  const talk = talks.get(event.channel);
  if (event.kind === "reset") Object.assign(talk, newTalk(event.channel));
  else if (event.kind === "trace") onTrace(talk, event);
  else if (event.kind === "lost") mark(talk, event.client, "lost");
  else if (event.kind === "citizen") onCitizen(talk, event);
  else talk.events.push(event);
  if (event.kind === "service") talk.events.forEach(answered);
  if (talk === current) renderSoon();
}

function onCitizen(talk, event) {
  talk.pending = talk.pending.filter((message) => message.client !== event.client);
  talk.events.push({ ...event, state: "kept" });
}

function onTrace(talk, event) {
  talk.trace = event;
  // the turn that told of the matter stays in sight while photos and numbers follow
  const matter = event.heard?.find((heard) => heard.understanding?.categories?.length);
  if (matter) talk.matter = matter;
  talk.events.forEach(answered);
  for (const code of event.reports ?? []) if (!talk.codes.includes(code)) talk.codes.unshift(code);
}

function answered(event) {
  if (event.state === "kept") event.state = "answered";
}

function mark(talk, client, state) {
  for (const event of [...talk.events, ...talk.pending]) if (event.client === client) event.state = state;
}

/* what goes to the server */

async function say(message) {
  const talk = current;
  const full = { ...message, channel: talk.channel, client: message.client ?? newId() };
  tell("");
  if (!message.client) talk.pending.push({ ...full, kind: "citizen", event: full.kind ?? "message", state: "sending" });
  else mark(talk, full.client, "sending");
  renderSoon();
  try {
    await sendMessage(full);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    mark(talk, full.client, "lost");
    const known = word(`error_${error.code}`);
    tell(known === `error_${error.code}` ? word("error_any") : known);
    renderSoon();
  }
}

const presenter = {
  get manner() { return current.manner; },
  press: (choice, turn) => say({ choice: choice.value, choice_turn: turn, choice_label: choice.label }),
  type: (text) => say({ text }),
  resend: ({ client, text, photos, voice, point, contact, choice, choice_turn, choice_label, event }) =>
    say({ client, text, photos, voice, point, contact, choice, choice_turn, choice_label, kind: event }),
};

function tell(text) {
  page.trouble.textContent = text;
  page.trouble.hidden = text === "";
}

/* drawing */

let drawing = false;
function renderSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    render();
  });
}

function render() {
  phone.dataset.manner = current.manner;
  renderPhoneHead();
  renderTalk();
  renderInside();
}

function inCall(talk) {
  const calls = [...talk.events, ...talk.pending].filter((event) => event.kind === "citizen" && event.event !== "message");
  return calls.at(-1)?.event === "start";
}

function renderPhoneHead() {
  const hotline = current.manner === "hotline";
  const calling = hotline && inCall(current);
  page["line-state"].textContent = word(hotline ? (calling ? "line_call" : "line_idle") : "line_chat");
  page["hang-up"].hidden = !calling;
  page.keypad.hidden = !calling;
  page["words-in"].placeholder = word(hotline ? (calling ? "type_call" : "type_idle") : "type_chat");
  for (const only of document.querySelectorAll("[data-chat-only]")) only.hidden = hotline;
  for (const control of page.composer.elements) control.disabled = hotline && !calling;
}

const drawn = { talk: null, keys: [] };

function renderTalk() {
  const events = [...current.events, ...current.pending];
  const stuck = page.talk.scrollHeight - page.talk.scrollTop - page.talk.clientHeight < 80 || drawn.talk !== current;
  const keys = events.map((event) => `${event.client ?? event.seq}/${event.state ?? ""}`);
  // only what changed is drawn again: what a screen reader has read stays, playing voices play on
  const same = drawn.talk === current ? Math.max(0, firstDifference(keys, drawn.keys)) : 0;
  while (page.bubbles.children.length > same) page.bubbles.lastElementChild.remove();
  page.bubbles.append(...events.slice(same).map((event) => bubbleOf(event, presenter)));
  Object.assign(drawn, { talk: current, keys });
  renderOpening(events);
  renderTyping(events);
  renderReplyKeys(events);
  if (stuck) page.talk.scrollTop = page.talk.scrollHeight;
}

function firstDifference(a, b) {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}

function renderOpening(events) {
  const idleLine = current.manner === "hotline" && !inCall(current);
  page.opening.hidden = events.length > 0 && !idleLine;
  if (page.opening.hidden || page.opening.dataset.of === current.manner) return;
  page.opening.dataset.of = current.manner;
  const begin = el("button", { type: "button", class: "filled", id: "begin", onclick: () => say({ kind: "start" }) },
    current.manner === "hotline" ? icon("call") : null, word(`start_${current.manner}`));
  page.opening.replaceChildren(el("p", {}, word(`open_${current.manner}`)), begin);
}

let slowTimer = 0;
function renderTyping(events) {
  const last = events.filter((event) => event.kind === "citizen" && event.event !== "hung_up" && event.state !== "lost").at(-1);
  const waiting = Boolean(last) && last.state !== "answered";
  clearTimeout(slowTimer);
  page.typing.hidden = !waiting;
  if (!waiting) return;
  const since = last.at ? Date.now() - new Date(last.at) : 0;
  page["typing-words"].textContent = word(since < SLOW_AFTER_MS ? "typing" : "slow");
  if (since < SLOW_AFTER_MS) slowTimer = setTimeout(renderSoon, SLOW_AFTER_MS - since + 100);
}

// Telegram alone has buttons for sharing a place and a phone
function renderReplyKeys(events) {
  const ask = events.filter((event) => event.kind === "service").at(-1)?.ask;
  const offers = { location: "share_location", phone: "share_phone" };
  const offered = current.manner === "telegram" ? offers[ask] : undefined;
  page["reply-keys"].hidden = !offered;
  if (!offered) return;
  const share = () => {
    if (ask === "phone") say({ contact: { phone: SAMPLE_PHONE } });
    else choosePlace();
  };
  page["reply-keys"].replaceChildren(
    el("button", { type: "button", onclick: share }, icon(ask === "phone" ? "call" : "pin"), word(offered)));
}

/* what happens inside */

const map = new CommuneMap(document.getElementById("map"), (lat, lon) => sendPlace({ lat, lon, accuracy_m: 10 }));
let shownInside = null;

async function renderInside() {
  const mark = `${current.channel}/${current.trace?.seq ?? ""}`;
  if (mark === shownInside) return;
  shownInside = mark;
  const talk = current;
  showTrace(talk.trace, talk.matter);
  if (talk.codes.length === 0 || talk.trace?.draft) showMap(talk.trace, null);
  const read = await Promise.all(talk.codes.slice(0, 3).map((code) => readReport(code).catch(() => null)));
  if (shownInside !== mark) return;
  const reports = read.filter(Boolean);
  showReports(reports);
  // once sent, the report stands where the draft stood
  if (talk.trace?.draft || reports.length === 0) return;
  showRoute(reports[0]);
  showMap(talk.trace, reports[0]);
}

function showMap(trace, report) {
  const place = trace?.heard?.map((heard) => heard.place).filter(Boolean).at(-1) ?? null;
  const draft = trace?.draft ?? report;
  const point = draft?.point ?? trace?.heard?.map((heard) => heard.point).filter(Boolean).at(-1) ?? null;
  const candidates = draft?.commune ? [] : (place?.candidates ?? []).map((unit) => unit.code);
  page["map-place"].textContent = draft?.commune_name ?? map.names.get(draft?.commune) ?? (place ? placeWords(place) : word(current.manner === "hotline" ? "map_hint_call" : "map_hint"));
  map.show(draft?.commune ?? place?.code ?? null, candidates, point);
}

function sendPlace(point) {
  // a caller has no pin to send
  if (current.manner !== "hotline") say({ point });
}

/* the page's own controls */

function choose(channel) {
  current = talks.get(channel);
  localStorage.setItem("kenhdan-channel", channel);
  for (const tab of tabs) {
    const on = tab.dataset.channel === channel;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    if (on) page.talk.setAttribute("aria-labelledby", tab.id);
  }
  tell("");
  render();
}

function setUpTabs() {
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab.dataset.channel));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs.at((index + step) % tabs.length);
      choose(next.dataset.channel);
      next.focus();
    });
  }
}

function setUpTries() {
  document.querySelector(".chips").addEventListener("click", async (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    if (current.manner === "hotline" && !inCall(current)) await say({ kind: "start" });
    if (chip.dataset.say) say({ text: chip.dataset.say });
    else sendPhotos(await samplePhotos(), say, tell);
  });
}

setUpTabs();
setUpTries();
setUpComposer(say, tell);
setUpPlace(sendPlace, (name) => tell(word(name)));
page["hang-up"].addEventListener("click", () => say({ kind: "hung_up" }));
page.restart.addEventListener("click", () => restartTalk(current.channel).catch(() => tell(word("error_any"))));
choose(current.channel);
useNames(await readNames().catch(() => ({ categories: {} })));
follow(onEvent, (open) => tell(open ? "" : word("cut_off")));
