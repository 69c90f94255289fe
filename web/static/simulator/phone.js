// The simulator's telephone: a microphone or a file in, prompts out, keys.
const RATE = 8000;
const PIECE_MS = 20;
const main = document.querySelector(".telephone");
const state = document.getElementById("state");
const hangUp = document.getElementById("hang-up");
const microphone = document.getElementById("call");
const pick = document.getElementById("pick");
const file = document.getElementById("file");
const keys = [...document.querySelectorAll("[data-key]")];
let call = null;

function show(words) {
  state.textContent = words;
}

function connected(yes) {
  hangUp.hidden = !yes;
  microphone.hidden = yes;
  pick.hidden = yes;
  for (const key of keys) key.disabled = !yes;
}

// The sound is ready before the line is opened: the other side speaks at once.
async function dial(source) {
  show("Đang gọi…");
  connected(true);
  const audio = new AudioContext();
  try {
    await audio.audioWorklet.addModule(main.dataset.worklet);
    const telephone = new AudioWorkletNode(audio, "telephone", { outputChannelCount: [1] });
    telephone.connect(audio.destination);
    connect(audio, telephone, await source(audio, telephone));
  } catch (error) {
    audio.close();
    connected(false);
    throw error;
  }
}

function connect(audio, telephone, speak) {
  const number = encodeURIComponent(document.getElementById("number").value);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const line = new WebSocket(`${scheme}://${location.host}/simulator/phone/line?number=${number}`);
  line.binaryType = "arraybuffer";
  call = line;
  let hush = () => {};
  line.onmessage = ({ data }) => telephone.port.postMessage(data, [data]);
  line.onopen = () => {
    show("Đang nói chuyện.");
    hush = speak(line);
  };
  line.onclose = () => {
    hush();
    audio.close();
    connected(false);
    show("Đã ngắt máy.");
    call = null;
  };
}

// A source gives the function that speaks into a line; that one gives the function that ends it.
async function fromMicrophone(audio, telephone) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
  });
  audio.createMediaStreamSource(stream).connect(telephone);
  return (line) => {
    telephone.port.onmessage = ({ data }) => line.readyState === WebSocket.OPEN && line.send(data);
    return () => stream.getTracks().forEach((track) => track.stop());
  };
}

function fromFile(chosen) {
  return async () => {
    const heard = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await chosen.arrayBuffer());
    return (line) => play(heard.getChannelData(0), line);
  };
}

function play(samples, line) {
  const piece = (RATE * PIECE_MS) / 1000;
  let at = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    // as many pieces as time has passed: a timer alone would run late
    while (at < samples.length && (at / piece) * PIECE_MS <= performance.now() - began) {
      const pcm = Int16Array.from(samples.subarray(at, at + piece), (value) => value * 32767);
      line.send(pcm.buffer);
      at += piece;
    }
    if (at >= samples.length) clearInterval(timer);
  }, PIECE_MS);
  return () => clearInterval(timer);
}

microphone.addEventListener("click", () => {
  dial(fromMicrophone).catch((error) => show(`Không dùng được micro: ${error.message}`));
});
pick.addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  const [chosen] = file.files;
  file.value = ""; // the same file can be chosen again
  if (chosen) dial(fromFile(chosen)).catch((error) => show(`Không mở được tệp: ${error.message}`));
});
hangUp.addEventListener("click", () => call?.close());
for (const key of keys) {
  key.addEventListener("click", () => call?.readyState === WebSocket.OPEN && call.send(key.dataset.key));
}
