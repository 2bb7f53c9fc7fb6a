/** Roles: given and taken by administrators and managers, asked for by others, limited to démarches. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

test("a role is given with a reason, seen, and taken back", async () => {
  const page = await browser.newPage();
  await signIn(page, "datapass@yopmail.com");
  await page.goto("/personnes");
  await page.getByRole("listitem").filter({ hasText: "api-particulier@yopmail.com" }).first().waitFor();
  const give = page.getByRole("button", { name: "Donner ce rôle" });
  await give.click();
  // All that is missing is told at once, each at its input; the first takes the focus.
  await page.locator("#role-email-error").filter({ hasText: "Indiquez l’adresse" }).waitFor();
  await page.getByText("Choisissez un rôle").waitFor();
  await page.locator("#role-raison-error").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "role-email");
  await page.getByRole("textbox", { name: "Adresse électronique" }).fill("nouvelle");
  await page.getByRole("radio", { name: "Administrateur" }).check({ force: true });
  await page.getByRole("textbox", { name: "Raison" }).fill("x");
  await give.click();
  await page.locator("#role-email-error").filter({ hasText: "adresse électronique complète" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "role-email");
  assert.equal(await page.locator("#role-email").getAttribute("aria-describedby"), "role-email-messages");
  await fits(page, "people-errors");
  await page.getByRole("textbox", { name: "Raison" }).fill("");

  await page.getByRole("textbox", { name: "Adresse électronique" }).fill("nouvelle@exemple.fr");
  await page.getByRole("radio", { name: "Instructeur" }).check({ force: true });
  await page.locator("#role-api").selectOption("franceconnect");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText("Dites pourquoi").waitFor(); // what was typed is still there
  await page.getByRole("textbox", { name: "Raison" }).fill("Arrivée dans le service.");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText("Rôle donné : Instructeur, FranceConnect à nouvelle@exemple.fr.").waitFor();
  const form = page.getByRole("form", { name: "Donner un rôle" });
  await form.getByRole("status").getByText("Rôle donné").waitFor(); // beside the button that was pressed
  const card = page.getByRole("listitem").filter({ hasText: "nouvelle@exemple.fr" }).first();
  await card.getByText("ne s’est pas encore connecté").waitFor();
  await shot(page, "people");

  await card.getByRole("button", { name: /Retirer Instructeur, FranceConnect/ }).click();
  const dialog = page.getByRole("dialog", { name: "Retirer ce rôle" });
  await dialog.getByRole("button", { name: "Retirer le rôle" }).click();
  await dialog.locator("#retrait-raison-error").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "retrait-raison");
  await dialog.getByLabel("Raison").fill("Erreur de saisie.");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Retirer le rôle" }).click();
  await page.getByText("Rôle retiré : Instructeur, FranceConnect à nouvelle@exemple.fr.").waitFor();
  await card.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement?.textContent.startsWith("Rôle retiré"));
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  assert.deepEqual(page.problems.filter((problem) => !/status of 400/.test(problem)), []);
});

test("a role is given for every API of a provider at once, and taken so", async () => {
  const page = await browser.newPage();
  await signIn(page, "datapass@yopmail.com");
  await page.goto("/personnes");
  await page.getByRole("textbox", { name: "Adresse électronique" }).fill("renfort@exemple.fr");
  await page.getByRole("radio", { name: "Rapporteur" }).check({ force: true });
  const whole = "Direction interministérielle du numérique";
  await page.locator("#role-api").selectOption({ label: `${whole}\u00a0: toutes ses API` });
  await page.getByRole("textbox", { name: "Raison" }).fill("Toute la direction.");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText(`Rôle donné : Rapporteur, toutes les API (${whole}) à renfort@exemple.fr.`).waitFor();
  const card = page.getByRole("listitem").filter({ hasText: "renfort@exemple.fr" }).first();
  const line = card.locator("summary", { hasText: `Rapporteur, toutes les API (${whole})` });
  await line.click();
  await card.getByText("Rapporteur, FranceConnect", { exact: true }).waitFor();
  await fits(page, "people-provider");
  // One of them, then the others.
  await card.getByRole("button", { name: "Retirer Rapporteur, FranceConnect à" }).click();
  const dialog = page.getByRole("dialog", { name: "Retirer ce rôle" });
  await dialog.getByLabel("Raison").fill("Pas celle-là.");
  await dialog.getByRole("button", { name: "Retirer le rôle" }).click();
  await card.getByText("Rôle retiré : Rapporteur, FranceConnect à renfort@exemple.fr.").waitFor();
  const policies = await (await page.request.get("/api/policies")).json();
  const others = policies.filter(({ provider }) => provider.label === whole).length - 1;
  await card.locator("details[open] > summary", { hasText: `Rapporteur, ${others} rôles (${whole})` }).waitFor(); // still unfolded
  await card.getByRole("button", { name: /^Tout retirer/ }).click();
  const all = page.getByRole("dialog", { name: "Retirer ces rôles" });
  await all.getByLabel("Raison").fill("Fin du renfort.");
  await all.getByRole("button", { name: "Retirer les rôles" }).click();
  await page.getByText(`Rôles retirés : Rapporteur, toutes les API (${whole}) à renfort@exemple.fr.`).waitFor();
  await card.waitFor({ state: "detached" });
  // One act, one line.
  await page.goto("/journal");
  const entry = page.getByRole("listitem").filter({ hasText: "Fin du renfort." });
  await entry.getByText(/les rôles .*Rapporteur, API Entreprise.*Rapporteur, HubEE.* à renfort@exemple.fr/).waitFor();
  assert.equal(await entry.count(), 1);
  assert.deepEqual(page.problems, []);
});

test("the page is not for others", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/");
  await settled(page);
  assert.equal(await page.getByRole("link", { name: "Personnes et rôles" }).count(), 0);
  await page.goto("/personnes");
  await page.getByText("réservée aux administrateurs et aux gestionnaires").waitFor();
  assert.deepEqual(await axe(page), []);
});

const account = (page) => page.getByRole("region", { name: "Mes rôles" });
const requests = (page) => page.getByRole("region", { name: /^Demandes de rôle/ });

/** Fills in the form of one’s account and sends it. */
async function ask(page, kind, place) {
  await page.goto("/mon-compte");
  await account(page).getByRole("button", { name: "Demander un rôle" }).click();
  await account(page).getByRole("radio", { name: kind }).check({ force: true });
  await account(page).getByRole("searchbox", { name: "Rechercher une API" }).fill(place);
  await account(page).getByRole("radio", { name: place, exact: true }).check({ force: true });
  await account(page).getByLabel("Raison").fill("J’arrive dans l’équipe.");
  await account(page).getByLabel(/responsable/).fill("chef@exemple.fr");
}

