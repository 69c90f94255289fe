// Recording a voice with the browser's own recorder.

const FORMS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export const canRecord = Boolean(window.MediaRecorder && navigator.mediaDevices?.getUserMedia);

export class VoiceRecorder {
  #recorder = null;
  #parts = [];

  get running() {
    return this.#recorder !== null;
  }

  async start() {
    const line = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
    this.#parts = [];
    this.#recorder = new MediaRecorder(line, mimeType ? { mimeType } : {});
    this.#recorder.addEventListener("dataavailable", (event) => this.#parts.push(event.data));
    this.#recorder.start();
  }

  stop() {
    const recorder = this.#recorder;
    this.#recorder = null;
    return new Promise((done) => {
      recorder.addEventListener("stop", () => {
        recorder.stream.getTracks().forEach((track) => track.stop());
        done(new Blob(this.#parts, { type: recorder.mimeType }));
      });
      recorder.stop();
    });
  }
}
