/* Tabs, columns, drawers and the filter of differences. One choice of framework for the whole book,
   kept for good; sphinx-tabs gives the markup, and this script all of its behaviour. */
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
    markChosen();
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

  /* Sphinx marks the words of a search soon after loading; if none of them shows, open a panel. */
  function revealFound() {
    const section = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const found = [...(section || document).querySelectorAll(".highlighted")];
    if (found.length && !found.some((word) => word.checkVisibility())) reveal(found[0]);
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
    tabs[to].focus();
    pick(tabs[to]);
  }

  function pick(tab) {
    if (["flask", "fastapi", "django"].includes(tab.name)) choose(tab.name, { anchor: tab });
    else open(tab.closest(".sphinx-tabs"), tab.name);
  }

  /* The bar: one framework, or all side by side where columns fit (book.css has the same width) */
  const wide = window.matchMedia("(min-width: 80em)");
  const bar = document.querySelector(".chooser");
  const columns = () => wide.matches && html.dataset.view === "columns";

  function markChosen() {
    const chosen = columns() ? "all" : (html.dataset.framework ?? "flask");
    for (const button of bar?.querySelectorAll("button[name]") ?? []) {
      button.setAttribute("aria-pressed", button.name === chosen);
    }
  }

  function show(view) {
    html.dataset.view = view;
    remember("view", view);
    markChosen();
    markScrollers();
  }

  function readyBar() {
    for (const button of bar.querySelectorAll("button[name]")) {
      button.addEventListener("click", () => {
        /* What is read stays where it is, whichever heights change above it. */
        const read = [...document.querySelectorAll("article section > *")].find(
          (element) => element.getBoundingClientRect().top >= bar.getBoundingClientRect().bottom,
        );
        const before = read?.getBoundingClientRect().top;
        if (button.name !== "all") choose(button.name);
        /* Where columns do not fit, a framework says nothing about them. */
        if (wide.matches) show(button.name === "all" ? "columns" : "tabs");
        if (read) window.scrollBy(0, read.getBoundingClientRect().top - before);
      });
    }
    /* What the drawer holds, which columns have no room for. */
    const contents = bar.querySelector("[popover]");
    contents.append(...(document.querySelector(".toc-drawer .toc-tree")?.cloneNode(true).childNodes ?? []));
    contents.addEventListener("click", (event) => {
      if (event.target.closest("a")) contents.hidePopover();
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key === "c" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        if (wide.matches) show(columns() ? "tabs" : "columns");
      }
    });
    wide.addEventListener("change", markChosen);
    markChosen();
  }

  /* Differences of one pair only: rows whose two answers are the same go, and the third column. A row
     about a server belongs to the row above it, and a dash in it stands for the answer there. */
  function readyFilter(filter) {
    const table = filter.parentElement.querySelector("table.differences");
    const words = (cell) => {
      const copy = cell.cloneNode(true);
      copy.querySelector(".odd-mark")?.remove();
      return copy.textContent.trim();
    };
    filter.hidden = false;
    filter.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const pair = button.value.split(" ").filter(Boolean).map(Number);
      for (const each of filter.querySelectorAll("button")) {
        each.setAttribute("aria-pressed", each === button);
      }
      const groups = [];
      for (const row of table.tBodies[0].rows) {
        if (row.querySelector(".variant")) groups.at(-1).push(row);
        else groups.push([row]);
      }
      for (const group of groups) {
        const usual = pair.map((at) => words(group[0].cells[at]));
        const differs = group.some((row) => {
          const [one, other] = pair.map((at, index) => {
            const said = words(row.cells[at]);
            return said === "\u2013" ? usual[index] : said;
          });
          return one !== other;
        });
        for (const row of group) row.hidden = pair.length > 0 && !differs;
      }
      for (const row of table.rows) {
        [1, 2, 3].forEach((at) => { row.cells[at].hidden = pair.length > 0 && !pair.includes(at); });
      }
    });
  }

  /* furo opens its drawers with labels, which no key reaches: they become buttons. */
  function readyDrawer(label) {
    const box = document.getElementById(label.htmlFor);
    const drawer = document.querySelector(box.id === "__toc" ? ".toc-drawer" : ".sidebar-drawer");
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.setAttribute("aria-label", drawer.getAttribute("aria-label"));
    button.setAttribute("aria-expanded", "false");
    button.append(...label.childNodes);
    button.addEventListener("click", () => box.click());
    box.addEventListener("change", () => {
      button.setAttribute("aria-expanded", box.checked);
      const first = [...drawer.querySelectorAll("a")].find((link) => link.checkVisibility());
      (box.checked ? first : button)?.focus();
    });
    drawer.addEventListener("click", (event) => {
      if (box.checked && event.target.closest("a")) box.click();
    });
    document.addEventListener("keydown", (event) => {
      if (box.checked && event.key === "Escape") box.click();
    });
    label.replaceWith(button);
  }

  /* What scrolls sideways must be reachable by keyboard; what does not, need not be. */
  function markScrollers() {
    for (const element of document.querySelectorAll("article pre, .table-wrapper")) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  }

  document.addEventListener("keydown", onKey);
  for (const tab of document.querySelectorAll('.sphinx-tabs [role="tab"]')) {
    tab.addEventListener("click", () => pick(tab));
  }
  document.addEventListener("beforematch", (event) => reveal(event.target));
  window.addEventListener("hashchange", revealTarget);
  if (bar) readyBar();
  /* What a mark says to those who do not see it, on hover to those who do: once in the page. */
  for (const mark of document.querySelectorAll(".shown")) {
    mark.title = mark.querySelector(".visually-hidden").textContent.trim();
  }
  document.querySelectorAll(".pair-filter").forEach(readyFilter);
  document.querySelectorAll("label.nav-overlay-icon, label.toc-overlay-icon").forEach(readyDrawer);
  boxes.forEach((box) => open(box, html.dataset.framework ?? "flask"));
  html.classList.add("tabs-ready");
  revealTarget();
  setTimeout(revealFound, 50);
  markScrollers();
  window.addEventListener("resize", markScrollers);
})();
