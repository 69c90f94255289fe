// Instants as the province says them: “17:00, thứ Ba 24/11”.
import { word } from "./words.js";

const ZONE = "Asia/Ho_Chi_Minh";
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, weekday: "short", day: "numeric", month: "numeric", hour: "2-digit", minute: "2-digit",
});
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function take(instant) {
  return Object.fromEntries(parts.formatToParts(new Date(instant)).map((part) => [part.type, part.value]));
}

// day and month as people say them, without a leading nought
function date(at) {
  return `${Number(at.day)}/${Number(at.month)}`;
}

export function hour(instant) {
  const at = take(instant);
  return `${at.hour}:${at.minute}`;
}

export function dayAndHour(instant) {
  const at = take(instant);
  const weekday = word("weekdays").split("|")[DAYS.indexOf(at.weekday)];
  return `${at.hour}:${at.minute}, ${weekday} ${date(at)}`;
}

export function left(instant) {
  const minutes = Math.floor((new Date(instant) - Date.now()) / 60000);
  if (minutes < 0) return word("late");
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return word("left_days", { d: Math.floor(hours / 24), h: hours % 24 });
  return word("left_hours", { h: hours, m: minutes % 60 });
}
