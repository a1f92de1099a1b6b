/* Before the first paint: which framework, tabs or columns. From ?framework=, else from the last visit. */
(() => {
  const html = document.documentElement;
  html.dataset.view = "tabs";
  const known = ["flask", "fastapi", "django"];
  const asked = new URLSearchParams(location.search).get("framework");
  try {
    if (known.includes(asked)) localStorage.setItem("framework", asked);
    const framework = localStorage.getItem("framework");
    if (known.includes(framework)) html.dataset.framework = framework;
    if (localStorage.getItem("view") === "columns") html.dataset.view = "columns";
  } catch {
    /* No storage: the page still works, it only forgets. */
    if (known.includes(asked)) html.dataset.framework = asked;
  }
})();
