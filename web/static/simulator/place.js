// The dialog in which a place is chosen: by dragging the map, by commune, or from the device.
import { CommuneMap } from "./map.js";

const dialog = document.getElementById("place-dialog");
const select = document.getElementById("place-commune");
const here = document.getElementById("place-here");
let map = null;

export function setUpPlace(onSend, onTrouble) {
  select.addEventListener("change", () => map.lookAtCommune(select.value));
  here.hidden = !navigator.geolocation;
  here.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      dialog.close();
      onSend({ lat: coords.latitude, lon: coords.longitude, accuracy_m: coords.accuracy });
    },
    () => {
      dialog.close();
      onTrouble("no_position");
    }));
  document.getElementById("place-send").addEventListener("click", () => {
    dialog.close();
    onSend({ ...map.centre(), accuracy_m: 10 });
  });
}

export async function choosePlace() {
  dialog.showModal();
  map ??= new CommuneMap(document.getElementById("place-map"), (lat, lon) => map.lookAtPoint(lat, lon));
  await map.ready;
  if (select.options.length === 1) {
    const communes = [...map.names].sort((a, b) => a[1].localeCompare(b[1], "vi"));
    for (const [code, name] of communes) select.add(new Option(name, code));
  }
}
