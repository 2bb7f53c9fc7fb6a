/** What an administrator does with people: acts for one, keeps one out, puts contact details right; and the log of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { program, startServer } from "../support/server.mjs";

const ADMINISTRATOR = "datapass@yopmail.com";
const APPLICANT = "user@yopmail.com";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

const card = (page, email) => page.getByRole("listitem").filter({ hasText: email }).first();

/** Looks for somebody who has no role. */
async function find(page, email) {
  await page.goto("/personnes");
  await page.getByRole("searchbox").fill(email);
  await page.getByRole("searchbox").press("Enter");
  await card(page, email).waitFor();
}

test("an administrator acts for somebody, which every page says, and comes back", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await find(page, APPLICANT);
  await fits(page, "people-account");
  await card(page, APPLICANT).getByRole("button", { name: /Se connecter comme/ }).click();
  const dialog = page.getByRole("dialog", { name: /Se connecter comme/ });
  await dialog.getByLabel("Raison").waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Confirmer" }).click();
  // The dialog stays open, and says what is wrong at its field, which takes the focus.
  await dialog.locator("#compte-raison-error").filter({ hasText: "Dites pourquoi" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "compte-raison");
  assert.equal(await dialog.getByLabel("Raison").getAttribute("aria-invalid"), "true");
  assert.deepEqual(await axe(page), []);
  await dialog.getByLabel("Raison").fill("Assistance par téléphone.");
  await dialog.getByRole("button", { name: "Confirmer" }).click();

  const banner = page.getByRole("region", { name: "Prise d’identité" });
  await banner.getByText(/Vous agissez au nom de Camille Exemple jusqu’à \d+:\d\d/).waitFor();
  await page.getByRole("heading", { level: 1, name: "Mes demandes" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Journal" }).count(), 0);
  await fits(page, "acting");
  await page.goto("/demandes/1");
  await banner.waitFor();
  await page.goto("/journal");
  await page.getByText("réservée aux administrateurs").waitFor();

  // By keyboard: the way back is the first thing after the header.
  const back = banner.getByRole("button", { name: "Revenir à mon compte" });
  await back.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Vous êtes de nouveau connecté avec votre propre compte.").waitFor();
  await banner.waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: "Personnes et rôles" }).waitFor();
  assert.deepEqual(page.problems.filter((problem) => !/status of 40[03]/.test(problem)), []);
});

test("contact details are put right, and the applicant reads why", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  const submitted = await (await page.request.get("/api/enrollments?status=submitted&limit=1")).json();
  const href = `/demandes/${submitted.items[0].id}`;
  await page.goto(href);
  const button = page.getByRole("button", { name: "Corriger les coordonnées" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Corriger les coordonnées" });
  await dialog.getByLabel("Personne").selectOption({ index: 1 });
  assert.deepEqual(await axe(page), []);
  await shot(page, "correction");
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "correction-375");
  await page.setViewportSize({ width: 1280, height: 900 });
  await dialog.getByLabel("Adresse électronique").fill("pas une adresse");
  await dialog.getByLabel("Raison").fill("Adresse refusée <b>par la messagerie</b>.");
  await dialog.getByRole("button", { name: "Enregistrer la correction" }).click();
  await dialog.getByText("La correction n’est pas enregistrée").waitFor();
  await dialog.locator("#correction-email-error").waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByLabel("Adresse électronique").fill("andrea@commune-exemple.fr");
  await dialog.getByRole("button", { name: "Enregistrer la correction" }).click();
  await page.getByText("Les coordonnées sont corrigées.").waitFor();
  await page.getByText("Adresse refusée <b>par la messagerie</b>.").waitFor();
  await page.getByText("a corrigé les coordonnées d’une personne désignée").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "corrected");

  const applicant = await browser.newPage();
  await signIn(applicant, APPLICANT);
  await applicant.goto(href);
  await applicant.getByText("a corrigé les coordonnées d’une personne désignée").waitFor();
  assert.equal(await applicant.getByRole("button", { name: "Corriger les coordonnées" }).count(), 0);
});

