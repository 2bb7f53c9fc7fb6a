/** An instructor's home: views, filters that are kept, keys, several requests at once, who takes care of what, absence. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const COLLEAGUE = "api-entreprise@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const PHONE = { width: 375, height: 800 };

let server, browser, applicant;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  applicant = await visitor(APPLICANT);
  const administrator = await visitor(ADMINISTRATOR);
  const data = { email: COLLEAGUE, role: "api_particulier:instructor", granted: true, reason: "Renfort" };
  assert.equal((await administrator.request.post("/api/users/roles", { data })).status(), 200);
  for (let number = 1; number <= 3; number++) await submitted(`Séjour ${number}`);
});

async function visitor(email, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  return page;
}

/** A request like the sample « Accueil de loisirs », submitted; its number. */
async function submitted(intitule) {
  const sample = await (await applicant.request.get("/api/enrollments/9")).json();
  const names = ["siret", "description", "scopes", "data_recipients", "data_retention_period", "fondement_juridique_title",
    "fondement_juridique_url", "team_members", "technical_team_type", "cgu_approved", "dpo_is_informed"];
  const data = { target_api: "api_particulier", intitule, ...Object.fromEntries(names.map((name) => [name, sample[name]])) };
  const made = await (await applicant.request.post("/api/enrollments", { data })).json();
  const step = await applicant.request.patch(`/api/enrollments/${made.id}/change_state`, { data: { event: "submit" } });
  assert.equal(step.status(), 200, await step.text());
  return made.id;
}

const rows = (page) => page.locator("tr.dp-row");
const row = (page, title) => rows(page).filter({ hasText: title });
const view = (page, name) => page.getByRole("group", { name: "Vues" }).getByRole("button", { name });
const titles = (page) => page.locator(".dp-row-link").allTextContents();
const panel = (page) => page.getByRole("region", { name: "Suivi" });
const bar = (page) => page.locator("#selection");

async function list(page, address = "/instruction?status=submitted") {
  await page.goto(address);
  await rows(page).first().waitFor();
}

test("the queue shows what waits longest first, and every column sorts", async () => {
  const page = await visitor(INSTRUCTOR);
  await page.goto("/instruction");
  await row(page, "Accueil de loisirs").getByText(/Attend depuis [34] jours/).waitFor();
  assert.equal((await titles(page))[0], "Accueil de loisirs");
  assert.equal(await page.getByRole("columnheader", { name: "Attente" }).getAttribute("aria-sort"), "ascending");
  await view(page, "À instruire (5)").waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await shot(page, "queue");
  for (const name of ["Statut", "Numéro", "Organisation", "Projet", "Soumission", "Attente", "Mise à jour"]) {
    const header = page.getByRole("columnheader", { name, exact: true });
    await header.getByRole("button").click();
    await page.waitForFunction((name) => [...document.querySelectorAll("th[aria-sort]")].some((th) => th.textContent.trim() === name), name);
    assert.equal(await page.locator("th[aria-sort]").count(), 1);
  }
  await page.getByRole("columnheader", { name: "Projet" }).getByRole("button").click();
  await page.waitForFunction(() => document.querySelector(".dp-row-link")?.textContent === "Accueil de loisirs");
  assert.deepEqual(await titles(page), ["Accueil de loisirs", "Carte de transport scolaire", "Séjour 1", "Séjour 2", "Séjour 3"]);

  await page.getByRole("searchbox").fill("D9");
  await page.waitForFunction(() => document.querySelectorAll("tr.dp-row").length === 1);
  assert.deepEqual(await titles(page), ["Accueil de loisirs"]);
  assert.deepEqual(page.problems, []);
});

