// Three small pictures for those who have none at hand: a road, a broken railing, a sky that differs each time.

function paint(number) {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const pen = canvas.getContext("2d");
  const hue = Math.floor(Math.random() * 60) + 180;
  pen.fillStyle = `hsl(${hue} 50% ${70 - number * 12}%)`;
  pen.fillRect(0, 0, 640, 240);
  pen.fillStyle = `hsl(${100 + number * 12} 30% 42%)`;
  pen.fillRect(0, 200, 640, 280);
  pen.fillStyle = "#5b6068";
  pen.beginPath();
  pen.moveTo(260 + number * 20, 210);
  pen.lineTo(380, 210);
  pen.lineTo(640, 480);
  pen.lineTo(40 - number * 30, 480);
  pen.fill();
  paintRailing(pen, number);
  return canvas;
}

function paintRailing(pen, number) {
  const gap = 2 + Math.floor(Math.random() * 4);
  pen.strokeStyle = "#e6e3da";
  pen.lineWidth = 7;
  for (let post = 0; post < 9; post += 1) {
    if (post === gap || post === gap + 1) continue;
    const x = 20 + post * 72 - number * 8;
    pen.strokeRect(x, 300 - post * 6, 1, 90);
    if (post !== gap - 1) pen.strokeRect(x, 310 - post * 6, 72, 1);
  }
  pen.fillStyle = "#2f3237";
  for (let stone = 0; stone < 14; stone += 1) {
    pen.beginPath();
    pen.arc(180 + Math.random() * 300, 330 + Math.random() * 130, 3 + Math.random() * 9, 0, Math.PI * 2);
    pen.fill();
  }
}

export function samplePhotos(count = 3) {
  return Promise.all(Array.from({ length: count }, (_, number) =>
    new Promise((done) => paint(number).toBlob(done, "image/jpeg", 0.85))));
}
