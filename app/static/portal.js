/* portal.js: keys, row selection, answers from the list, progress, and one send a click. Every page works without it. */
"use strict";
(() => {
  const all = (query, root = document) => [...root.querySelectorAll(query)];
  const one = (query, root = document) => root.querySelector(query);
  const isShown = (node) => node && node.getClientRects().length > 0;

  /* ── a failed form: read what is wrong first ── */
  const summary = one(".errors");
  if (summary) summary.focus();
  all(".errors a[href^='#']").forEach((link) =>
    link.addEventListener("click", (event) => {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      const target = field.matches("fieldset") ? one("input, select, textarea", field) : field;
      target.focus();
      field.scrollIntoView({ block: "center" });
    }));

  /* ── what just happened: a status that a page begins with is not spoken, one that changes is ── */
  const voice = one("[data-voice]");
  const happened = all(".note--said[role='status']").map((note) => note.textContent.trim()).join(" ");
  if (voice && happened) {
    setTimeout(() => { voice.textContent = happened; }, 300);
    setTimeout(() => { voice.textContent = ""; }, 5000);
  }

  /* ── one send a click: the button rests until the next page, or until one comes back to this one ── */
  let resting = [];
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => {
      const buttons = all("button[type='submit']:not([disabled])", form);
      buttons.forEach((button) => { button.disabled = true; });
      form.setAttribute("aria-busy", "true");
      resting.push({ form, buttons });
      setTimeout(wake, 20000);
    });
  });
  const wake = () => {
    resting.forEach(({ form, buttons }) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
      buttons.forEach((button) => { button.disabled = false; });
    });
    resting = [];
  };
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });

  /* ── a message that was opened is read ── */
  const unread = one("form[data-read]");
  if (unread) {
    fetch(unread.action, { method: "POST", body: new URLSearchParams(new FormData(unread)), redirect: "manual" })
      .then(() => { unread.hidden = true; all("[data-unread]").forEach((mark) => mark.remove()); })
      .catch(() => {});
  }

  /* ── rows: choose, count, and choose all ── */
  const rows = all(one(".list") ? ".list tbody tr" : ".queue li");
  let boxes = all("[data-list] tbody input[type='checkbox']");
  const everything = one("[data-choose-all]");
  const counter = one("[data-chosen]");
  const silent = counter && counter.textContent;
  let lastBox = null;
  const mark = () => {
    const chosen = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
    if (everything) {
      everything.checked = chosen.length > 0 && chosen.length === boxes.length;
      everything.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
    }
    if (counter) counter.textContent = chosen.length ? counter.dataset.chosen.replace("#", chosen.length) + sum(chosen) : silent;
  };
  const sum = (chosen) => {
    const cents = chosen.map((box) => box.closest("tr").dataset.cents);
    if (!counter.dataset.sum || cents.some((one) => one === undefined)) return "";
    const of = chosen.map((box) => box.closest("tr").dataset.of);
    const whole = counter.dataset.of && of.every((one) => one !== undefined) ? counter.dataset.of.replace("#", euro(of)) : "";
    return counter.dataset.sum.replace("#", euro(cents)) + whole;
  };
  const euro = (cents) => {
    const total = cents.reduce((so, far) => so + Number(far), 0) / 100;
    return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" }).format(total);
  };
  if (everything) {
    everything.hidden = false;
    everything.addEventListener("change", () => { boxes.forEach((box) => { box.checked = everything.checked; }); mark(); });
  }
  boxes.forEach((box) => box.addEventListener("click", (event) => {
    if (event.shiftKey && lastBox) {
      const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((between) => { between.checked = box.checked; });
    }
    lastBox = box;
    mark();
  }));
  if (boxes.length) mark();
  window.addEventListener("pageshow", () => { if (boxes.length) mark(); });

  /* ── a name that is looked up: companies are offered as one types, and the button of the search stays for who has no script ── */
  all("[data-suggest]").forEach((box, place) => {
    const field = one("input[type='text']", box);
    const list = box.appendChild(document.createElement("datalist"));
    list.id = `found-${place}`;
    field.setAttribute("list", list.id);
    let asked = "";
    field.addEventListener("input", async () => {
      const typed = field.value.trim();
      if (typed.length < 2 || typed === asked || [...list.children].some((option) => option.value === typed)) return;
      asked = typed;
      const body = new URLSearchParams({ csrf_token: one("input[name='csrf_token']", field.form).value, q: typed });
      const answer = await fetch(box.dataset.suggest, { method: "POST", body }).catch(() => null);
      if (!answer || !answer.ok || asked !== typed) return;
      list.replaceChildren(...(await answer.json()).map((name) => Object.assign(document.createElement("option"), { value: name })));
    });
  });

  /* ── long work: ask how far it is, and show the result page when it is done ── */
  all("[data-progress][data-state='running'], [data-progress][data-state='waiting']").forEach((box) => {
    const bar = one("progress", box);
    const text = one("[data-progress-text]", box);
    let pause = 1000;
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, cache: "no-store" });
        if (!answer.ok) throw new Error(answer.statusText);
        const { done, total, state } = await answer.json();
        bar.max = total || 1;
        bar.value = done;
        text.textContent = text.dataset.progressText.replace("##", total).replace("#", done);
        if (state !== "running" && state !== "waiting") return location.reload();
        pause = 1000;
      } catch {
        pause = Math.min(pause * 2, 30000);
      }
      setTimeout(ask, pause);
    };
    setTimeout(ask, pause);
  });

  /* ── keys: single letters, never while typing, and off where a person wants them off ── */
  const dialog = document.getElementById("toetsen");
  const keysSwitch = one("[data-keys-on]");
  const stored = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("keys", value);
      return localStorage.getItem("keys");
    } catch { return null; }
  };
  const keysOn = () => stored() !== "off";
  if (keysSwitch) {
    keysSwitch.checked = keysOn();
    keysSwitch.addEventListener("change", () => stored(keysSwitch.checked ? "on" : "off"));
  }
  let current = rows.findIndex((row) => row.classList.contains("is-current"));
  const goTo = (index) => {
    if (!rows.length) return;
    current = Math.max(0, Math.min(rows.length - 1, index));
    rows.forEach((row, place) => row.classList.toggle("is-current", place === current));
    const link = one("a", rows[current]);
    if (link) link.focus({ preventScroll: true });
    rows[current].scrollIntoView({ block: "center" });
  };
  const press = (key) => {
    const target = all(`[data-key="${key}"]`).find(isShown);
    if (!target) return false;
    if (target.matches("input[type='radio']")) target.checked = true;
    if (target.matches("a, button") && !needsChoice(target)) target.click();
    else target.focus();
    target.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  /* ── one row at a time: answered where it stands, the next one at once; each can be taken back ── */
  const quick = one("form[data-quick]");
  const why = document.getElementById("afwijzen");
  const said = one("[data-quick-said]");
  const problem = one("[data-quick-problem]");
  const undoButton = one("[data-quick-undo]");
  const given = [];
  let sending = Promise.resolve();
  const boxOf = (row) => row && one("input[name='offer']", row);
  const nameOf = (row) => one("a", row).textContent;
  const nextRow = () => {
    const waits = (row) => boxOf(row) && !row.hasAttribute("aria-busy");
    const after = rows.findIndex((row, place) => place > current && waits(row));
    const next = after >= 0 ? after : rows.findIndex(waits);
    if (next >= 0) return goTo(next);
    const onward = one("a[rel='next']");
    sending.then(() => { if (problem.hidden) onward ? onward.click() : location.assign(quick.dataset.quick); });
  };
  const post = async (path, fields) => {
    const body = new URLSearchParams({ csrf_token: one("input[name='csrf_token']", quick).value, ...fields });
    const answer = await fetch(path, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error(answer.statusText);
    return { ok: answer.ok, ...(await answer.json()) };
  };
  const show = (node, text) => {
    (one("span", node) || node).textContent = text;
    node.hidden = !text;
  };
  const answerRow = (row, fields) => {
    const box = boxOf(row);
    const [ref, revision] = box.value.split(":");
    row.setAttribute("aria-busy", "true");
    sending = sending.then(async () => {
      const reply = await post(`${quick.dataset.quick}/${ref}/quick`, { revision, ...fields });
      row.removeAttribute("aria-busy");
      if (!reply.ok) return show(problem, `${nameOf(row)}: ${reply.problem}`);
      const chip = one(".chip", row);
      given.push({ row, ref, box, revision: reply.revision, chip: chip.cloneNode(true), until: reply.until });
      box.checked = false;
      box.remove();
      boxes = boxes.filter((other) => other !== box);
      chip.className = "chip";
      chip.textContent = reply.said;
      show(problem, "");
      tellUndo(`${nameOf(row)}: ${reply.said}.`);
      mark();
    }).catch(() => location.reload());
    nextRow();
  };
  const tellUndo = (text) => {
    const last = given.at(-1);
    show(said, text);
    undoButton.hidden = undoButton.nextElementSibling.hidden = !last || !last.until;
    if (last && last.until) undoButton.textContent = undoButton.dataset.until.replace("#", last.until);
  };
  const undoLast = () => {
    const last = given.pop();
    if (!last) return press("u");
    sending = sending.then(async () => {
      const reply = await post(`${quick.dataset.quick}/${last.ref}/undo`, { revision: last.revision });
      if (reply.ok) {
        one(".chip", last.row).replaceWith(last.chip);
        last.box.value = `${last.ref}:${reply.revision}`;
        last.row.firstElementChild.append(last.box);
        boxes.push(last.box);
        goTo(rows.indexOf(last.row));
      }
      show(problem, reply.ok ? "" : reply.said);
      tellUndo(reply.ok ? reply.said : "");
    }).catch(() => location.reload());
    return true;
  };
  const answering = (key, act) => {
    if (!quick || boxes.some((box) => box.checked)) return press(key);
    if (current < 0) { nextRow(); return true; }
    if (boxOf(rows[current]) && !rows[current].hasAttribute("aria-busy")) act(rows[current]);
    return true;
  };
  const askWhy = (row) => {
    const isCovered = "covered" in boxOf(row).dataset;
    const confirmed = one("[name='confirmed']", why);
    one("[data-who]", why).textContent = nameOf(row);
    one("[data-if-covered]", why).hidden = !isCovered;
    confirmed.checked = false;
    confirmed.required = isCovered;
    why.returnValue = "";
    why.showModal();
    const reason = one("[name='reason']", why);
    (reason.value ? (isCovered ? confirmed : one("button[value='reject']", why)) : reason).focus();
  };
  if (quick && why) {
    one("[data-close]", why).addEventListener("click", () => why.close());
    why.addEventListener("close", () => {
      const row = rows[current];
      if (why.returnValue !== "reject" || !boxOf(row)) return one("a", row).focus();
      const fields = { answer: "reject", reason: one("[name='reason']", why).value, explanation: one("[name='explanation']", why).value };
      if (one("[name='confirmed']", why).checked) fields.confirmed = "y";
      answerRow(row, fields);
    });
    undoButton.addEventListener("click", undoLast);
  }
  const needsChoice = (target) => Boolean(target.closest("[data-bulk]")) && !boxes.some((box) => box.checked);
  const choose = () => {
    const box = rows[current] && one("input[type='checkbox']", rows[current]);
    if (box) { box.checked = !box.checked; lastBox = box; mark(); }
    return Boolean(box);
  };
  const open = () => {
    const link = rows[current] && one("a", rows[current]);
    if (link) link.click();
    return Boolean(link);
  };
  const move = (step, key) => {
    if (!rows.length) return press(key);
    const onward = one(step > 0 ? "a[rel='next']" : "a[rel='first']");
    const isEnd = step > 0 ? current === rows.length - 1 : current === 0;
    if (isEnd && onward) onward.click();
    else goTo(current + step);
    return true;
  };
  const search = () => {
    const box = document.getElementById("zoek");
    if (!box) return false;
    if (!isShown(box)) document.getElementById("menu").showPopover();
    box.focus();
    return true;
  };
  const doing = {
    j: () => move(1, "j"), k: () => move(-1, "k"), x: choose, Enter: open,
    a: () => answering("a", (row) => answerRow(row, { answer: "accept" })), r: () => answering("r", askWhy), u: undoLast, "/": search,
  };
  const once = new Set(["a", "r", "u", "x", "Enter"]); // a key held down answers nothing that nobody looked at
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || one("dialog[open]")) return;
    if (event.repeat && once.has(event.key)) return;
    const at = event.target;
    const typing = at.matches("textarea, select, [contenteditable], input:not([type='checkbox']):not([type='radio']):not([type='submit'])");
    if (event.key === "Escape" && typing) return at.blur();
    if (typing) return;
    if (event.key === "?" && dialog) { event.preventDefault(); return dialog.showModal(); }
    if (!keysOn() || (event.key === "Enter" && at.matches("a, button, input, summary"))) return;
    const act = doing[event.key];
    if (act && act()) event.preventDefault();
  });
})();