test("a request is taken, handed over, taken over and given back", async () => {
  const [page, colleague] = [await visitor(INSTRUCTOR), await visitor(COLLEAGUE)];
  await page.goto("/demandes/9");
  await panel(page).getByText("Cette demande n’est pas encore attribuée.").waitFor();
  await panel(page).getByRole("button", { name: "Je m’en occupe" }).click();
  await panel(page).getByText("Vous suivez cette demande.").waitFor();
  await page.waitForFunction(() => document.activeElement.id === "suivi-titre");
  await list(page);
  await row(page, "Accueil de loisirs").getByText("Dominique Exemple").waitFor();
  await view(page, "À traiter par moi (1)").click();
  await page.waitForFunction(() => document.querySelectorAll("tr.dp-row").length === 1);

  // Somebody who came too late is told who has it.
  await colleague.goto("/demandes/9");
  await panel(colleague).getByText("Dominique Exemple suit cette demande.").waitFor();
  await colleague.getByText("Dominique Exemple suit cette demande : vous décidez à sa place.").waitFor();
  await page.goto("/demandes/9");
  await panel(page).getByRole("button", { name: "Confier à…" }).click();
  const dialog = page.getByRole("dialog", { name: "Confier à un autre instructeur" });
  await dialog.getByRole("button", { name: "Confier", exact: true }).click();
  await dialog.getByText("Choisissez une personne.").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-hand-over");
  await dialog.locator("select").selectOption({ label: "Alix Exemple" });
  await dialog.getByRole("button", { name: "Confier", exact: true }).click();
  await panel(page).getByText("Alix Exemple suit cette demande.").waitFor();
  await shot(page, "queue-request");
  await panel(colleague).getByRole("button", { name: "Je m’en occupe" }).click();
  await panel(colleague).getByText("Entre-temps, cette demande est revenue à Alix Exemple.").waitFor();
  await panel(colleague).getByText("Vous suivez cette demande.").waitFor();
  await panel(colleague).getByRole("button", { name: "Rendre" }).click();
  await panel(colleague).getByText("Cette demande n’est pas encore attribuée.").waitFor();
  assert.deepEqual(await axe(colleague), []);

  await applicant.goto("/demandes/9");
  await applicant.getByRole("heading", { name: "Historique" }).waitFor();
  assert.equal(await panel(applicant).count(), 0);
  assert.equal(await applicant.getByText("Alix").count(), 0);
});

test("keys lead through the list, and can be turned off", async () => {
  const page = await visitor(INSTRUCTOR);
  await list(page);
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
  const order = await titles(page);
  await page.keyboard.press("j");
  assert.equal(await focused(), order[0]);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.equal(await focused(), order[1]);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
  const described = await page.evaluate(() =>
    document.activeElement.getAttribute("aria-describedby").split(" ").map((id) => document.getElementById(id).textContent).join(" "));
  assert.match(described, /En cours.*Commune de Clamart.*Attend depuis/);
  await page.keyboard.press("x");
  await bar(page).getByText("1 demande sélectionnée").waitFor();
  await page.keyboard.press("x");
  await bar(page).getByText("1 demande sélectionnée").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement.id === "recherche");
  await page.keyboard.type("jx?k");
  assert.equal(await page.getByRole("searchbox").inputValue(), "jx?k", "nothing happens while one types");
  assert.equal(await page.locator("dialog[open]").count(), 0);

  await list(page);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Raccourcis clavier" });
  await dialog.getByText("Aller à la demande suivante").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-keys");
  await dialog.getByText("Utiliser ces raccourcis").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await list(page);
  await page.keyboard.press("j");
  assert.equal(await page.locator(".dp-row-link:focus").count(), 0);
  await page.getByRole("button", { name: "Raccourcis clavier" }).click();
  await dialog.getByText("Utiliser ces raccourcis").click();
  await page.keyboard.press("Escape");
  await page.locator("body").click({ position: { x: 1, y: 1 } });
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/demandes\/\d+$/);
});

test("several requests are taken and put away at once, and each says what became of it", async () => {
  const [page, colleague] = [await visitor(INSTRUCTOR), await visitor(COLLEAGUE)];
  const [first, second, lost] = [await submitted("Lot A"), await submitted("Lot B"), await submitted("Lot C")];
  await list(page, "/instruction?status=submitted&search=Lot");
  const all = page.getByRole("checkbox", { name: "Tout sélectionner sur cette page" }).and(page.locator("#tout"));
  await page.locator("label[for=tout]").click();
  await bar(page).getByText("3 demandes sélectionnées").waitFor();
  assert.ok(await all.isChecked());
  await page.locator(`label[for=choisir-${second}]`).click();
  assert.ok(!(await all.isChecked()));
  await page.locator(`label[for=choisir-${second}]`).click();
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await shot(page, "queue-selection");
  const me = (await (await colleague.request.get("/api/session")).json()).user.id;
  const taken = await colleague.request.put(`/api/enrollments/${lost}/assignment`, { data: { user_id: me } });
  assert.equal(taken.status(), 200);
  await bar(page).getByRole("button", { name: "Je m’en occupe" }).click();
  await bar(page).getByText("2 demandes attribuées").waitFor();
  await bar(page).getByText(`Demande n° ${lost} : Entre-temps, cette demande est revenue à Alix Exemple.`).waitFor();
  await row(page, "Lot A").getByText("Dominique Exemple").waitFor();
  await row(page, "Lot C").getByText("Alix Exemple").waitFor();
  await shot(page, "queue-outcome");

  await page.locator(`label[for=choisir-${first}]`).click();
  await page.locator(`label[for=choisir-${second}]`).click();
  await bar(page).getByRole("button", { name: "Archiver…" }).click();
  const dialog = page.getByRole("dialog", { name: /Archiver les demandes sélectionnées/ });
  await dialog.getByText("2 demandes sélectionnées.").waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("textbox").fill("Déposées en double.");
  await dialog.getByRole("button", { name: "Archiver", exact: true }).click();
  await bar(page).getByText("2 demandes archivées").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("tr.dp-row").length === 1);
  assert.deepEqual(await titles(page), ["Lot C"]);
  assert.deepEqual(page.problems, []);
});

