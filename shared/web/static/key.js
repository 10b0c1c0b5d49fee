// Signs a form with the key of whoever sends it. The server gives the text that the form states; NCALayer on this
// computer makes a CMS over it (kz.gov.pki.knca.basics); the form is sent with that. What goes wrong is told on the page,
// and the form stays as it is.
(() => {
  "use strict";
  const part = document.getElementById("key");
  if (!part) return;
  const form = part.closest("form");
  const button = form.querySelector("button[type=submit]");
  const fault = document.getElementById("key-fault");
  const status = document.getElementById("key-status");
  const GREETING = 15000;
  const SIGNING = 180000;
  const EMPLOYEE = ["1.3.6.1.5.5.7.3.4", "1.2.398.3.3.4.1.2"];

  class Fault extends Error {
    constructor(name, ...lines) {
      super(name);
      this.lines = lines;
    }
  }

  const sent = async (address) => {
    let answer, told;
    try {
      const body = new URLSearchParams(new FormData(form));
      answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
      told = await answer.json();
    } catch {
      throw new Fault("lost");
    }
    if (!answer.ok) throw new Fault("", told.title, told.detail, ...told.faults);
    return told;
  };

  const asked = (text) => ({
    module: "kz.gov.pki.knca.basics",
    method: "sign",
    args: {
      allowedStorages: null,
      format: "cms",
      data: text,
      signingParams: { decode: true, encapsulate: false, digested: false, tsaProfile: null },
      signerParams: { extKeyUsageOids: EMPLOYEE, chain: null },
      locale: document.documentElement.lang,
    },
  });

  const signed = (text) => new Promise((resolve, reject) => {
    const socket = new WebSocket(part.dataset.ncalayer);
    let greeted = false;
    let late = setTimeout(() => fail("absent"), GREETING);
    const end = () => {
      clearTimeout(late);
      socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    };
    const fail = (name, ...lines) => {
      end();
      reject(new Fault(name, ...lines));
    };
    const read = (text) => {
      try {
        return JSON.parse(text);
      } catch {
        return { status: false };
      }
    };
    socket.onclose = socket.onerror = () => fail("absent");
    socket.onmessage = (event) => {
      const heard = read(event.data);
      if (!greeted) {
        greeted = true;
        clearTimeout(late);
        late = setTimeout(() => fail("late"), SIGNING);
        socket.send(JSON.stringify(asked(text)));
      } else if (heard.status === false) {
        fail("refused", heard.message || heard.code);
      } else if (heard.status === true) {
        const [cms] = [].concat((heard.body && heard.body.result) || []);
        if (!cms) return fail("cancelled");
        end();
        resolve(cms.replace(/-----[^-]+-----|\s/g, ""));
      }
    };
  });

  const tell = (error) => {
    const known = error instanceof Fault ? error : new Fault("lost");
    const [title, ...lines] = known.message
      ? [...document.getElementById(`key-${known.message}`).content.children].map((line) => line.textContent)
        .concat(known.lines)
      : known.lines;
    fault.querySelector("h2").textContent = title;
    fault.querySelector("div").replaceChildren(...lines.filter(Boolean).map((line) => {
      const shown = document.createElement("p");
      shown.className = "govuk-body";
      shown.textContent = line;
      return shown;
    }));
    fault.hidden = false;
    fault.focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fault.hidden = true;
    status.hidden = false;
    try {
      const wanted = await sent(part.dataset.text);
      form.elements.moment.value = wanted.moment;
      form.elements.cms.value = await signed(wanted.text);
      location.assign((await sent(form.getAttribute("action"))).to);
    } catch (error) {
      form.elements.moment.value = form.elements.cms.value = "";
      status.hidden = true;
      button.disabled = false;
      tell(error);
    }
  });
})();
