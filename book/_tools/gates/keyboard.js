// What the walk through a page by keyboard asks about the element that has the focus.
() => {
  const opacity = (element) => {
    let product = 1;
    for (let at = element; at; at = at.parentElement) {
      product *= Number(getComputedStyle(at).opacity);
    }
    return product;
  };
  // How the focus may show: on the element, or on a box around it (`:focus-within`).
  const names = ["outline", "boxShadow", "border", "background", "color", "textDecoration"];
  const drawn = (element) => {
    const style = getComputedStyle(element);
    return names.map((name) => style[name]);
  };
  const looks = (element) => {
    const { top, left, width, height } = element.getBoundingClientRect();
    const around = [element, element.parentElement, element.parentElement.parentElement];
    return JSON.stringify([around.map(drawn), opacity(element) > 0, top, left, width, height]);
  };
  const name = (element) => {
    const text = element.getAttribute("aria-label") || element.textContent.trim() || element.value;
    const kind = [element.localName, ...element.classList].join(".");
    return `${kind} ${JSON.stringify((text ?? "").trim().slice(0, 30))}`;
  };
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const middle = [box.left + box.width / 2, box.top + Math.min(box.height / 2, innerHeight / 2)];
  // The first line of a link that wraps, since the middle of its box may be empty.
  const line = element.getClientRects()[0] ?? box;
  const points = [middle, [line.left + line.width / 2, line.top + line.height / 2]];
  const onTop = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (element.contains(hit) || hit.contains(element) || hit.closest("label")?.control === element);
  });
  const focused = looks(element);
  const visible = box.width > 0 && box.height > 0 && opacity(element) > 0.1;
  element.blur();
  const blurred = looks(element);
  element.focus({ preventScroll: true, focusVisible: true });
  window.walkIds ??= new Map();
  if (!window.walkIds.has(element)) window.walkIds.set(element, window.walkIds.size);
  return {
    id: window.walkIds.get(element),
    name: name(element),
    tab: element.getAttribute("role") === "tab",
    list: [...document.querySelectorAll("[role=tablist]")].indexOf(element.closest("[role=tablist]")),
    visible,
    onTop,
    changes: focused !== blurred,
  };
};
