/** Policies: an administrator tries one on a page, sees its form, rights and mails, publishes it, and returns to another. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axe, fits, givePassword, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { minutesPass, startServer } from "../support/server.mjs";

const ADMINISTRATOR = "datapass@yopmail.com";

let server, browser, policies;
before(async () => {
  policies = mkdtempSync(join(tmpdir(), "datapass-policies-"));
  server = await startServer({ env: { POLICIES_DIR: policies } });
  browser = await openBrowser(server.url);
});
after(() => rmSync(policies, { recursive: true, force: true }));

const text = (page) => page.getByLabel("Texte de la politique");
const check = (page) => page.getByRole("button", { name: "Vérifier", exact: true }).click();
const heading = (page) => page.getByRole("heading", { name: "Résultat de la vérification" });

/** The file on the page, with that in the place of its name. */
async function rename(page, label) {
  const written = await text(page).inputValue();
  await text(page).fill(written.replace(/^label = ".*"/m, `label = "${label}"`));
}

async function publish(page, reason) {
  await page.getByRole("button", { name: "Publier", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Raison/).fill(reason);
  await dialog.getByRole("button", { name: "Publier", exact: true }).click();
}

const labelOf = async (page, slug) => (await (await page.request.get(`/api/policies/${slug}`)).json()).label;

test("a new API is begun, tried and published, and its form is there at once", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/politiques");
  await page.getByRole("cell", { name: "API Particulier" }).first().waitFor();
  await fits(page, "policies");
  const slug = page.getByLabel(/^Identifiant de l’API/);
  await slug.fill("Crèches");
  await page.getByRole("button", { name: "Commencer sa politique" }).click();
  await page.getByText("Écrivez des lettres minuscules").waitFor();
  await slug.fill("api_creches");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Politique d’api_creches" }).waitFor();
  await fits(page, "policy-new");

  // A problem leads to its line.
  const skeleton = await text(page).inputValue();
  await text(page).fill(skeleton.replace('warning = "utile"', 'warning = "inutile"'));
  await check(page);
  await page.getByText("2 problèmes à corriger").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "politique-resultat");
  await fits(page, "policy-problems");
  await page.getByRole("button", { name: /^Ligne 47/ }).click();
  const selected = () => page.evaluate(() => {
    const field = document.activeElement;
    return field.value.slice(field.selectionStart, field.selectionEnd);
  });
  assert.equal(await selected(), 'warning = "inutile"');
  assert.equal(await page.getByRole("button", { name: "Publier", exact: true }).count(), 0);

  await text(page).fill(skeleton);
  await page.getByText("Le texte a changé depuis cette vérification").waitFor();
  await rename(page, "API Crèches");
  await check(page);
  await page.getByText("Aucun problème", { exact: true }).waitFor();
  await page.getByText("5 avertissements").waitFor();
  await fits(page, "policy-warnings");

  // The form as an applicant sees it, which tells what is missing, and sends nothing.
  const calls = [];
  page.on("request", (request) => request.method() !== "GET" && calls.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await page.getByRole("button", { name: "Le formulaire, comme un demandeur le voit" }).click();
  await page.getByLabel(/^Nom du projet/).fill("Inscription à la crèche");
  const birth = page.getByRole("checkbox", { name: "Date de naissance" });
  await birth.click({ force: true });
  const warning = page.getByRole("dialog", { name: "Cette donnée est-elle nécessaire" });
  await warning.getByText("Ne cochez cette donnée que si votre service ne peut pas s’en passer.").waitFor();
  await warning.getByRole("button", { name: "Demander cette donnée" }).click();
  assert.equal(await birth.isChecked(), true);
  await page.getByRole("button", { name: "Vérifier les réponses" }).click();
  const errors = page.getByRole("alert").filter({ hasText: "erreurs à corriger" });
  await errors.getByText("Décrivez votre projet.").waitFor();
  await page.getByLabel(/Le texte juridique|Document|PDF/).first().waitFor();
  await page.locator('input[type="file"]').last().setInputFiles({ name: "texte.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n") });
  await page.getByText("C’est un essai : aucun fichier n’est envoyé.").waitFor();
  assert.deepEqual(calls, []);
  await fits(page, "policy-form");

  await page.getByRole("button", { name: "Les droits" }).click();
  await page.getByRole("region", { name: "Première instruction" }).getByRole("rowheader", { name: "Instructeur de l’API" }).waitFor();
  await page.getByRole("button", { name: /^Les courriels/ }).click();
  await page.locator("summary").filter({ hasText: "API Crèches" }).first().click();
  await page.getByRole("button", { name: /^Ce qui change/ }).click();
  await page.getByText("tout est nouveau").waitFor();
  await fits(page, "policy-tried");

  // Publishing asks why; it is in force at once.
  await page.getByRole("button", { name: "Publier", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("5 avertissements demandent encore un regard.").waitFor();
  await dialog.getByRole("button", { name: "Publier", exact: true }).click();
  await dialog.getByText("Dites pourquoi").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "policy-publish");
  await dialog.getByLabel(/^Raison/).fill("Ouverture du service.");
  await dialog.getByRole("button", { name: "Publier", exact: true }).click();
  await page.getByText("La politique est publiée").waitFor();
  await page.getByText("En vigueur : publiée ici.").waitFor();
  assert.equal(await labelOf(page, "api_creches"), "API Crèches");
  await page.getByText(/^Publiée le .* par/).waitFor();
  await fits(page, "policy-published");
  await page.goto("/api_creches");
  await page.getByRole("heading", { level: 1, name: "API Crèches" }).waitFor();
  assert.deepEqual(page.problems, []);
});

