(function () {
  "use strict";
  const one = (selector, at) => (at || document).querySelector(selector);
  const words = JSON.parse(one("#words").textContent);
  const claims = document.getElementsByClassName("claim"); // live: what is shown, in order
  const panel = one("#panel"), told = one("#told"), by = one("#by"), help = one("#help");
  const ui = document.documentElement.lang === "fr" ? "?ui=fr" : "";
  const place = "synth " + document.title + " "; // what this browser keeps is kept by discussion
  const mine = []; // claims decided on here, the last one last
  const LONGEST = 120000; // milliseconds that an answer is waited for
  let current = null, soon = 0, filling = null;

  const tell = (text) => { told.textContent = text; };
  const id = () => current.dataset.claim;
  const ofPanel = () => (one("[data-panel]", panel) || panel).dataset; // which claim it shows: for a moment the one chosen before

  // -- choosing a claim ------------------------------------------------------------------------

  function choose(article) {
    if (!article) { return; }
    if (current) { current.classList.remove("on"); current.tabIndex = -1; }
    current = article;
    mark();
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "nearest" });
    sessionStorage.setItem(place + "at", id());
    clearTimeout(soon);
    soon = setTimeout(load, 50); // whoever holds a key down passes many claims
  }

  // The list is one stop of the Tab key: the chosen claim. The arrows go on from there.
  function mark() {
    current.classList.add("on");
    current.tabIndex = 0;
  }

  function step(by_, wanted) {
    let at = current ? Array.prototype.indexOf.call(claims, current) : -1;
    do { at += by_; } while (claims[at] && wanted && !wanted(claims[at]));
    choose(claims[at] || (current ? null : claims[0]));
  }

  // Fills the panel with the chosen claim, once: whoever comes while it is being read waits for the same answer.
  function load() {
    clearTimeout(soon);
    if (!filling || filling.claim !== id()) { filling = { claim: id() }; filling.done = fill(filling); }
    return filling.done;
  }

  function reload() {
    filling = null;
    return load();
  }

  async function fill(wanted) {
    const answer = await ask("/claims/" + wanted.claim + ui);
    if (filling !== wanted) { return; } // another one was chosen, or this one decided on
    if (!answer) { filling = null; return; }
    if (!answer.ok) { panel.textContent = words.gone; return; }
    const within = panel.contains(document.activeElement);
    panel.innerHTML = answer.text;
    if (within) { panel.focus({ preventScroll: true }); } // who is in the panel already stays there
    const kept = pending();
    if (kept && kept.open) { open(kept.action); }
  }

  // The whole answer; or nothing and why: a server may die between its first and its last word.
  async function ask(address, data) {
    let why = words.unsaved;
    try {
      const post = data && { method: "POST", body: JSON.stringify(data), headers: { "Content-Type": "application/json" } };
      const reply = await fetch(address, Object.assign({ signal: AbortSignal.timeout(LONGEST) }, post));
      const text = await reply.text();
      if (reply.status === 403) { why = words.shut; }
      else if (reply.status !== 500) { return { ok: reply.ok, status: reply.status, text: text }; }
    } catch (error) { /* there was no answer, or half of one */ }
    tell(why);
    return null;
  }

  // -- forms: what is typed is kept until it is saved --------------------------------------------------

  const form = () => one("form:not([hidden])", panel);
  const keyOf = (claim) => place + "typed " + claim;
  const pending = () => JSON.parse(localStorage.getItem(keyOf(ofPanel().panel)) || "null");

  function keep(shown, opened) {
    const fields = {};
    shown.querySelectorAll("[name]").forEach((field) => { fields[field.name] = field.value; });
    const before = pending();
    const version = before && before.action === shown.dataset.action ? before.version : ofPanel().version;
    localStorage.setItem(keyOf(ofPanel().panel), JSON.stringify({ action: shown.dataset.action, version: version, fields: fields, sources: sourcesIn(shown), open: opened }));
  }

  function open(action) {
    panel.querySelectorAll("form").forEach((f) => { f.hidden = f.dataset.action !== action; });
    const shown = form(), kept = pending();
    if (kept && kept.action === action) {
      Object.keys(kept.fields).forEach((name) => { if (shown.elements[name]) { shown.elements[name].value = kept.fields[name]; } });
      if (action === "sources") { one(".chosen", shown).textContent = ""; kept.sources.forEach((s) => add(shown, s)); }
    }
    headings(shown);
    one("textarea, select, input", shown).focus();
  }

  function close() {
    const shown = form();
    if (!shown) { return false; }
    if (pending()) { keep(shown, false); }
    shown.hidden = true;
    answer("");
    current.focus({ preventScroll: true });
    return true;
  }

  function headings(shown) {
    if (shown.dataset.action === "move") { one(".pair", shown).hidden = shown.elements.heading.value !== ""; }
  }

  function sourcesIn(shown) {
    return Array.from(shown.querySelectorAll(".chosen li")).map((li) => ({ contribution: li.dataset.contribution, start: Number(li.dataset.start), quote: one("q", li).textContent }));
  }

  function add(shown, source) {
    const li = document.createElement("li"), chip = document.createElement("span"), q = document.createElement("q"), remove = document.createElement("button");
    li.dataset.contribution = source.contribution;
    li.dataset.start = source.start;
    chip.className = "chip";
    chip.textContent = source.contribution;
    q.textContent = source.quote;
    remove.type = "button";
    remove.dataset.remove = "";
    remove.textContent = "×";
    remove.setAttribute("aria-label", words.remove + " " + source.contribution);
    li.append(chip, " ", q, " ", remove);
    one(".chosen", shown).append(li);
  }

  function wanted(shown) {
    const value = (name) => (shown.elements[name] ? shown.elements[name].value : "");
    const text = { en: value("en") || null, fr: value("fr") || null };
    switch (shown.dataset.action) {
      case "edit": return { text: text };
      case "sources": return { sources: sourcesIn(shown) };
      case "merge": {
        const into = shown.elements.into.selectedOptions[0];
        return into ? { into: into.value, into_version: into.dataset.version } : {};
      }
      case "move": {
        const heading = shown.elements.heading.selectedOptions[0];
        return { theme: heading.value === "" ? text : { en: heading.dataset.en || null, fr: heading.dataset.fr || null } };
      }
      default: return { reason: value("reason") };
    }
  }

  // -- deciding -----------------------------------------------------------------------------------------

  function decide(action, claim, more) {
    const article = one("#c-" + CSS.escape(claim));
    send(Object.assign({ claim: claim, version: article ? article.dataset.version : "", by: by.value.trim(), action: action }, more));
  }

  function save(shown, more) {
    const kept = pending(), version = kept && kept.action === shown.dataset.action ? kept.version : ofPanel().version;
    decide(shown.dataset.action, ofPanel().panel, Object.assign({ version: version }, wanted(shown), more));
  }

  async function send(data) {
    if (!data.by) { tell(words.named); by.focus(); return; }
    await hold(async () => {
      const slow = setTimeout(() => tell(words.wait), 400);
      const reply = await ask("/decisions" + ui, data);
      clearTimeout(slow);
      if (reply) { tell(""); }
      if (reply && reply.ok) { taken(data, JSON.parse(reply.text)); return; }
      early.length = 0; // that it was refused is read before anything else is decided
      if (reply) { await refused(data, reply.status, JSON.parse(reply.text)); } else { answer(told.textContent); }
    });
  }

  function taken(data, said) {
    const here = id() === data.claim;
    localStorage.removeItem(keyOf(data.claim));
    if (data.action === "undo") { mine.splice(mine.lastIndexOf(data.claim) >>> 0, 1); } else { mine.push(data.claim); }
    put(said.now);
    one("#bar").value = said.progress.done;
    one("#bar").max = Math.max(1, said.progress.all);
    one("#count").textContent = said.progress.text;
    tell(data.claim + ". " + words.saved);
    if (here && (data.action === "accept" || data.action === "reject")) { step(1); }
    if (here) { current.focus({ preventScroll: true }); }
    if (id() in said.now) { reload(); } else { load(); }
  }

  async function refused(data, status, said) {
    if (id() !== data.claim) { choose(one("#c-" + CSS.escape(data.claim))); }
    await load();
    if (ofPanel().panel !== data.claim) { tell(said.why || words.changed); return; }
    if (status === 409) { conflict(data, said); return; }
    answer(said.why);
    (said.checks || []).forEach((check) => answer(check.name + ": " + check.detail, true));
    if (said.checks && said.checks.length) { offer(words.confirm, () => send(Object.assign({}, data, { confirmed: true }))); }
  }

  function put(now) {
    Object.keys(now).forEach((claim) => {
      const article = one("#c-" + CSS.escape(claim));
      if (!article) { return; }
      const chosen = article === current;
      article.outerHTML = now[claim];
      if (chosen) { current = one("#c-" + CSS.escape(claim)); mark(); }
    });
  }

  function answer(text, more) {
    const box = one("[data-answer]", panel);
    if (!box) { tell(text); return; }
    if (!more) { box.textContent = ""; }
    if (text) { const p = document.createElement("p"); p.textContent = text; box.append(p); }
  }

  function offer(text, then) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", then);
    const box = one("[data-answer]", panel);
    box.append(button, " ");
    button.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  // Both versions are shown; what was wanted is decided on what stands now only when that is said.
  function conflict(data, said) {
    answer(said.gone ? words.gone : words.changed);
    const box = one("[data-answer]", panel), now = said.now[data.claim];
    if (!now) { return; }
    const seen = one("#c-" + CSS.escape(data.claim));
    const versions = document.createElement("div");
    versions.className = "versions";
    [[words.seen, seen && seen.outerHTML], [words.now, now]].forEach((pair) => {
      const head = document.createElement("p"), copy = document.createElement("div");
      head.textContent = pair[0];
      copy.innerHTML = pair[1] || "";
      copy.querySelectorAll("[id]").forEach((e) => { e.removeAttribute("id"); });
      copy.querySelectorAll(".claim").forEach((e) => { e.className = "version"; });
      versions.append(head, copy);
    });
    box.append(versions);
    const holder = document.createElement("div");
    holder.innerHTML = now;
    const version = one("article", holder).dataset.version;
    const more = { version: version };
    if (data.into && said.now[data.into]) { holder.innerHTML = said.now[data.into]; more.into_version = one("article", holder).dataset.version; }
    offer(words.again, () => send(Object.assign({}, data, more)));
    offer(words.leave, () => { localStorage.removeItem(keyOf(data.claim)); put(said.now); reload(); });
  }

  function undo() {
    const last = mine[mine.length - 1] || (current && id());
    if (!last) { tell(words.nothing); return; }
    choose(one("#c-" + CSS.escape(last)) || current);
    decide("undo", last);
  }

  // -- selecting words ----------------------------------------------------------------------------------

  async function find(shown, address) {
    const reply = await ask(address);
    if (reply) { one("[data-found]", shown).innerHTML = reply.text; }
  }

  function offered(sentence, start, quote) {
    const field = form().elements.quote;
    field.value = quote;
    field.dataset.contribution = sentence.closest("blockquote").dataset.contribution;
    field.dataset.start = start;
  }

  function selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) { return; }
    const range = selection.getRangeAt(0), from = range.startContainer.parentElement, to = range.endContainer.parentElement;
    const sentence = from && from.closest("#panel .sentence");
    if (!sentence || !to || sentence.closest("blockquote") !== to.closest("blockquote")) { return; }
    const before = document.createRange();
    before.setStart(sentence, 0);
    before.setEnd(range.startContainer, range.startOffset);
    // Offsets are counted in characters, where a browser counts an emoji as two.
    offered(sentence, Number(sentence.dataset.start) + Array.from(before.toString()).length, range.toString());
  }

  function sentenceChosen(sentence) {
    panel.querySelectorAll(".sentence.chosen").forEach((s) => s.classList.remove("chosen"));
    sentence.classList.add("chosen");
    offered(sentence, Number(sentence.dataset.start), sentence.textContent);
  }

  function addSource(shown) {
    const field = shown.elements.quote;
    if (!field.value.trim() || !field.dataset.contribution) { answer(words.selected); return; }
    add(shown, { contribution: field.dataset.contribution, start: Number(field.dataset.start), quote: field.value.trim() });
    field.value = "";
    keep(shown, true);
  }

  async function translate(button) {
    const reply = await ask("/translations" + ui, { passage: button.dataset.translate });
    if (!reply) { return; }
    const said = JSON.parse(reply.text), shown = button.parentElement.nextElementSibling;
    one("span[lang]", shown).textContent = said.text || said.why;
    shown.hidden = false;
  }

  // -- what a person does ---------------------------------------------------------------------------------

  // Whoever is quicker than the server is understood as if its answer had been there at once: what is typed while an action
  // waits for it is done after it, and goes into the form that it opens.
  const early = [];
  let holding = 0;

  async function hold(work) {
    holding += 1;
    try { await work(); } finally { holding -= 1; }
    while (early.length && !holding) { replay(early.shift()); }
  }

  function replay(event) {
    const at = document.activeElement;
    if (key(event, at) || !at.matches("input, textarea")) { return; }
    at.setRangeText(event.key, at.selectionStart, at.selectionEnd, "end");
    at.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function act(name) {
    tell(""); // what was said of the action before
    if (name === "help") { help.showModal(); return; }
    if (name === "undo key") { undo(); return; }
    if (!current) { step(1); }
    if (!current) { return; }
    const claim = id();
    if (name === "accept" || name === "undo") { decide(name, claim); return; }
    hold(async () => {
      await load();
      if (id() !== claim || ofPanel().panel !== claim) { return; }
      open(name === "find" ? "sources" : name);
      if (name === "find") { form().elements.q.focus(); }
    });
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest("button, .sentence, .claim");
    if (!at || event.target.closest("a, label, input, select")) { return; }
    if (panel.contains(at) && ofPanel().panel !== id()) { return; } // the panel of another claim is on its way
    if (at.dataset.do) { act(at.dataset.do); }
    else if ("close" in at.dataset) { close(); }
    else if ("find" in at.dataset) { find(form(), "/passages" + (ui ? ui + "&" : "?") + "q=" + encodeURIComponent(form().elements.q.value)); }
    else if (at.dataset.whole) { find(form(), "/contributions/" + at.dataset.whole + ui); }
    else if ("add" in at.dataset) { addSource(form()); }
    else if ("remove" in at.dataset) { at.closest("li").remove(); keep(form(), true); }
    else if (at.dataset.translate) { translate(at); }
    else if (at.matches(".sentence")) { if (document.getSelection().isCollapsed) { sentenceChosen(at); } }
    else if (at.matches(".claim")) { choose(at); }
  });
  document.addEventListener("selectionchange", () => { if (form() && form().dataset.action === "sources") { selected(); } });
  panel.addEventListener("submit", (event) => { event.preventDefault(); save(event.target); });
  panel.addEventListener("input", (event) => { headings(event.target.form); keep(event.target.form, true); });
  by.addEventListener("input", () => localStorage.setItem("synth by", by.value));

  const KEYS = { a: "accept", r: "reject", e: "edit", s: "sources", t: "move", m: "merge", c: "comment", u: "undo key", "/": "find", "?": "help" };
  const saves = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey);
  const writes = (event) => event.key.length === 1 && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.metaKey || event.altKey));

  // What a key pressed at an element does; false if it does nothing of its own.
  function key(event, at) {
    const typing = at.matches("input, textarea, select");
    if (event.key === "Escape" && !help.open) { if (close()) { return true; } if (typing) { at.blur(); } return false; }
    if (saves(event) && form()) { form().requestSubmit(); return true; }
    if (event.key === "Enter" && at.name === "q") { one("[data-find]", panel).click(); return true; }
    if ((event.key === "Enter" || event.key === " ") && at.matches(".sentence")) { sentenceChosen(at); return true; }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && at.matches(".claim")) { step(event.key === "ArrowDown" ? 1 : -1); return true; }
    if (typing || !one("#keys").checked || help.open || event.ctrlKey || event.metaKey || event.altKey) { return false; }
    if (event.key === "j") { step(1); }
    else if (event.key === "k") { step(-1); }
    else if (event.key === "n") { step(1, (c) => c.classList.contains("draft")); }
    else if (event.key === "f") { one(".filters select").focus(); }
    else if (event.key === "o") { if (panel.contains(document.activeElement)) { current && current.focus(); } else { panel.focus(); } }
    else if (!KEYS[event.key]) { return false; }
    else if (!event.repeat) { act(KEYS[event.key]); } // a key held down decides once
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (holding && (writes(event) || saves(event))) { if (!event.repeat) { early.push(event); } event.preventDefault(); }
    else if (key(event, event.target)) { event.preventDefault(); }
  });

  one("#keys").checked = localStorage.getItem("synth keys") !== "off";
  one("#keys").addEventListener("change", (event) => localStorage.setItem("synth keys", event.target.checked ? "on" : "off"));
  by.value = localStorage.getItem("synth by") || "";
  const last = sessionStorage.getItem(place + "at");
  choose((last && one("#c-" + CSS.escape(last))) || claims[0]);
})();
