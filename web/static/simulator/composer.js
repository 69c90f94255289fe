// Where the citizen writes: words, the [+] menu, a recording, the phone's keys.
import { upload, Trouble } from "./api.js";
import { choosePlace } from "./place.js";
import { VoiceRecorder, canRecord } from "./voice.js";
import { word, icon } from "./words.js";

const form = document.getElementById("composer");
const input = document.getElementById("words-in");
const plus = document.getElementById("plus");
const menu = document.getElementById("plus-menu");
const record = document.getElementById("record");
const MAX_PHOTOS = 10;

// `say(message)` sends; `tell(text)` shows a line of trouble ("" takes it away)
export function setUpComposer(say, tell) {
  setUpWords(say);
  setUpMenu();
  setUpFiles(say, tell);
  setUpRecording(say, tell);
  document.getElementById("keypad").addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) say({ text: key.dataset.key });
  });
}

function setUpWords(say) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    input.style.height = "";
    say({ text });
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  input.addEventListener("input", () => {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  });
}

function setUpMenu() {
  const open = (yes) => {
    menu.hidden = !yes;
    plus.setAttribute("aria-expanded", String(yes));
    if (yes) menu.querySelector("button:not([hidden])").focus();
  };
  plus.addEventListener("click", () => open(menu.hidden));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".plus")) open(false);
  });
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button:not([hidden])")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    } else if (event.key === "Escape") {
      open(false);
      plus.focus();
    }
  });
  menu.addEventListener("click", (event) => {
    const adding = event.target.closest("[data-add]")?.dataset.add;
    open(false);
    if (adding === "place") choosePlace();
    if (adding === "photos") document.getElementById("photo-files").click();
    if (adding === "voice-file") document.getElementById("voice-file").click();
  });
}

function setUpFiles(say, tell) {
  const take = (id, send) => {
    const box = document.getElementById(id);
    box.addEventListener("change", () => {
      const files = [...box.files];
      box.value = "";
      if (files.length) send(files, say, tell);
    });
  };
  take("photo-files", sendPhotos);
  take("voice-file", ([file]) => sendVoice(file, say, tell));
}

export async function sendPhotos(files, say, tell) {
  if (files.length > MAX_PHOTOS) {
    tell(word("error_too_many_photos"));
    return;
  }
  const photos = await uploaded("photo", files, tell);
  if (photos) say({ photos });
}

async function sendVoice(file, say, tell) {
  const voice = await uploaded("voice", [file], tell);
  if (voice) say({ voice: voice[0] });
}

async function uploaded(kind, files, tell) {
  tell(word("uploading", { n: files.length }));
  try {
    const ids = await Promise.all(files.map((file) => upload(kind, file)));
    tell("");
    return ids;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    tell(word(`error_${error.code}`));
    return null;
  }
}

function setUpRecording(say, tell) {
  const recorder = new VoiceRecorder();
  record.hidden = !canRecord;
  const show = (running) => {
    record.setAttribute("aria-pressed", String(running));
    record.setAttribute("aria-label", word(running ? "stop_recording" : "record"));
    record.replaceChildren(icon(running ? "stop" : "mic"));
  };
  record.addEventListener("click", async () => {
    if (recorder.running) {
      const voice = await recorder.stop();
      show(false);
      await sendVoice(voice, say, tell);
      return;
    }
    try {
      await recorder.start();
      show(true);
    } catch {
      tell(word("no_microphone"));
    }
  });
}
