// What the program made of the talk: understood, draft, route, reports.
import { el, named, word } from "./words.js";
import { dayAndHour, hour, left } from "./when.js";

const heardBox = document.getElementById("heard");
const draftBox = document.getElementById("draft");
const routeBox = document.getElementById("route");
const reportBox = document.getElementById("report");
const empty = new Map([heardBox, routeBox, reportBox].map((box) => [box, box.textContent]));
const MOST_CANDIDATES = 4;
let names = { categories: {} };

export function useNames(read) {
  names = read;
}

const categoryName = (leaf) => names.categories[leaf] ?? leaf;

function fill(box, children) {
  box.classList.toggle("empty", children.length === 0);
  box.replaceChildren(...(children.length ? children : [empty.get(box) ?? ""]));
}

// `trace` is null before anything was said
// `matter` is the heard event that told what it is about
export function showTrace(trace, matter) {
  const heard = (trace?.heard ?? []).slice(-10);
  const items = heard.filter((one) => !isBare(one)).map(heardItem);
  const bare = together(heard.filter(isBare));
  if (bare) items.unshift(el("div", { class: "turn" }, el("p", {}, bare)));
  if (matter && !heard.includes(matter)) items.push(heardItem(matter, word("heard_before")));
  fill(heardBox, items);
  showDraft(trace?.draft ?? null, trace);
  showRoute(trace?.route ?? null);
}

export function showRoute(route) {
  fill(routeBox, routeItems(route));
}

// an event without words: three photos of an album are one line
const isBare = (heard) => !heard.text && !heard.transcript && !heard.choice && !heard.understanding;

function together(heard) {
  const sum = (key) => heard.reduce((total, one) => total + (one[key] ?? 0), 0);
  return besides({ photos: sum("photos"), lost_photos: sum("lost_photos"), point: heard.some((one) => one.point) });
}

function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el("dl", { class: "facts" }, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function heardItem(heard, when = "") {
  const meant = heard.understanding;
  const more = besides(heard);
  return el("div", { class: "turn" },
    heard.text ? el("p", { class: "quote" }, when ? el("span", { class: "muted" }, `${when}: `) : null, `“${heard.text}”`) : null,
    more ? el("p", {}, more) : null,
    meant?.danger ? el("p", { class: "dot late" }, word("danger", { kind: named("danger", meant.danger) })) : null,
    meant ? facts([
      [word("heard_intent"), [named("intent", meant.intent), share(meant.confidence), meant.engine].filter(Boolean).join(" · ")],
      [word("heard_place"), heard.place?.status === "unknown" && !meant.categories.length ? null : placeWords(heard.place)],
    ]) : (heard.place ? facts([[word("heard_place"), placeWords(heard.place)]]) : null),
    bars(meant?.categories));
}

function besides(heard) {
  const said = [
    heard.photos ? word("heard_photos", { n: heard.photos }) : null,
    heard.lost_photos ? word("heard_lost_photos", { n: heard.lost_photos }) : null,
    heard.point ? word("heard_point") : null,
    heard.choice ? word("heard_choice", { value: heard.choice }) : null,
    heard.transcript ? word("heard_transcript", { text: heard.transcript }) : null,
  ];
  return said.filter(Boolean).join(" · ");
}

const share = (p) => `${Math.round((p ?? 0) * 100)}%`;

function bars(categories) {
  if (!categories?.length) return null;
  return el("ul", { class: "bars" }, categories.slice(0, 3).map(([leaf, p]) =>
    el("li", {}, el("span", {}, categoryName(leaf)),
      el("progress", { max: 1, value: p, "aria-label": categoryName(leaf) }), el("span", {}, share(p)))));
}

export function placeWords(place) {
  if (!place) return null;
  const all = (place.candidates ?? []).map((unit) => unit.name);
  const more = all.length - MOST_CANDIDATES;
  const names = all.slice(0, MOST_CANDIDATES).join(", ") + (more > 0 ? ` ${word("and_more", { n: more })}` : "");
  return word(`place_${place.status}`, { name: place.name ?? "", names });
}

function showDraft(draft, trace) {
  if (draft === null) {
    const rows = trace
      ? [el("li", { class: "none" }, word("no_draft")), phaseRow(trace)]
      : ["what", "where", "photos", "who"].map((key) => draftRow(word(key), null));
    draftBox.replaceChildren(...rows);
    return;
  }
  draftBox.replaceChildren(
    draftRow(word("what"), draft.description, draft.urgent ? el("span", { class: "tag late" }, word("urgent")) : null),
    draftRow(word("kind"), draft.category ? categoryName(draft.category) : null,
      draft.category && draft.category_sure === false ? el("span", { class: "tag work" }, word("unsure")) : null),
    draftRow(word("where"), [draft.address, draft.commune_name].filter(Boolean).join(", "),
      draft.point ? el("span", { class: "tag done" }, word("pin_set")) : null, Boolean(draft.commune || draft.point)),
    draftRow(word("photos"), draft.photos ? String(draft.photos) : null),
    draftRow(word("who"), who(draft)),
    phaseRow(trace));
}

function phaseRow(trace) {
  return el("li", {}, el("span", { class: "mark", "aria-hidden": "true" }, "›"),
    el("span", { class: "label" }, word("phase")), el("span", {}, named("phase", trace.phase)));
}

function who(draft) {
  const whose = draft.on_behalf_of;
  const name = whose === null || whose === undefined ? null
    : whose === "" ? word("for_neighbour") : word("for_other", { whom: whose });
  return [name, draft.contact_phone].filter(Boolean).join(" · ");
}

function draftRow(label, value, tag = null, done = Boolean(value)) {
  return el("li", { class: done ? "ok" : null },
    el("span", { class: "mark", "aria-hidden": "true" }, done ? "✓" : "–"),
    el("span", { class: "label" }, label),
    el("span", { class: "value" }, value || word("missing"), tag ? " " : null, tag));
}

function routeItems(route) {
  if (route === null) return [];
  return [
    el("p", { class: "agency" }, route.agency),
    facts([
      [word("deadline"), route.deadline ? `${dayAndHour(route.deadline)} · ${left(route.deadline)}` : null],
      [word("rule"), route.rule],
      [word("why"), route.why],
    ]),
    route.unconfirmed ? el("p", {}, el("span", { class: "tag work" }, word("unconfirmed"))) : "",
  ].filter(Boolean);
}

export function showReports(reports) {
  fill(reportBox, reports.map(reportItem));
}

function reportItem(report) {
  return el("div", { class: "report" },
    el("p", {}, el("span", { class: "code" }, report.code), " ",
      el("span", { class: "tag wait" }, report.status_words)),
    el("p", {}, `${categoryName(report.category)} · ${report.agency}`),
    report.deadline ? el("p", { class: "muted" }, `${word("deadline")} ${dayAndHour(report.deadline)} · ${left(report.deadline)}`) : null,
    el("ol", { class: "timeline" }, report.events.map((event) => el("li", {},
      el("time", { datetime: event.at }, hour(event.at)), eventWords(event)))));
}

function eventWords(event) {
  return [named("event", event.kind), event.to_words, event.note, named("actor", event.actor)].filter(Boolean).join(" · ");
}