test("a role is asked for, refused with a reason, asked for again, and given", async () => {
  const asker = await browser.newPage();
  await signIn(asker, "user@yopmail.com");
  await asker.goto("/mon-compte");
  await account(asker).getByText("Vous n’avez aucun rôle").waitFor();
  await account(asker).getByRole("button", { name: "Demander un rôle" }).click();
  await account(asker).getByRole("button", { name: "Envoyer la demande" }).click();
  await account(asker).getByText("Choisissez un rôle.").waitFor();
  await asker.waitForFunction(() => document.activeElement?.name === "demande-role-type");
  await ask(asker, "Instructeur", "API Particulier");
  await account(asker).getByRole("radio", { name: "Seulement certaines" }).check({ force: true });
  await account(asker).getByRole("button", { name: "Envoyer la demande" }).click();
  await account(asker).getByText("Cochez au moins une démarche.").waitFor();
  await account(asker).getByRole("checkbox", { name: /^Les autres demandes/ }).check({ force: true });
  await account(asker).getByLabel(/responsable/).fill("chef");
  await account(asker).getByRole("button", { name: "Envoyer la demande" }).click();
  await account(asker).locator("#demande-role-responsable-error").waitFor();
  await fits(asker, "role-ask");
  await account(asker).getByLabel(/responsable/).fill("chef@exemple.fr");
  await account(asker).getByRole("button", { name: "Envoyer la demande" }).click();
  const label = "Instructeur, API Particulier, seulement les autres demandes";
  await account(asker).getByText(`Rôle demandé : ${label}.`).waitFor();
  await account(asker).getByText("En attente").waitFor();

  const administrator = await browser.newPage();
  await signIn(administrator, "datapass@yopmail.com");
  await administrator.goto("/instruction");
  await administrator.getByText("1 demande de rôle attend votre réponse").waitFor();
  await administrator.getByRole("link", { name: "Voir les demandes de rôle" }).click();
  await administrator.getByRole("heading", { name: "Demandes de rôle (1)" }).waitFor();
  await requests(administrator).getByText("chef@exemple.fr").waitFor();
  await requests(administrator).getByText(label).waitFor();
  await fits(administrator, "role-requests");
  await requests(administrator).getByRole("button", { name: /^Refuser/ }).click();
  const refusal = administrator.getByRole("dialog", { name: "Refuser ce rôle" });
  await refusal.getByRole("button", { name: "Confirmer" }).click();
  await refusal.locator("#reponse-role-raison-error").waitFor();
  assert.deepEqual(await axe(administrator), []);
  await refusal.getByLabel("Raison du refus").fill("Demandez à gérer l’API.");
  await refusal.getByRole("button", { name: "Confirmer" }).click();
  await requests(administrator).getByText(`Rôle refusé : ${label} à Camille Exemple.`).waitFor();
  await requests(administrator).getByText("Aucune demande n’attend de réponse.").waitFor();

  await ask(asker, "Gestionnaire", "API Particulier");
  await account(asker).getByText("Refusé").waitFor();
  await account(asker).getByText("Demandez à gérer l’API.").waitFor();
  await account(asker).getByRole("button", { name: "Envoyer la demande" }).click();
  await account(asker).getByText("Rôle demandé : Gestionnaire, API Particulier.").waitFor();
  await fits(asker, "role-asked");
  await administrator.reload();
  await requests(administrator).getByRole("button", { name: /^Donner le rôle/ }).click();
  await administrator.getByRole("dialog", { name: "Donner ce rôle" }).getByRole("button", { name: "Confirmer" }).click();
  await requests(administrator).getByText("Rôle donné : Gestionnaire, API Particulier à Camille Exemple.").waitFor();
  await asker.reload();
  await account(asker).getByText("Donné", { exact: true }).waitFor();
});

