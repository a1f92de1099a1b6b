/* Tabs and columns: one choice for the whole book, kept for good. Stands on sphinx-tabs' own script. */
(() => {
  "use strict";
  const html = document.documentElement;
  const boxes = [...document.querySelectorAll(".sphinx-tabs")];
  const tabsOf = (box) => [...box.querySelectorAll(':scope > [role="tablist"] > [role="tab"]')];
  const remember = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      /* No storage: the choice holds for this page. */
    }
  };

  /* Show one panel of a box. Hidden panels stay findable: the browser opens what a search hits. */
  function open(box, framework) {
    const tabs = tabsOf(box);
    const chosen = tabs.find((tab) => tab.name === framework);
    if (!chosen) return;
    for (const tab of tabs) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", selected);
      tab.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls"));
      if (selected) panel.removeAttribute("hidden");
      else panel.setAttribute("hidden", "until-found");
    }
  }

  function choose(framework, { anchor = null } = {}) {
    const before = anchor?.getBoundingClientRect().top;
    html.dataset.framework = framework;
    remember("framework", framework);
    boxes.forEach((box) => open(box, framework));
    /* Panels above may have changed height: keep what was clicked where it was. */
    if (anchor) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
  }

  /* Open the panel that holds a linked or found element, without making it the choice. */
  function reveal(element) {
    const panel = element?.closest?.('[role="tabpanel"]');
    if (panel && panel.hidden !== false) open(panel.parentElement, panel.dataset.framework);
    return panel;
  }

  function revealTarget() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (target && reveal(target)) target.scrollIntoView();
  }

  function onKey(event) {
    const tab = event.target.closest?.('.sphinx-tabs [role="tab"]');
    if (!tab) return;
    const tabs = tabsOf(tab.closest(".sphinx-tabs"));
    const at = tabs.indexOf(tab);
    const to = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tabs[to].focus();
    pick(tabs[to]);
  }

  function pick(tab) {
    if (["flask", "fastapi", "django"].includes(tab.name)) choose(tab.name, { anchor: tab });
    else open(tab.closest(".sphinx-tabs"), tab.name);
  }

  /* Side by side */
  let toggle = null;

  function show(view) {
    html.dataset.view = view;
    toggle.setAttribute("aria-pressed", view === "columns");
    remember("view", view);
  }

  function addToggle() {
    toggle = document.createElement("button");
    toggle.className = "view-toggle";
    toggle.type = "button";
    toggle.title = "Show the three frameworks as columns (key: c)";
    toggle.textContent = "Side by side";
    toggle.addEventListener("click", () => show(html.dataset.view === "columns" ? "tabs" : "columns"));
    document.querySelector(".content-icon-container")?.prepend(toggle);
    toggle.setAttribute("aria-pressed", html.dataset.view === "columns");
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key === "c" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) toggle.click();
    });
  }

  /* What scrolls sideways must be reachable by keyboard; what does not, need not be. */
  function markScrollers() {
    for (const element of document.querySelectorAll("article pre, .table-wrapper")) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  }

  document.addEventListener("keydown", onKey, true);
  for (const tab of document.querySelectorAll('.sphinx-tabs [role="tab"]')) {
    tab.addEventListener("click", () => pick(tab));
  }
  document.addEventListener("beforematch", (event) => reveal(event.target));
  window.addEventListener("hashchange", revealTarget);
  window.addEventListener("DOMContentLoaded", () => {
    if (boxes.length) addToggle();
    const chosen = html.dataset.framework;
    boxes.forEach((box) => open(box, chosen ?? "flask"));
    html.classList.add("tabs-ready");
    revealTarget();
    const found = document.querySelector("article .highlighted");
    if (found && !location.hash) reveal(found);
    markScrollers();
  });
  window.addEventListener("resize", markScrollers);
})();