test("what one types is kept, what takes its place can be taken back, and a former version returns", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/politiques/franceconnect");
  await page.getByText("En vigueur : livrée avec DataPass.").waitFor();
  const first = await text(page).inputValue();
  await rename(page, "FranceConnect un");
  await page.reload();
  await text(page).waitFor();
  assert.match(await text(page).inputValue(), /FranceConnect un/);
  await page.getByRole("button", { name: "Reprendre la version en vigueur" }).click();
  assert.equal(await text(page).inputValue(), first);
  await page.getByRole("button", { name: "Revenir au texte d’avant" }).click();
  assert.match(await text(page).inputValue(), /FranceConnect un/);

  await page.locator("#politique-fichier").setInputFiles({ name: "f.toml", mimeType: "text/plain", buffer: Buffer.alloc(600_000, "#") });
  await page.getByText("Un fichier de politique a au plus 512 ko.").waitFor();
  const other = first.replace(/^label = ".*"/m, 'label = "FranceConnect deux"');
  await page.locator("#politique-fichier").setInputFiles({ name: "f.toml", mimeType: "text/plain", buffer: Buffer.from(other) });
  await page.getByRole("button", { name: "Revenir au texte d’avant" }).waitFor();
  assert.equal(await text(page).inputValue(), other);
  await page.getByRole("button", { name: "Revenir au texte d’avant" }).click();

  await check(page);
  await page.getByRole("button", { name: "Ce qui change (1)" }).click();
  await page.getByRole("cell", { name: "FranceConnect un" }).waitFor();
  await publish(page, "Un.");
  await page.getByText("La politique est publiée").waitFor();
  await rename(page, "FranceConnect deux");
  await check(page);
  await publish(page, "Deux.");
  await page.getByText("Deux.", { exact: true }).waitFor();
  assert.equal(await labelOf(page, "franceconnect"), "FranceConnect deux");

  await page.getByRole("button", { name: /^Revenir à cette version/ }).click();
  await heading(page).waitFor();
  assert.match(await text(page).inputValue(), /FranceConnect un/);
  await publish(page, "Retour.");
  await page.getByText("Retour.").waitFor();
  assert.equal(await labelOf(page, "franceconnect"), "FranceConnect un");

  await page.getByRole("button", { name: "Revenir au fichier du serveur" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("La politique livrée avec DataPass sera de nouveau en vigueur.").waitFor();
  await dialog.getByLabel(/^Raison/).fill("Essai terminé.");
  await dialog.getByRole("button", { name: "Retirer" }).click();
  await page.getByText("En vigueur : livrée avec DataPass.").waitFor();
  assert.equal(await text(page).inputValue(), first);
  await page.getByText(/^Retirée, pour le fichier du serveur/).waitFor();
  assert.deepEqual(page.problems, []);
});

test("long after the password was given it is asked for again, and nothing has to be typed twice", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/politiques/api_captchetat");
  await text(page).waitFor();
  await rename(page, "CaptchEtat gardé");
  minutesPass(server);
  await check(page);
  await publish(page, "Raison gardée.");
  await givePassword(page, ADMINISTRATOR);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Raison/).waitFor();
  assert.equal(await dialog.getByLabel(/^Raison/).inputValue(), "Raison gardée.");
  await dialog.getByRole("button", { name: "Publier", exact: true }).click();
  await page.getByText("La politique est publiée").waitFor();
  assert.equal(await labelOf(page, "api_captchetat"), "CaptchEtat gardé");
  assert.deepEqual(page.problems.filter((problem) => !problem.includes("403")), []);
});

