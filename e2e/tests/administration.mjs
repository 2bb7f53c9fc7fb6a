/** What an administrator does with people: acts for one, keeps one out, puts contact details right; and the log of it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
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

test("the log is read, narrowed down, and verified", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await Promise.all(Array.from({ length: 20 }, () => page.request.get("/api/enrollments")));
  await page.goto("/");
  await page.getByRole("link", { name: "Journal" }).click();
  await page.getByRole("heading", { level: 1, name: "Journal" }).waitFor();
  await page.getByText(/entrées sur la page 1|^\d+ entrées$/).waitFor();
  await fits(page, "journal");
  await page.getByRole("link", { name: /^Suivant/ }).click();
  await page.getByText(/sur la page 2/).waitFor();
  await page.locator("#journal-personne").fill(ADMINISTRATOR);
  await page.locator("#journal-action").selectOption("enrollment.correct_contacts");
  await page.locator("#journal-personne").press("Enter");
  await page.getByText("1 entrée", { exact: true }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "Sacha Exemple" }).getByText(/A corrigé des coordonnées/).waitFor();
  await shot(page, "journal-filtered");
  await page.locator("#journal-personne").fill("inconnue@exemple.fr");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.getByText("Aucune entrée ne correspond").waitFor();
  await fits(page, "journal-empty");
  await page.getByRole("button", { name: "Tout afficher" }).click();
  await page.getByText(/entrées sur la page 1/).waitFor();
  await page.context().setOffline(true);
  await page.locator("#journal-objet").selectOption("user");
  await page.getByRole("button", { name: "Filtrer" }).click();
  await page.getByRole("button", { name: "Réessayer" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByRole("listitem").filter({ hasText: "A commencé à agir au nom de la personne" }).first().waitFor();
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
  await page.getByText("Compte suspendu : user@yopmail.com.").waitFor();
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
  await page.getByText("Compte rétabli : user@yopmail.com.").waitFor();
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
