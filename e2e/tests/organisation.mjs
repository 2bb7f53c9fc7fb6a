/** What the Sirene register says of an organisation, in the form: its activity, that it is closed, that nobody answers. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const CLAMART = "21920023500014";
const DINUM = "13002526500013";

/** A register that speaks as « Recherche d’entreprises » does; what it says of each number can change. */
const said = new Map();
const register = createServer((request, response) => {
  const siret = new URL(request.url, "http://register").searchParams.get("q");
  const place = said.get(siret);
  if (place === "down") return response.writeHead(503).end("Service Unavailable");
  const siege = { siret, adresse: "1 RUE DE L’EXEMPLE 92140 CLAMART", statut_diffusion_etablissement: "O", ...place };
  const results = place ? [{ nom_complet: "ORGANISATION D’ESSAI", nature_juridique: "7210", siege }] : [];
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ results }));
});

const environment = () => ({
  SIRENE: "recherche-entreprises",
  SIRENE_URL: `http://127.0.0.1:${register.address().port}`,
});

let server, browser;
before(async () => {
  register.listen(0, "127.0.0.1");
  await once(register, "listening");
  said.set(CLAMART, { activite_principale: "62.01Z", etat_administratif: "A" });
  said.set(DINUM, "down");
  server = await startServer({ env: environment() });
  browser = await openBrowser(server.url);
});
after(() => register.close());

async function begin(page, siret) {
  const data = { target_api: "api_particulier", siret };
  const made = await page.request.post("/api/enrollments", { data });
  assert.equal(made.status(), 201, await made.text());
  const { id } = await made.json();
  await page.goto(`/demandes/${id}/modifier`);
  return id;
}

test("an unusual activity gets a remark, for who writes and for who decides", async () => {
  const page = await browser.newPage({ width: 375, height: 800 });
  await signIn(page, "user@yopmail.com");
  const id = await begin(page, CLAMART);
  await page.getByText("Programmation informatique (62.01Z)").waitFor();
  await page.getByText(/L’activité enregistrée de votre organisation/).waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await shot(page, "organisation-remark");

  const instructor = await browser.newPage();
  await signIn(instructor, "api-particulier@yopmail.com");
  await instructor.goto(`/demandes/${id}`);
  await instructor.getByText("Programmation informatique (62.01Z)").waitFor();
  await instructor.getByText(/L’activité enregistrée de votre organisation/).waitFor();
});

test("a register that is down stops nobody", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await begin(page, DINUM);
  await page.getByText(/Le répertoire Sirene ne répond pas/).waitFor();
  await page.getByLabel(/^Nom du projet/).fill("Écrit sans répertoire");
  await page.waitForFunction(
    async (id) => (await (await fetch(`/api/enrollments/${id}`)).json()).intitule === "Écrit sans répertoire", id,
  );
  assert.deepEqual(await axe(page), []);
  await shot(page, "organisation-down");
  said.set(DINUM, { activite_principale: "84.11Z", etat_administratif: "A" });
  await page.getByRole("button", { name: "Interroger de nouveau le répertoire" }).click();
  await page.getByText("Administration publique générale (84.11Z)").waitFor();
});

test("nothing is begun for an establishment that is closed", async () => {
  // Another server, which has asked nothing yet.
  said.set(DINUM, { activite_principale: "84.11Z", etat_administratif: "F", date_fermeture: "2024-12-31" });
  const other = await startServer({ env: environment() });
  const page = await (await openBrowser(other.url)).newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/nouvelle-demande/api_particulier");
  await page.getByRole("radio", { name: /Direction interministérielle du numérique/ }).check({ force: true });
  await page.getByText("Cet établissement est fermé depuis le 31/12/2024").waitFor();
  await page.getByRole("button", { name: "Commencer ma demande" }).click();
  await page.getByText("La demande n’a pas pu être créée").waitFor();
  await page.getByText(/D’après le répertoire Sirene, cet établissement est fermé/).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "organisation-closed");
});
