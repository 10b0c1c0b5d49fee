// Single keys that lead to what bears data-key: never while somebody types, never with a modifier, and only while on.
// Keys are told by their place (event.code), so that they are the same in Latin and Cyrillic layouts.
(() => {
  "use strict";
  const OFF = "kualik-keys-off";
  const TYPED = new Set(["text", "password", "search", "email", "tel", "url", "number", "date"]);
  const help = document.getElementById("keys");
  const toggle = document.getElementById("keys-on");
  if (!help || !toggle) return;

  const isOn = () => localStorage.getItem(OFF) === null;
  const isTyping = (at) => at.isContentEditable || at.matches("textarea, select") ||
    (at.matches("input") && TYPED.has(at.type));

  help.hidden = false;
  toggle.checked = isOn();
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat || event.isComposing) return;
    if (!isOn() || isTyping(event.target)) return;
    const found = document.querySelector(`[data-key="${CSS.escape(event.code)}"]`);
    if (!found || found.disabled) return;
    event.preventDefault();
    found.focus();
    if (!found.hasAttribute("data-key-focus")) found.click();
  });
})();
