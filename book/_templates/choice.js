/* Before the first paint: which framework, and one of them or all side by side. From ?framework=, else
   from the last visit, else all. Whether columns fit is for the stylesheet to say. A page without
   comparisons has no view, and keeps furo's layout. */
(() => {
  const html = document.documentElement;
  const compares = "compares" in document.currentScript.dataset;
  const known = ["flask", "fastapi", "django"];
  const asked = new URLSearchParams(location.search).get("framework");
  const saved = {};
  try {
    if (known.includes(asked)) localStorage.setItem("framework", asked);
    if (known.includes(asked) || asked === "all") {
      localStorage.setItem("view", asked === "all" ? "columns" : "tabs");
    }
    saved.framework = localStorage.getItem("framework");
    saved.view = localStorage.getItem("view");
  } catch {
    /* No storage: the page still works, it only forgets. */
    saved.framework = asked;
    if (known.includes(asked)) saved.view = "tabs";
  }
  if (known.includes(saved.framework)) html.dataset.framework = saved.framework;
  if (compares) html.dataset.view = saved.view === "tabs" ? "tabs" : "columns";
})();
