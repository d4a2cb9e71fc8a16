// The lead's pages: a replay that runs tells how far it is. Without this file the page reloads itself.
"use strict";
(() => {
  const box = document.querySelector("[data-progress]");
  if (!box) return;
  const bar = box.querySelector("progress"), words = box.querySelector("[role=status]");
  const note = document.querySelector('[name="note"]');
  const look = async () => {
    const answer = await fetch(box.dataset.progress, { headers: { accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok) { setTimeout(look, 2000); return; }
    const now = await answer.json();
    if (!now.fini) {
      bar.value = now.fait;
      words.textContent = `${now.fait} sur ${now.sur} mails`;
      setTimeout(look, 500);
      return;
    }
    if (!note || note.value === note.defaultValue) { location.replace(location.pathname); return; } // what is typed stays
    const link = Object.assign(document.createElement("a"), { href: location.pathname, textContent: "Voir ce que le rejeu a trouvé" });
    box.replaceChildren(link);
  };
  setTimeout(look, 300);
})();
