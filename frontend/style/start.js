// Loads the application. It mounts into #app and replaces the static page that is shown until then.
import init from "./frontend.js";
import { connect } from "./parts.js";

init({ module_or_path: new URL("./frontend.wasm", import.meta.url) }).then(connect, (error) => {
  console.error(error);
  const status = document.getElementById("loading");
  if (status) {
    status.textContent =
      "DataPass n’a pas pu démarrer. Rechargez la page ; si le problème persiste, mettez à jour votre navigateur.";
  }
});
