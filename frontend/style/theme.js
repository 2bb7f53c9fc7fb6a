// Light or dark, before the first paint. « data-fr-scheme » on <html> is the choice (light, dark, system): whoever
// writes it (the page's theme switch) has it remembered and applied; « data-fr-theme » is what the style sheet reads.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const known = (scheme) => (scheme === "light" || scheme === "dark" ? scheme : "system");
  const stored = () => {
    try {
      return localStorage.getItem("scheme");
    } catch {
      return null; // storage is off: the system's theme it is
    }
  };
  const apply = () => {
    const scheme = known(root.dataset.frScheme);
    root.dataset.frTheme = scheme === "system" ? (dark.matches ? "dark" : "light") : scheme;
  };
  root.dataset.frScheme = known(stored());
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", (event) => {
    if (event.key === "scheme") root.dataset.frScheme = known(event.newValue);
  });
  new MutationObserver(() => {
    apply();
    try {
      localStorage.setItem("scheme", known(root.dataset.frScheme));
    } catch {
      // not remembered, still applied
    }
  }).observe(root, { attributeFilter: ["data-fr-scheme"] });
  // The choice in the footer of the pages that the server draws, and their button that prints; the application has its own.
  addEventListener("DOMContentLoaded", () => {
    const print = document.getElementById("imprimer");
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
    const place = document.getElementById("affichage");
    if (!place) return;
    place.hidden = false;
    for (const choice of place.querySelectorAll("input")) {
      choice.checked = choice.value === root.dataset.frScheme;
      choice.addEventListener("change", () => (root.dataset.frScheme = choice.value));
    }
  });
})();