test("a view is kept under a name, opens first, is renamed and forgotten", async () => {
  const page = await visitor(INSTRUCTOR);
  await list(page, "/instruction?search=S%C3%A9jour&status=submitted&assigned_to=nobody");
  await page.getByRole("button", { name: "Mes filtres enregistrés" }).click();
  const filters = page.locator("#filtres-enregistres");
  await filters.getByText("Vous n’avez encore enregistré aucun filtre.").waitFor();
  await filters.getByRole("button", { name: "Enregistrer ce filtre" }).click();
  await filters.getByText("Donnez un nom à ce filtre.").waitFor();
  await filters.getByRole("textbox").fill("Séjours à prendre");
  await filters.getByRole("textbox").press("Enter");
  await filters.getByText("Le filtre « Séjours à prendre » est enregistré.").waitFor();
  await filters.getByRole("button", { name: "Afficher d’abord" }).click();
  await filters.getByText("S’affiche d’abord").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-filters");

  await page.goto("/instruction");
  await page.waitForURL(/search=S%C3%A9jour/);
  await page.waitForFunction(() => document.querySelectorAll("tr.dp-row").length === 3);
  const tag = page.getByRole("navigation", { name: "Mes filtres" }).getByRole("link", { name: "Séjours à prendre" });
  assert.equal(await tag.getAttribute("aria-current"), "page");
  await view(page, /À instruire/).click();
  await page.waitForFunction(() => !location.search.includes("assigned_to"));
  await tag.click();
  await page.waitForURL(/assigned_to=nobody/);

  await page.getByRole("button", { name: "Mes filtres enregistrés" }).click();
  await filters.getByRole("button", { name: "Renommer" }).click();
  const dialog = page.getByRole("dialog", { name: "Renommer le filtre" });
  await dialog.getByRole("textbox").fill("Séjours <b>");
  await dialog.getByRole("button", { name: "Renommer" }).click();
  await filters.getByRole("link", { name: "Séjours <b>" }).waitFor();
  await filters.getByRole("button", { name: "Supprimer" }).click();
  await page.getByRole("dialog", { name: /Supprimer le filtre « Séjours <b> »/ }).getByRole("button", { name: "Supprimer" }).click();
  await filters.getByText("Vous n’avez encore enregistré aucun filtre.").waitFor();
  assert.deepEqual(page.problems, []);
});

test("an absence gives everything back and ends when one says so", async () => {
  const page = await visitor(COLLEAGUE);
  const held = await submitted("Pendant le congé");
  await page.goto(`/demandes/${held}`);
  await panel(page).getByRole("button", { name: "Je m’en occupe" }).click();
  await panel(page).getByText("Vous suivez cette demande.").waitFor();
  await list(page);
  await page.getByRole("button", { name: "Partir en congé" }).click();
  await page.getByRole("button", { name: "Je serai en congé" }).click();
  await page.getByText("Choisissez le dernier jour de votre congé.").waitFor();
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("Dernier jour de congé").fill(day);
  await page.getByRole("button", { name: "Je serai en congé" }).click();
  await page.getByText(/Vous êtes en congé jusqu’au/).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-absence");
  await row(page, "Pendant le congé").getByText("Non attribuée").waitFor();
  const other = await visitor(INSTRUCTOR);
  await other.goto(`/demandes/${held}`);
  await panel(other).getByRole("button", { name: "Confier à…" }).click();
  await other.getByRole("dialog").getByText("Aucun autre instructeur de cette API n’est disponible.").waitFor();
  await other.getByRole("dialog").getByText(/En congé.: Alix Exemple \(jusqu’au/).waitFor();
  await page.getByRole("button", { name: "Mettre fin à mon congé" }).click();
  await page.getByText(/Vous êtes en congé jusqu’au/).waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.id === "haut");
});