test("two administrators do not overwrite each other", async () => {
  const [one, two] = [await browser.newPage(), await browser.newPage()];
  for (const page of [one, two]) {
    await signIn(page, ADMINISTRATOR);
    await page.goto("/politiques/le_taxi");
    await text(page).waitFor();
  }
  for (const [page, label] of [[one, "Le.Taxi un"], [two, "Le.Taxi deux"]]) {
    await rename(page, label);
    await check(page);
    await publish(page, "Essai.");
    if (page === one) await page.getByText("La politique est publiée").waitFor();
  }
  await two.getByRole("dialog").getByText("a été changée entre-temps").waitFor();
  assert.equal(await labelOf(one, "le_taxi"), "Le.Taxi un");
  // What the second has typed is still there once the page is loaded again.
  await two.reload();
  await text(two).waitFor();
  assert.match(await text(two).inputValue(), /Le\.Taxi deux/);
  // It is not taken for a change of what the first has published: not before the second has taken that up.
  const overtaken = two.locator(".fr-alert", { hasText: "Une autre version a été publiée depuis" });
  await overtaken.waitFor();
  await fits(two, "policy-overtaken");
  await check(two);
  await publish(two, "Essai.");
  await two.getByRole("dialog").getByText("a été changée entre-temps").waitFor();
  await two.getByRole("dialog").getByRole("button", { name: "Annuler" }).click();
  await overtaken.getByRole("button", { name: "Reprendre la version en vigueur" }).click();
  await two.waitForFunction(() => document.activeElement?.id === "politique-texte");
  assert.match(await text(two).inputValue(), /Le\.Taxi un/);
  assert.equal(await overtaken.count(), 0);
  await rename(two, "Le.Taxi deux");
  await two.reload();
  await two.getByText("Texte non publié, gardé dans ce navigateur.").waitFor();
  await check(two);
  await publish(two, "Essai.");
  await two.getByText("La politique est publiée").waitFor();
  await two.waitForFunction(() => document.activeElement?.id === "politique-fait");
  assert.equal(await labelOf(two, "le_taxi"), "Le.Taxi deux");
});

test("files of the server are read again, and what is wrong with them stands on the page", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/politiques");
  mkdirSync(policies, { recursive: true });
  writeFileSync(join(policies, "api_locale.toml"), "label = 3\n");
  const reread = page.getByRole("button", { name: "Relire les fichiers du serveur" });
  await reread.click();
  await page.getByText("Les fichiers n’ont pas été repris").waitFor();
  await page.getByText(/^Les fichiers du serveur, relus le .* sont à corriger$/).waitFor();
  await page.getByText(/api_locale.toml, ligne 1, caractère 1/).first().waitFor();
  await fits(page, "policies-failed");
  rmSync(join(policies, "api_locale.toml"));
  await reread.click();
  await page.getByText("Les fichiers du serveur sont relus").waitFor();
  await page.getByText(/relus le .* sont à corriger/).waitFor({ state: "detached" });
  await page.getByLabel(/^Chercher une politique/).fill("ficoba bac");
  await page.getByRole("cell", { name: "api_ficoba_sandbox" }).waitFor();
  await page.getByRole("cell", { name: "api_particulier", exact: true }).waitFor({ state: "detached" });
  assert.deepEqual(page.problems.filter((problem) => !problem.includes("400")), []);
});

test("nobody else comes here, and a page that cannot be loaded says so", async () => {
  const page = await browser.newPage();
  await signIn(page, "api-particulier@yopmail.com");
  for (const path of ["/politiques", "/politiques/api_particulier"]) {
    await page.goto(path);
    await page.getByText("Cette page est réservée aux administrateurs").waitFor();
  }
  const administrator = await browser.newPage();
  await signIn(administrator, ADMINISTRATOR);
  await administrator.route("**/api/policy_files", (route) => route.fulfill({ status: 500, body: "" }));
  await administrator.goto("/politiques");
  await administrator.getByText("Les informations n’ont pas pu être chargées").waitFor();
  await administrator.unroute("**/api/policy_files");
  await administrator.getByRole("button", { name: "Réessayer" }).click();
  await administrator.getByRole("cell", { name: "API Particulier" }).first().waitFor();
  await administrator.goto("/politiques/API");
  await settled(administrator);
  assert.equal(await overflow(administrator), 0);
  await shot(administrator, "policy-not-found");
});
