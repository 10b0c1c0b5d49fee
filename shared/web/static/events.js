// What data-events names is listened to: an event's name is passed on to the page, whose parts then ask for themselves.
// While it is heard they need not ask every so often; without EventSource, or when it falls silent, they go on asking.
(() => {
  "use strict";
  const SILENT = 40000; // milliseconds; a sign of life comes every 15 s
  const bears = document.querySelector("[data-events]");
  if (!bears || !window.EventSource) return;
  const source = new EventSource(bears.dataset.events);
  let heard = 0;
  const hear = () => { heard = Date.now(); };
  source.addEventListener("open", hear);
  source.addEventListener("beat", hear);
  for (const name of ["lease", "counts", "session"]) {
    source.addEventListener(name, () => {
      hear();
      htmx.trigger(document.body, name);
    });
  }
  for (const name of ["enough", "session"]) source.addEventListener(name, () => source.close());
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    const open = source.readyState === EventSource.OPEN && Date.now() - heard < SILENT;
    if (open && elt.hasAttribute("data-events") && !requestConfig.triggeringEvent) event.preventDefault();
  });
})();
