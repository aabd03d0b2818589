/* portal.js: keys, row selection, progress, and one send a click. Every page works without it. */
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

  /* ── rows: choose, count, and choose all ── */
  const rows = all(one(".list") ? ".list tbody tr" : ".queue li");
  const boxes = all("[data-list] tbody input[type='checkbox']");
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
    const total = cents.reduce((so, far) => so + Number(far), 0) / 100;
    const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" }).format(total);
    return counter.dataset.sum.replace("#", money);
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
  const move = (step, key) => (rows.length ? (goTo(current + step), true) : press(key));
  const search = () => {
    const box = document.getElementById("zoek");
    if (!box) return false;
    if (!isShown(box)) document.getElementById("menu").showPopover();
    box.focus();
    return true;
  };
  const doing = {
    j: () => move(1, "j"), k: () => move(-1, "k"), x: choose, Enter: open,
    a: () => press("a"), r: () => press("r"), "/": search,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || (dialog && dialog.open)) return;
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
