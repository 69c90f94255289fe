// The server's small API. Failures come as Trouble with a code that the page has words for.

export class Trouble extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Trouble("any");
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const body = await answer.json().catch(() => ({}));
  throw new Trouble(body.error ?? body.detail ?? "any");
}

function post(path, value) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
}

export const sendMessage = (message) => post("/simulator/api/messages", message);
export const restartTalk = (channel) => post("/simulator/api/restart", { channel });
export const readNames = () => ask("/simulator/api/names.json");
export const readCommunes = () => ask("/simulator/api/communes.geojson");
export const readReport = (code) => ask(`/simulator/api/reports/${encodeURIComponent(code)}`);

export async function upload(kind, file) {
  const form = new FormData();
  form.append("kind", kind);
  form.append("file", file, "upload");
  return (await ask("/simulator/api/uploads", { method: "POST", body: form })).id;
}

// EventSource comes back by itself and says which event it saw last
export function follow(onEvent, onLine) {
  const source = new EventSource("/simulator/api/stream");
  source.addEventListener("message", (message) => onEvent(JSON.parse(message.data)));
  source.addEventListener("open", () => onLine(true));
  source.addEventListener("error", () => onLine(false));
}
