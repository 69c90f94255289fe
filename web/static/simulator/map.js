// Maps over the communes' shapes; no tiles from anywhere.
import { readCommunes } from "./api.js";
import { word } from "./words.js";

let shapes = null;

function loadShapes() {
  shapes ??= readCommunes();
  return shapes;
}

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

export class CommuneMap {
  // `box` is the element; `onPick(lat, lon)` is told of clicks
  constructor(box, onPick) {
    this.box = box;
    this.onPick = onPick;
    this.layers = new Map();
    this.names = new Map();
    this.pin = null;
    this.ready = this.#draw();
  }

  async #draw() {
    if (!window.L) {
      this.box.textContent = word("no_map");
      return;
    }
    const L = window.L;
    this.map = L.map(this.box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25, minZoom: 7, maxZoom: 17 });
    L.control.zoom({ zoomInTitle: word("zoom_in"), zoomOutTitle: word("zoom_out") }).addTo(this.map);
    this.province = L.geoJSON(await loadShapes(), {
      style: () => ({ className: "commune" }),
      onEachFeature: (feature, layer) => this.#add(feature.properties, layer),
    }).addTo(this.map);
    this.whole();
    if (this.onPick) this.map.on("click", (event) => this.onPick(event.latlng.lat, event.latlng.lng));
    new ResizeObserver(() => {
      this.map.invalidateSize({ animate: false });
      if (!this.moved) this.whole();
    }).observe(this.box);
  }

  #add({ code, name, type }, layer) {
    this.layers.set(code, layer);
    this.names.set(code, `${type} ${name}`);
    layer.bindTooltip(`${type} ${name}`, { sticky: true });
  }

  whole() {
    this.moved = false;
    this.map?.fitBounds(this.province.getBounds(), { padding: [6, 6], animate: false });
  }

  // which commune is chosen, which are in question, where the pin stands; plain code and {lat, lon}
  async show(chosen, candidates, point) {
    await this.ready;
    if (!this.map) return;
    for (const [code, layer] of this.layers) {
      const path = layer.getElement();
      path.classList.toggle("chosen", code === chosen);
      path.classList.toggle("candidate", code !== chosen && candidates.includes(code));
    }
    this.#setPin(point);
    this.#lookAt([chosen, ...candidates].filter((code) => this.layers.has(code)), point);
  }

  #setPin(point) {
    this.pin?.remove();
    this.pin = point ? window.L.circleMarker([point.lat, point.lon], { className: "pin", radius: 8, interactive: false }).addTo(this.map) : null;
  }

  #lookAt(codes, point) {
    if (codes.length === 0 && !point) {
      this.whole();
      return;
    }
    const bounds = window.L.latLngBounds(point ? [[point.lat, point.lon]] : []);
    for (const code of codes) bounds.extend(this.layers.get(code).getBounds());
    this.moved = true;
    this.map.fitBounds(bounds, { padding: [24, 24], maxZoom: 12, animate: !still });
  }

  async lookAtCommune(code) {
    await this.ready;
    if (!this.map) return;
    for (const [one, layer] of this.layers) layer.getElement().classList.toggle("chosen", one === code);
    if (code === "") this.whole();
    else this.map.fitBounds(this.layers.get(code).getBounds(), { animate: false });
    this.moved = true;
  }

  lookAtPoint(lat, lon) {
    this.map?.setView([lat, lon], 14, { animate: false });
    this.moved = true;
  }

  centre() {
    const { lat, lng } = this.map.getCenter();
    return { lat, lon: lng };
  }
}
