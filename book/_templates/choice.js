/* Before the first paint: which framework, tabs or columns. From ?framework=, else from the last visit. */
(() => {
  const html = document.documentElement;
  const known = ["flask", "fastapi", "django"];
  const asked = new URLSearchParams(location.search).get("framework");
  try {
    if (known.includes(asked)) localStorage.setItem("framework", asked);
    const framework = localStorage.getItem("framework");
    if (known.includes(framework)) {
      html.dataset.framework = framework;
      sessionStorage.setItem("sphinx-tabs-last-selected", framework);
    }
    html.dataset.view = localStorage.getItem("view") === "columns" ? "columns" : "tabs";
  } catch {
    /* No storage: the page still works, it only forgets. */
    if (known.includes(asked)) html.dataset.framework = asked;
  }
})();
