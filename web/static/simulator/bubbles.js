// One event of the talk as the channel would show it.
import { el, icon, word } from "./words.js";
import { hour } from "./when.js";

// `talk` has manner, press(choice, turn), type(text), resend(message)
export function bubbleOf(event, talk) {
  if (event.kind === "citizen") return event.event === "message" ? ownBubble(event, talk) : lineOf(event, talk);
  return answerBubble(event, talk);
}

function lineOf(event, talk) {
  const name = event.event === "start" ? `said_start_${talk.manner}` : "said_hung_up";
  return el("li", { class: "bubble event" }, [word(name), event.at ? hour(event.at) : word("sending")].join(" · "));
}

function ownBubble(event, talk) {
  const body = el("div", { class: "body" },
    shots(event.photos),
    event.voice ? el("audio", { controls: true, preload: "metadata", src: `/media/${event.voice}`, "aria-label": word("voice_alt") }) : null,
    event.point ? spot(event.point) : null,
    event.contact ? word("contact", { phone: event.contact.phone }) : null,
    event.choice_label || event.text || null);
  return el("li", { class: "bubble own" }, speaker(talk, "me"), body, el("div", { class: "meta" }, ownMeta(event, talk)));
}

// what became of a message: sending, kept, answered or lost
function ownMeta(event, talk) {
  if (event.state !== "lost") return [el("span", {}, event.at ? hour(event.at) : ""), el("span", {}, word(event.state))];
  return [
    el("span", { class: "lost" }, word("lost")),
    el("button", { type: "button", onclick: () => talk.resend(event) }, word("again")),
  ];
}

function answerBubble(event, talk) {
  const body = el("div", { class: "body" }, event.text, shots(event.photos));
  const item = el("li", { class: "bubble" }, speaker(talk, "bot"), body);
  if (event.choices.length > 0) {
    if (talk.manner === "telegram") item.append(inlineKeys(event, talk));
    else body.append(numbers(event, talk));
  }
  const note = event.earlier ? `${hour(event.at)} · ${word("earlier")}` : hour(event.at);
  item.append(el("div", { class: "meta" }, note));
  return item;
}

function inlineKeys(event, talk) {
  return el("div", { class: "inline-keys" }, event.choices.map((choice) =>
    el("button", { type: "button", onclick: () => talk.press(choice, event.turn) }, choice.label)));
}

// where there are no buttons, the number is typed (or keyed); a tap on the line does just that
function numbers(event, talk) {
  return el("ol", { class: "numbers" }, event.choices.map((choice, index) => {
    const n = index + 1;
    const label = talk.manner === "hotline"
      ? [word("key_line", { n, label: choice.label })]
      : [el("b", {}, `${n}`), choice.label];
    return el("li", {}, el("button", { type: "button", onclick: () => talk.type(`${n}`) }, label));
  }));
}

function speaker(talk, who) {
  if (talk.manner !== "hotline") return el("span", { class: "unseen" }, `${word(who)}: `);
  const name = el("span", { class: "speaker" }, word(who === "me" ? "caller" : "operator"));
  if (who === "bot") name.prepend(icon("speaker"));
  return name;
}

function shots(photos) {
  if (!photos?.length) return null;
  return el("div", { class: "shots" }, photos.map((id, index) =>
    el("img", { src: `/media/${id}`, alt: word("photo_alt", { n: index + 1 }) })));
}

function spot(point) {
  const at = { lat: point.lat.toFixed(5), lon: point.lon.toFixed(5) };
  return el("span", { class: "spot" }, icon("pin"), word("location", at));
}
