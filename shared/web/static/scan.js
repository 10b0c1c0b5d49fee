// Reads a QR code by the camera, where the browser can: what it says is sent as if it had been typed into the field that
// data-into names. Elsewhere nothing of this is shown, and a scanner types into the field by itself.
(() => {
  "use strict";
  const part = document.getElementById("scan");
  if (!part || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const field = document.getElementById(part.dataset.into);
  const button = document.getElementById("scan-start");
  const view = document.getElementById("scan-view");
  const told = document.getElementById("scan-told");
  const EVERY = 150; // milliseconds between two looks
  let wanted = false;

  const show = (on, words) => {
    wanted = on;
    view.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    told.textContent = words;
    if (!on && view.srcObject) {
      for (const track of view.srcObject.getTracks()) track.stop();
      view.srcObject = null;
    }
  };

  const look = async (detector) => {
    if (!wanted) return;
    const [found] = await detector.detect(view).catch(() => []);
    if (!wanted) return;
    if (!found) {
      setTimeout(look, EVERY, detector);
      return;
    }
    show(false, "");
    field.value = found.rawValue;
    field.form.requestSubmit();
  };

  const start = async () => {
    show(true, told.dataset.looks);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      view.srcObject = stream;
      if (!wanted) return show(false, "");
      await view.play();
      look(new BarcodeDetector({ formats: ["qr_code"] }));
    } catch {
      show(false, told.dataset.none);
    }
  };

  BarcodeDetector.getSupportedFormats().then((formats) => {
    if (!formats.includes("qr_code")) return;
    part.hidden = false;
    button.addEventListener("click", () => (wanted ? show(false, "") : start()));
    window.addEventListener("pagehide", () => show(false, ""));
  });
})();
