// Microphone → 8 kHz PCM16 in pieces of 20 ms, and the other way round, on the audio thread.
const RATE = 8000;
const PIECE = 160;

class Telephone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.sum = 0;
    this.count = 0;
    this.due = this.step;
    this.piece = new Int16Array(PIECE);
    this.at = 0;
    this.queue = [];
    this.position = 0;
    this.port.onmessage = ({ data }) => {
      if (this.queue.length < 50) this.queue.push(new Int16Array(data));
    };
  }

  process(inputs, outputs) {
    for (const sample of inputs[0]?.[0] ?? []) this.take(sample);
    const out = outputs[0][0];
    for (let i = 0; i < out.length; i += 1) out[i] = this.next();
    return true;
  }

  // average of the samples that fall into one of ours
  take(sample) {
    this.sum += sample;
    this.count += 1;
    this.due -= 1;
    if (this.due > 0) return;
    this.due += this.step;
    const value = Math.max(-1, Math.min(1, this.sum / this.count));
    this.sum = 0;
    this.count = 0;
    this.piece[this.at] = value * 32767;
    this.at += 1;
    if (this.at === PIECE) {
      this.port.postMessage(this.piece.buffer.slice(0));
      this.at = 0;
    }
  }

  next() {
    const piece = this.queue[0];
    if (!piece) return 0;
    const value = piece[Math.floor(this.position)] / 32768;
    this.position += 1 / this.step;
    if (this.position >= piece.length) {
      this.queue.shift();
      this.position -= piece.length;
    }
    return value;
  }
}

registerProcessor("telephone", Telephone);