test("the log names people and things, leaves reads out, is narrowed down and exported", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await Promise.all(Array.from({ length: 25 }, () => page.request.get("/api/enrollments")));
  const given = { email: "nouvelle@exemple.fr", role: "franceconnect:reporter", granted: true, reason: "Renfort de l’été." };
  assert.equal((await page.request.post("/api/users/roles", { data: given })).status(), 200);
  await page.goto("/");
  await page.getByRole("link", { name: "Journal" }).click();
  await page.getByRole("heading", { level: 1, name: "Journal" }).waitFor();
  const line = page.getByRole("listitem").filter({ hasText: "nouvelle@exemple.fr" }).first();
  await line.getByText("Sacha Exemple a donné").waitFor();
  await line.getByRole("link", { name: /^le rôle «\s*Rapporteur, FranceConnect\s*» à nouvelle@exemple.fr$/ }).waitFor();
  await line.getByText("Raison : Renfort de l’été.").waitFor();
  const reads = page.getByRole("listitem").filter({ hasText: "a lu une liste de demandes" });
  assert.equal(await reads.count(), 0, "reads are folded away");
  await fits(page, "journal");

  await page.locator("#journal-personne").fill("camille");
  await page.getByRole("link", { name: "Les afficher" }).click();
  await reads.first().waitFor();
  assert.equal(await page.locator("#journal-personne").inputValue(), "camille", "what is not sent yet stays");
  await page.getByText(/entrées sur la page 1/).waitFor();
  assert.equal(await page.getByRole("checkbox", { name: "Afficher aussi les lectures" }).isChecked(), true);
  await page.getByRole("link", { name: /^Suivant/ }).click();
  await page.getByText(/sur la page 2/).waitFor();
  await page.goBack();
  await page.getByText(/sur la page 1/).waitFor();
  await page.goBack();
  await page.getByText("Les lectures ne sont pas affichées").waitFor();

  await page.locator("#journal-personne").fill("sacha");
  await page.locator("#journal-action").selectOption("enrollment.correct_contacts");
  await page.locator("#journal-personne").press("Enter");
  await page.getByText("1 entrée", { exact: true }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "Sacha Exemple a corrigé des coordonnées dans la demande n°" }).waitFor();
  await shot(page, "journal-filtered");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Exporter en CSV" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^journal-\d{4}-\d{2}-\d{2}\.csv$/);
  const text = readFileSync(await file.path(), "utf8");
  assert.equal(text.trim().split("\r\n").length, 2, text);
  assert.match(text, /Sacha Exemple;datapass@yopmail.com;;a corrigé des coordonnées dans la demande/);
  await page.reload(); // the address has it all
  await page.getByText("1 entrée", { exact: true }).waitFor();
  assert.equal(await page.locator("#journal-personne").inputValue(), "sacha");

  // What is wrong is told at its input, which takes the focus; nothing is asked.
  await page.getByRole("button", { name: "Retirer les filtres" }).click();
  await page.getByText(/entrées/).first().waitFor();
  await page.locator("#journal-numero").fill("H12");
  await page.locator("#journal-du").fill("2026-02-02");
  await page.locator("#journal-au").fill("2026-02-01");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.locator("#journal-numero-error").waitFor();
  await page.locator("#journal-au-error").filter({ hasText: "précède" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "journal-numero");
  assert.deepEqual(await axe(page), []);
  await shot(page, "journal-errors");
  await page.locator("#journal-numero").fill("");
  await page.locator("#journal-au").fill("2026-02-03");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.getByText("Aucune entrée ne correspond").waitFor();
  await fits(page, "journal-empty");
  await page.locator("#journal-personne").fill("camille");
  await page.getByRole("button", { name: "Retirer les filtres" }).click();
  await page.getByText("Renfort de l’été.").waitFor();
  assert.equal(await page.locator("#journal-personne").inputValue(), "");
  await page.context().setOffline(true);
  await page.locator("#journal-objet").selectOption("user");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.getByRole("button", { name: "Réessayer" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByRole("listitem").filter({ hasText: "a commencé à agir au nom de Camille Exemple" }).first().waitFor();
  await page.getByText("Raison : Assistance par téléphone.").first().waitFor();
});

test("an administrator’s first page is what waits for them, and leads there", async () => {
  const asker = await browser.newPage();
  await signIn(asker, APPLICANT);
  const ask = { role: "franceconnect:reporter", reason: "Pour lire.", manager_email: "chef@exemple.fr" };
  const asked = await asker.request.post("/api/me/role_requests", { data: ask });
  assert.equal(asked.status(), 201);
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/");
  await page.getByRole("heading", { level: 1, name: "À traiter" }).waitFor();
  const calls = [];
  page.on("request", (request) => request.url().includes("/api/") && calls.push(new URL(request.url()).pathname));
  await page.reload();
  await page.getByRole("link", { name: "1 demande de rôle" }).waitFor();
  await settled(page);
  assert.deepEqual(calls.sort(), ["/api/administration", "/api/session"], "one call for all of it");
  await page.getByText("Aucun rattachement à vérifier").waitFor();
  await page.getByText("Aucun envoi en échec").waitFor();
  await page.getByRole("link", { name: /demandes? à instruire$/ }).last().waitFor();
  await fits(page, "awaited");
  await page.getByRole("link", { name: "1 demande de rôle" }).click();
  await page.getByRole("heading", { name: "Demandes de rôle (1)" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "demandes-de-role");
  const answer = { data: { give: false, reason: "Déjà vu." } };
  assert.equal((await page.request.put(`/api/users/role_requests/${(await asked.json()).id}`, answer)).status(), 200);

  // Who is none is told where to go.
  await asker.goto("/administration");
  await asker.getByText("réservée aux administrateurs").waitFor();
  assert.deepEqual(await axe(asker), []);
});

test("somebody who is kept out is out at once, and is told what to do", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  const theirs = await browser.newPage();
  await signIn(theirs, APPLICANT);
  await theirs.goto("/demandes/11/modifier");
  const typed = theirs.getByLabel(/^Nom du projet/);
  await typed.waitFor();
  await find(page, APPLICANT);
  await card(page, APPLICANT).getByRole("button", { name: /Suspendre/ }).click();
  const dialog = page.getByRole("dialog", { name: "Suspendre ce compte" });
  await dialog.getByLabel("Raison").fill("Adresse compromise.");
  await dialog.getByRole("button", { name: "Confirmer" }).click();
  // Told in the card, which one looks at; the focus goes there.
  await card(page, APPLICANT).getByText("Compte suspendu : user@yopmail.com.").waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent.includes("Compte suspendu"));
  await card(page, APPLICANT).getByText("Raison : Adresse compromise.").waitFor();
  await fits(page, "people-banned");

  // The page that is open says so, and why, as soon as it is used; what is typed stays.
  await typed.fill("Écrit après la suspension");
  const told = theirs.getByRole("dialog", { name: "Votre compte est suspendu" });
  await told.getByText("Adresse compromise.").waitFor();
  assert.equal(await told.getByRole("button", { name: "Se reconnecter" }).count(), 0);
  await shot(theirs, "suspended-dialog");
  assert.deepEqual(await axe(theirs, { include: "dialog[open]" }), []);
  assert.equal(await typed.inputValue(), "Écrit après la suspension");

  await theirs.goto("/mes-demandes");
  await theirs.getByRole("link", { name: /se connecter/i }).first().waitFor();
  await theirs.goto("/api/sign_in?return_to=/mes-demandes");
  const field = theirs.locator('input[name="email"]');
  await field.waitFor(); // the identity provider has forgotten them too
  await field.fill(APPLICANT);
  const password = theirs.locator('input[name="password"]');
  if (!(await password.isVisible())) await field.press("Enter");
  await password.fill(APPLICANT);
  await password.press("Enter");
  await theirs.getByRole("heading", { level: 1, name: "Votre compte est suspendu" }).waitFor();
  await theirs.getByText("Adresse compromise.").waitFor();
  await fits(theirs, "suspended");

  await card(page, APPLICANT).getByRole("button", { name: /Rétablir/ }).click();
  const again = page.getByRole("dialog", { name: "Rétablir ce compte" });
  await again.getByLabel("Raison").fill("Mot de passe changé.");
  await again.getByRole("button", { name: "Confirmer" }).click();
  await card(page, APPLICANT).getByText("Compte rétabli : user@yopmail.com.").waitFor();
  await theirs.goto("/api/sign_in?return_to=/mes-demandes"); // the identity provider knows them again
  await theirs.getByRole("heading", { level: 1, name: "Mes demandes" }).waitFor();
});

test("a server that is asked to stop first stores what was read", async () => {
  const own = await startServer();
  const chrome = await openBrowser(own.url);
  const page = await chrome.newPage();
  await signIn(page, APPLICANT);
  const read = async () => Promise.all(Array.from({ length: 20 }, () => page.request.get("/api/enrollments/1")));
  await read();
  await own.terminate();
  const text = execFileSync(program("datapass"), ["audit", "verify"], { env: { DATA_DIR: own.dataDir } }).toString();
  const sealed = Number(/scellées\s: (\d+)/u.exec(text)[1]);
  assert.ok(sealed >= 20 && /en attente\s: 0/u.test(text), text);
});
