// The simulator's telephone: a microphone or a file in, prompts out, keys.
const RATE = 8000;
const PIECE_MS = 20;
const main = document.querySelector(".telephone");
const state = document.getElementById("state");
const hangUp = document.getElementById("hang-up");
const keys = [...document.querySelectorAll("[data-key]")];
let call = null;

function show(words) {
  state.textContent = words;
}

function connected(yes) {
  hangUp.hidden = !yes;
  document.getElementById("call").disabled = yes;
  document.getElementById("file").disabled = yes;
  for (const key of keys) key.disabled = !yes;
}

async function dial(feed) {
  const number = encodeURIComponent(document.getElementById("number").value);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const line = new WebSocket(`${scheme}://${location.host}/simulator/phone/line?number=${number}`);
  line.binaryType = "arraybuffer";
  const audio = new AudioContext();
  await audio.audioWorklet.addModule(main.dataset.worklet);
  const telephone = new AudioWorkletNode(audio, "telephone", { outputChannelCount: [1] });
  telephone.connect(audio.destination);
  call = { line, audio, stop: () => {} };
  line.onmessage = ({ data }) => telephone.port.postMessage(data, [data]);
  line.onopen = async () => {
    connected(true);
    show("Đang nói chuyện.");
    call.stop = await feed(line, audio, telephone);
  };
  line.onclose = () => {
    call.stop();
    audio.close();
    connected(false);
    show("Đã ngắt máy.");
    call = null;
  };
}

async function fromMicrophone(line, audio, telephone) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
  });
  audio.createMediaStreamSource(stream).connect(telephone);
  telephone.port.onmessage = ({ data }) => line.readyState === WebSocket.OPEN && line.send(data);
  return () => stream.getTracks().forEach((track) => track.stop());
}

function fromFile(file) {
  return async (line) => {
    const heard = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await file.arrayBuffer());
    const samples = heard.getChannelData(0);
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
  };
}

document.getElementById("call").addEventListener("click", () => {
  dial(fromMicrophone).catch((error) => show(`Không dùng được micro: ${error.message}`));
});
document.getElementById("file").addEventListener("change", ({ target }) => {
  if (target.files[0]) dial(fromFile(target.files[0])).catch((error) => show(`Không mở được tệp: ${error.message}`));
});
hangUp.addEventListener("click", () => call?.line.close());
for (const key of keys) key.addEventListener("click", () => call?.line.send(key.dataset.key));