test("a manager gives the roles of their API, limited to démarches, and none of their own", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/"); // what they do first
  await page.getByRole("heading", { level: 1, name: "Personnes et rôles" }).waitFor();
  const own = page.getByRole("listitem").filter({ hasText: "user@yopmail.com" }).first();
  await own.getByText("Gestionnaire, API Particulier").waitFor();
  assert.equal(await own.getByRole("button").count(), 0);
  assert.equal(await page.getByRole("radio", { name: "Gestionnaire" }).count(), 0);
  await page.getByRole("textbox", { name: "Adresse électronique" }).fill("api-entreprise@yopmail.com");
  await page.getByRole("radio", { name: "Instructeur" }).check({ force: true });
  await page.locator("#role-api").selectOption({ label: "API Particulier" });
  assert.equal(await page.locator("#role-api option").count(), 2, "theirs alone");
  await page.getByRole("radio", { name: "Toutes sauf certaines" }).check({ force: true });
  await page.getByRole("group", { name: "Sauf lesquelles" }).getByRole("checkbox").first().check({ force: true });
  await page.getByRole("textbox", { name: "Raison" }).fill("Renfort.");
  await fits(page, "manager");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText(/Rôle donné\s: Instructeur, API Particulier, tout sauf «\s[A-Z].+\s» à api-entreprise@yopmail.com/).waitFor();
  const card = page.getByRole("listitem").filter({ hasText: "api-entreprise@yopmail.com" }).first();
  await card.getByText(/Instructeur, API Particulier, tout sauf «\s[A-Z]/).first().waitFor();
  assert.equal(await card.getByText("API Entreprise").count(), 0, "the others are not theirs to see");
  await card.getByRole("button", { name: /^Retirer Instructeur/ }).click();
  const dialog = page.getByRole("dialog", { name: "Retirer ce rôle" });
  await dialog.getByLabel("Raison").fill("Fin du renfort.");
  await dialog.getByRole("button", { name: "Retirer le rôle" }).click();
  await page.getByText(/Rôle retiré\s: Instructeur, API Particulier, tout sauf/).waitFor();
  assert.deepEqual(page.problems, []);
});

test("the queue shows the requests of some démarches", async () => {
  const page = await browser.newPage();
  await signIn(page, "api-particulier@yopmail.com");
  await page.goto("/instruction?status=toutes");
  await settled(page);
  await page.getByRole("button", { name: /^Filtrer par/ }).click();
  const group = page.getByRole("group", { name: "Démarche" });
  await group.getByRole("button", { name: "Autres demandes" }).click();
  await page.waitForURL(/demarche=other/);
  await settled(page);
  const { items } = await (await page.request.get("/api/enrollments?target_api=api_particulier&demarche=other")).json();
  await page.getByText(items.length === 1 ? "1 demande" : `${items.length} demandes`, { exact: true }).waitFor();
  await fits(page, "demarche-filter");
  assert.deepEqual(page.problems, []);
});
