// What a reader sees of each set of tabs on a page: its tabs, its panels, their labels.
() => {
  const seen = (element) => {
    if (!element) return false;
    const { width, height } = element.getBoundingClientRect();
    const options = { opacityProperty: true, visibilityProperty: true };
    return width > 0 && height > 0 && element.checkVisibility(options);
  };
  // A panel that waits to be found by a search has a box, but nothing in it shows.
  const open = (panel) => seen(panel) && [...panel.children].some(seen);
  const text = (element) => element?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const where = (element) => element.closest("section[id]")?.id ?? "";
  const own = (box, selector) =>
    [...box.querySelectorAll(selector)].filter(
      (element) => element.parentElement.closest(".compare, .sphinx-tabs") === box,
    );
  return [...document.querySelectorAll(".compare, .sphinx-tabs")].map((box) => ({
    where: where(box),
    compare: box.classList.contains("compare"),
    programs: Boolean(box.closest("details.programs")),
    tabs: own(box, "[role=tab]").map((tab) => ({
      label: text(tab),
      seen: seen(tab),
      selected: tab.getAttribute("aria-selected") === "true",
    })),
    panels: own(box, "[role=tabpanel], .panel").map((panel) => {
      const badge = panel.querySelector(".badge, .panel-label");
      return {
        label: text(badge),
        labelled: seen(badge),
        seen: open(panel),
        file: text(panel.querySelector(".listing-file")),
      };
    }),
  }));
};
