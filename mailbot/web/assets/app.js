// Keyboard, live guards, live news, undo countdown. Every act is a plain form: without this file all still works.
"use strict";
(() => {
  const page = document.body;
  document.documentElement.classList.add("js");
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const visible = (node) => node && node.offsetParent !== null;

  // ---- keyboard -------------------------------------------------------------------------------------------------
  const typing = (node) => node && (node.matches("input, textarea, select") || node.isContentEditable);

  function move(step) {
    const links = $$("#file .row > a");
    if (links.length) {
      const at = links.indexOf(document.activeElement);
      const to = links[Math.max(0, Math.min(links.length - 1, at + step))] || links[0];
      to.focus();
      to.scrollIntoView({ block: "nearest" });
      return true;
    }
    const order = JSON.parse(sessionStorage.getItem("file") || "[]");
    const at = order.indexOf(Number(page.dataset.ticket));
    const next = at >= 0 ? order[at + step] : undefined;
    if (next !== undefined) { location.href = "/tickets/" + next; return true; }
    const link = step > 0 ? $('a[data-key="j"]') : null;
    if (link) { link.click(); return true; }
    return false;
  }

  const go = (key) => { const link = $(`a[data-go="${key}"]`); if (!link) return false; location.href = link.href; return true; };

  const keys = {
    c: () => { const fold = $("#correction"); if (!fold) return false; fold.open = !fold.open; fold.scrollIntoView({ block: "nearest" }); $("summary", fold).focus(); return true; },
    j: () => move(1),
    k: () => move(-1),
    "/": () => { const box = $(".search input"); box.focus(); box.select(); return true; },
    "?": () => { $("#aide").showModal(); return true; },
    u: () => { location.href = sessionStorage.getItem("liste") || "/"; return true; },
    n: () => { const box = $("#note"); if (!box) return false; box.closest("details").open = true; box.focus(); return true; },
    z: () => { const undo = $("form[data-undo] button") || $('[data-key="z"]'); if (!undo) return false; undo.click(); return true; },
    r: () => { const fold = $("#refus"); if (!fold) return false; fold.open = true; $("#raison").focus(); return true; },
    e: () => { const box = $("#texte"); if (!box) return go("e"); box.focus(); return true; },
    l: () => { const box = $('.letters select[name="modele"]'); if (!box) return false; box.focus(); return true; },
    w: () => { const button = $('[data-press="w"]'); if (!button) return false; button.click(); return true; },
    m: () => go("m"),
    s: () => go("s"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && $("#correction[open]")) { $("#correction").open = false; return; }
    if (event.key === "Escape" && typing(document.activeElement)) { document.activeElement.blur(); $("#contenu").focus(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && document.activeElement.id === "texte") {
      $("#editeur").requestSubmit($('#editeur [data-key="a"]')); return;
    }
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && document.activeElement.form?.id === "editeur") {
      event.preventDefault(); $("#editeur").requestSubmit($("#editeur [data-save]")); return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    const choice = $("#correction[open]") && $(`[data-choice="${event.key}"]`);
    if (choice) { event.preventDefault(); choice.click(); return; }
    const known = keys[event.key];
    if (known) { if (known()) event.preventDefault(); return; }
    const button = /^[a-z]$/.test(event.key) ? $(`[data-key="${event.key}"]`) : null;
    if (visible(button) && !button.disabled) { event.preventDefault(); button.click(); }
  });
  $$("[data-help]").forEach((node) => node.addEventListener("click", () => $("#aide").showModal()));
  $$("[data-print]").forEach((node) => node.addEventListener("click", () => window.print()));
  $$("[data-focus]").forEach((node) => node.addEventListener("click", () => document.getElementById(node.dataset.focus).focus()));
  $$(".filters select, [data-submit]").forEach((node) => node.addEventListener("change", () => node.form.requestSubmit()));

  // whoever works through a filtered list goes on in that list
  function keepToList(form) {
    const list = sessionStorage.getItem("liste") || "", order = JSON.parse(sessionStorage.getItem("file") || "[]");
    const at = order.indexOf(Number(page.dataset.ticket));
    if (!list.includes("?") || at < 0) return;
    for (const [name, value] of [["liste", list], ["ensuite", order.slice(at + 1).join(",")]]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  }

  // one click is one act
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
    keepToList(form);
  });

  // a menu closes when one looks elsewhere
  document.addEventListener("click", (event) => {
    $$("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // ---- undo countdown -------------------------------------------------------------------------------------------
  $$("form[data-undo]").forEach((form) => {
    let left = Number(form.dataset.undo);
    const count = $(".count", form);
    const tick = () => {
      if (left <= 0) { form.closest(".said").remove(); return; }
      count.textContent = `(${left} s)`;
      left -= 1;
      setTimeout(tick, 1000);
    };
    tick();
  });

  // ---- the draft: guards as one types ---------------------------------------------------------------------------
  const editor = $("#editeur");
  if (editor) {
    const list = $("#gardes"), text = $("#texte"), subject = $("#objet");
    const first = [text.value, subject.value];
    let timer, turn = 0;
    const dirty = () => text.value !== first[0] || subject.value !== first[1];
    const show = (reasons) => {
      list.replaceChildren(...reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
      list.classList.toggle("fine", reasons.length === 0);
    };
    const check = async () => {
      const mine = ++turn;
      const letter = $('[name="modele"]', editor);
      const body = new URLSearchParams({ texte: text.value, objet: subject.value, modele: letter ? letter.value : "", remede: $('[name="remede"]', editor)?.value || "" });
      const answer = await fetch(`/tickets/${page.dataset.ticket}/verifier`, {
        method: "POST", body, headers: { accept: "application/json", "x-jeton": page.dataset.formKey },
      }).catch(() => null);
      if (!answer || !answer.ok || mine !== turn) return;
      show((await answer.json()).reasons);
    };
    editor.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(check, 350); });
    if (!list.children.length && !list.classList.contains("fine")) check();
    const gap = text.value.indexOf("\n\n\n");
    if ($('[name="modele"]', editor)?.value === "libre" && gap >= 0) { text.focus(); text.setSelectionRange(gap + 2, gap + 2); }
    let leaving = false;
    document.addEventListener("submit", () => { leaving = true; });
    window.addEventListener("beforeunload", (event) => { if (dirty() && !leaving) event.preventDefault(); });
  }

  // ---- news, as they come ---------------------------------------------------------------------------------------
  const file = $("#file");
  if (file && page.dataset.live === "file") {
    sessionStorage.setItem("liste", location.pathname + location.search);
    sessionStorage.setItem("file", JSON.stringify($$(".row", file).map((row) => Number(row.dataset.ticket))));
  }

  async function refreshQueue() {
    const answer = await fetch(location.href, { headers: { "x-fragment": "1" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text(); // our own page, escaped on the server; the policy forbids scripts in it
    const before = new Set($$(".row", file).map((row) => row.dataset.ticket));
    const focused = document.activeElement.closest?.(".row")?.dataset.ticket;
    const anchor = $$(".row", file).find((row) => row.getBoundingClientRect().bottom > 0);
    const top = anchor?.getBoundingClientRect().top;
    let news = 0;
    $$(".row", fresh.content).forEach((row) => { if (!before.has(row.dataset.ticket)) { row.classList.add("new"); news += 1; } });
    file.replaceChildren(fresh.content);
    if (focused) $(`.row[data-ticket="${focused}"] > a`, file)?.focus({ preventScroll: true });
    const same = anchor && $(`.row[data-ticket="${anchor.dataset.ticket}"]`, file);
    if (same) window.scrollBy(0, same.getBoundingClientRect().top - top);
    sessionStorage.setItem("file", JSON.stringify($$(".row", file).map((row) => Number(row.dataset.ticket))));
    if (news) { const said = $(".fresh"); said.hidden = false; said.textContent = news > 1 ? `${news} nouveaux tickets` : "1 nouveau ticket"; }
  }

  async function refreshCase() {
    const answer = await fetch(`/tickets/${page.dataset.ticket}/presence`, { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const now = await answer.json();
    const here = $("#presents");
    here.replaceChildren(...now.others.map((name) => Object.assign(document.createElement("span"), { className: "badge eye", textContent: `${name} regarde` })));
    const changed = String(now.version) !== page.dataset.version || now.state !== page.dataset.state;
    if (changed && !$("#change")) {
      const said = document.createElement("div");
      said.id = "change"; said.className = "said attention"; said.setAttribute("role", "alert");
      said.append(`${now.actor} vient de modifier ce ticket. `);
      said.append(Object.assign(document.createElement("a"), { href: location.href, textContent: "Recharger" }));
      $("#contenu").before(said);
    }
  }

  if (page.dataset.live && window.EventSource) {
    const shown = page.dataset.live === "ticket" ? `?ticket=${page.dataset.ticket}` : "";
    const refresh = page.dataset.live === "file" ? refreshQueue : refreshCase;
    let stream = null, first = true, timer;
    const listen = () => {
      stream = new EventSource("/direct" + shown);
      stream.addEventListener("pouls", () => {
        if (first && refresh === refreshQueue) { first = false; return; } // the page is as new as this
        first = false;
        clearTimeout(timer);
        timer = setTimeout(refresh, 150);
      });
    };
    const hush = () => { if (stream) { stream.close(); stream = null; } };
    // browsers allow few connections to one place: a page nobody sees gives its own back
    document.addEventListener("visibilitychange", () => { if (document.hidden) hush(); else if (!stream) listen(); });
    window.addEventListener("pagehide", hush);
    window.addEventListener("pageshow", () => { if (!stream && !document.hidden) listen(); });
  }
})();
