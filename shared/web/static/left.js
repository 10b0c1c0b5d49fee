// Counts down, once a second, what data-left says in seconds from when the part came on the page: m:ss, for the eye alone.
// The words beside it say the same to whoever hears the page, and are asked for anew by themselves.
(() => {
  "use strict";
  const begun = new WeakMap();
  const count = () => {
    for (const part of document.querySelectorAll("[data-left]")) {
      if (!begun.has(part)) begun.set(part, performance.now());
      const gone = (performance.now() - begun.get(part)) / 1000;
      const left = Math.max(0, Math.floor(Number(part.dataset.left) - gone));
      part.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      part.hidden = false;
    }
  };
  count();
  setInterval(count, 1000);
  document.body.addEventListener("htmx:load", count); // a part that was asked for anew
})();
