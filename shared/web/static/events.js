// What data-events names is listened to: an event bears the name of a part of the page, which is then asked for anew.
// While it is heard the parts need not ask every so often; without EventSource, or when it falls silent, they go on.
(() => {
  "use strict";
  const SILENT = 40000; // milliseconds; a sign of life comes every 15 s
  const PARTS = { lease: "lease", counts: "counts", session: "session-time" };
  const bears = document.querySelector("[data-events]");
  if (!bears || !window.EventSource) return;
  const source = new EventSource(bears.dataset.events);
  const asking = new Set();
  const again = new Set();
  let heard = 0;

  // One question at a time, and its answer goes to whatever stands there then: another answer, of something typed, may
  // have taken the part's place meanwhile and be older.
  const ask = async (name) => {
    again.add(name);
    if (asking.has(name)) return;
    asking.add(name);
    while (again.delete(name)) {
      const part = document.getElementById(PARTS[name]);
      if (!part || !part.dataset.ask) break;
      try {
        const answer = await fetch(part.dataset.ask);
        const text = await answer.text();
        if (answer.ok && !again.has(name)) htmx.swap(`#${PARTS[name]}`, text, { swapStyle: "outerHTML" });
      } catch {
        break; // the next event asks, or the part itself
      }
    }
    asking.delete(name);
  };
  const hear = () => { heard = Date.now(); };
  for (const name of ["open", "beat"]) source.addEventListener(name, hear);
  for (const name of Object.keys(PARTS)) {
    source.addEventListener(name, () => {
      hear();
      ask(name);
    });
  }
  for (const name of ["enough", "session"]) source.addEventListener(name, () => source.close());
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    const open = source.readyState === EventSource.OPEN && Date.now() - heard < SILENT;
    if (open && elt.hasAttribute("data-events")) event.preventDefault();
  });
})();