test("a decision leads to the next request of the same list, and applicants learn how long it takes", async () => {
  const page = await visitor(INSTRUCTOR);
  await applicant.goto("/api_particulier");
  await applicant.getByText(/c’est trop peu pour indiquer un délai/).waitFor();
  await list(page, "/instruction?search=S%C3%A9jour&status=submitted");
  await page.getByRole("link", { name: "Séjour 1" }).click();
  for (const next of ["Séjour 2", "Séjour 3", null]) {
    await page.getByRole("button", { name: "Valider", exact: true }).click();
    await page.getByLabel("Message au demandeur").fill("C’est conforme.");
    await page.getByRole("button", { name: "Valider la demande" }).click();
    await page.locator("#fait").getByText("La demande est validée").waitFor();
    if (!next) break;
    await page.getByRole("link", { name: `Demande suivante à instruire : ${next}` }).click();
    await page.getByRole("heading", { level: 1, name: next }).waitFor();
  }
  await page.getByText("Plus rien à traiter dans cette liste.").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-done");

  await applicant.goto("/api_particulier");
  await applicant.getByText(/La moitié des demandes reçoivent une réponse en .*, huit sur dix en .*\./).waitFor();
  await applicant.getByText("Comment ce délai est calculé").click();
  await applicant.getByText(/Le temps que le demandeur met à modifier sa demande ne compte pas/).waitFor();
  assert.deepEqual(await axe(applicant), []);
  await shot(applicant, "queue-start");
});

test("on a phone nothing overflows and everything is in reach", async () => {
  const page = await visitor(INSTRUCTOR, PHONE);
  await list(page);
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await page.locator("label[for=tout-telephone]").click();
  await bar(page).getByText(/demandes? sélectionnée/).waitFor();
  assert.equal(await overflow(page), 0);
  await shot(page, "queue-phone");
  await page.goto("/demandes/9");
  await panel(page).getByRole("button", { name: "Confier à…" }).click();
  await page.getByRole("dialog").locator("select").waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await shot(page, "queue-phone-request");
  await page.goto("/api_particulier");
  await page.getByRole("heading", { name: "Combien de temps cela prend" }).waitFor();
  assert.equal(await overflow(page), 0);
});

test("a search offers the results outside the view, with a typing error", async () => {
  const page = await visitor(INSTRUCTOR);
  await page.goto("/instruction");
  await page.getByLabel(/^Rechercher une demande/).fill("piscne");
  await page.keyboard.press("Enter");
  const all = page.getByRole("link", { name: "1 résultat dans toutes les demandes" });
  await all.waitFor();
  assert.equal(await page.getByRole("link", { name: "Tarifs de la piscine" }).count(), 0, "it was revoked long ago");
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-elsewhere");
  await all.click();
  await page.getByRole("link", { name: "Tarifs de la piscine" }).waitFor();
  assert.equal(await all.count(), 0);
  assert.deepEqual(page.problems, []);
});

test("the list says what is wrong when the network is lost", async () => {
  const page = await visitor(INSTRUCTOR);
  await list(page);
  await page.route("**/api/enrollments/counts", (route) => route.abort());
  await page.route("**/api/enrollments?**", (route) => route.abort());
  await view(page, /Toutes/).click();
  await page.getByText("Les informations n’ont pas pu être chargées").waitFor();
  await page.unroute("**/api/enrollments?**");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await rows(page).first().waitFor();
});

test("the list is exported, with its progress, in both formats", async () => {
  const page = await visitor(INSTRUCTOR);
  await page.goto("/instruction");
  await page.getByRole("table").waitFor();
  for (const [button, ending] of [
    ["Exporter la liste en CSV", ".csv"],
    ["Exporter la liste pour un tableur (XLSX)", ".xlsx"],
  ]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: button }).click(),
    ]);
    assert.ok(download.suggestedFilename().endsWith(ending), download.suggestedFilename());
    await page.getByText(/Le fichier est téléchargé\s: \d+ demandes?\./).waitFor();
    const bytes = await readFile(await download.path());
    if (ending === ".csv") {
      const rows = bytes.toString("utf8").trimEnd().split("\r\n").length - 1;
      await page.getByText(new RegExp(`téléchargé\\s: ${rows} demandes`)).waitFor();
    } else {
      assert.equal(bytes.subarray(0, 2).toString(), "PK");
    }
  }
  await page.route("**/api/enrollments/export.*", (route) => route.abort());
  await page.getByRole("button", { name: "Exporter la liste en CSV" }).click();
  await page.getByText("La liste n’a pas pu être exportée").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "queue-export");
});
