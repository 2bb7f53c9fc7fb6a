/** After the decision: what was granted is updated, renewed, shown on its own page; a submitted request is taken back. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, shot, signIn } from "../support/browser.mjs";
import { saved, submit } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

async function person(email) {
  const page = await browser.newPage();
  await signIn(page, email);
  return page;
}

/** Presses a button that asks first, reads what it explains, and says yes. */
async function confirm(page, name, explanation) {
  await page.getByRole("button", { name, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(explanation).waitFor();
  assert.deepEqual(await axe(page, { include: "dialog[open]" }), []);
  await dialog.getByRole("button", { name, exact: true }).click();
}

/** Decides, with a comment. */
async function decide(page, choice, label, comment, done) {
  await page.getByRole("button", { name: choice, exact: true }).click();
  const panel = page.getByRole("region", { name: "Décision" });
  await panel.getByLabel(label).fill(comment);
  await panel.getByRole("button", { name: choice, exact: true }).click();
  await page.getByText(done).first().waitFor();
}

test("what was granted stays in force while it is updated, and the update given up, taken back, refused, validated", async () => {
  const applicant = await person(APPLICANT);
  const instructor = await person(INSTRUCTOR);
  const recipients = applicant.getByLabel(/^Destinataires des données/);
  const answer = applicant.locator("#champ-data_recipients dd");
  const badge = applicant.locator(".dp-badges .fr-badge").first();

  /** From the page of the request to its form, with something written. */
  async function write(text) {
    await confirm(applicant, "Mettre à jour l’habilitation", /reste en vigueur, telle quelle/);
    await applicant.waitForURL(/\/demandes\/4\/modifier$/);
    await applicant.getByText("Vous mettez à jour une habilitation").waitFor();
    await recipients.fill(text);
    await saved(applicant);
  }

  // Given up from the form: nothing has changed.
  await applicant.goto("/demandes/4");
  await applicant.getByText(/L’habilitation H2 est en vigueur/).waitFor();
  const consult = applicant.getByRole("link", { name: "Consulter l’habilitation H2" });
  assert.equal(await consult.getAttribute("href"), "/public/H2");
  await write("Tout le monde");
  await shot(applicant, "life-1-form");
  await confirm(applicant, "Abandonner la mise à jour", /est perdu/);
  await applicant.waitForURL(/\/demandes\/4$/);
  await applicant.getByText(/La mise à jour est abandonnée/).first().waitFor();
  assert.equal(await answer.innerText(), "Les agents habilités du service qui instruit les demandes.");

  // Submitted, taken back, submitted again.
  await write("Les agents du service enfance");
  await submit(applicant);
  await applicant.waitForURL(/\/demandes\/4$/);
  await applicant.getByText("Votre mise à jour est en cours d’instruction").waitFor();
  await applicant.getByText(/L’habilitation H2 reste en vigueur/).waitFor();
  await confirm(applicant, "Retirer la mise à jour de l’instruction", /quitte la file d’instruction/);
  await applicant.getByText(/La mise à jour est retirée de l’instruction/).waitFor();
  assert.equal(await badge.textContent(), "Mise à jour en brouillon");
  await shot(applicant, "life-2-taken-back");
  await applicant.goto("/");
  const card = applicant.getByRole("listitem").filter({ hasText: "Tarification de la cantine" });
  await card.getByText("Mise à jour en brouillon").waitFor();
  await shot(applicant, "life-3-home");
  await card.getByRole("link", { name: /Compléter la mise à jour/ }).click();
  await recipients.waitFor();
  await submit(applicant);
  await applicant.waitForURL(/\/demandes\/4$/);

  // Refused: the authorisation stays.
  await instructor.goto("/instruction");
  const row = instructor.getByRole("row").filter({ hasText: "Tarification de la cantine" });
  await row.getByText("Mise à jour en cours d’instruction").waitFor();
  await shot(instructor, "life-4-list");
  await row.getByRole("link").first().click();
  await instructor.getByText("Cette mise à jour attend votre décision").waitFor();
  await instructor.getByText("1 champ modifié par rapport à l’habilitation en vigueur").waitFor();
  await instructor.getByRole("button", { name: "Refuser la mise à jour" }).click();
  await instructor.getByText(/L’habilitation en vigueur reste valable/).waitFor();
  await shot(instructor, "life-5-refuse");
  await instructor.getByRole("button", { name: "Annuler" }).click();
  await decide(instructor, "Refuser la mise à jour", /Raison du refus/, "Trop large.", /La mise à jour est refusée/);
  await applicant.goto("/demandes/4");
  await applicant.getByText("La mise à jour est refusée ; l’habilitation reste en vigueur").waitFor();
  await applicant.getByText("Trop large.").first().waitFor();
  await shot(applicant, "life-6-refused");

  // Validated: a new authorisation takes the place of the first.
  await write("Les agents de la régie");
  await submit(applicant);
  await applicant.waitForURL(/\/demandes\/4$/);
  await instructor.goto("/demandes/4");
  await decide(instructor, "Valider la mise à jour", /Message au demandeur/, "Conforme.", /une nouvelle habilitation est en vigueur/);
  await applicant.goto("/demandes/4");
  const granted = applicant.getByRole("region", { name: "Habilitations et demandes liées" });
  await granted.waitFor();
  assert.deepEqual(await granted.locator("li > .fr-badge").allTextContents(), ["En vigueur", "Remplacée"]);
  await shot(applicant, "life-7-granted");
  assert.deepEqual(await axe(applicant), []);

  // The history shows its end; all of it where one asks, and on paper.
  const history = applicant.getByRole("region", { name: "Historique" });
  const first = history.getByText("a créé la demande");
  const all = history.locator("summary", { hasText: "Événements précédents" });
  await all.waitFor();
  assert.equal(await history.locator(".dp-history").first().locator(":scope > li").count(), 3);
  assert.equal(await first.isVisible(), false);
  await applicant.emulateMedia({ media: "print" });
  assert.equal(await first.isVisible(), true);
  await applicant.emulateMedia({ media: "screen" });
  await all.focus();
  await applicant.keyboard.press("Enter");
  await first.waitFor();

  // Each has its page, with what it granted.
  await granted.getByRole("link", { name: "Habilitation H2" }).click();
  await applicant.waitForURL("**/public/H2");
  await applicant.getByText(/a été remplacée le/).waitFor();
  const shown = applicant.getByRole("region", { name: "Conditions" }).locator("div").filter({ hasText: "Destinataires" }).locator("dd");
  assert.equal(await shown.innerText(), "Les agents habilités du service qui instruit les demandes.");
  await shot(applicant, "life-8-superseded");
  assert.deepEqual(await axe(applicant), []);
  await applicant.getByRole("link", { name: "Demande n° 4" }).first().click();
  await granted.getByRole("link", { name: "Habilitation H4" }).click();
  await applicant.getByText("Cette habilitation est en vigueur").waitFor();
  assert.equal(await shown.innerText(), "Les agents de la régie");
  await applicant.getByRole("link", { name: `${server.url}/public/H4` }).waitFor();

  await applicant.getByRole("link", { name: "Demander la correction d’un contact" }).click();
  // It is begun once: the address is that of the request from then on.
  await applicant.waitForURL(/demandes\/4#messages$/);
  await applicant.locator("#message-texte").waitFor();
  assert.match(await applicant.locator("#message-texte").inputValue(), /dans l’habilitation H4 ont changé/);

  // Who instructs comes from another list.
  await instructor.goto("/public/H4");
  await instructor.getByRole("navigation", { name: "vous êtes ici" }).getByRole("link", { name: "Demandes à instruire" }).waitFor();

  // A visitor reads there what is public, and must sign in for the rest.
  const visitor = await browser.newPage();
  await visitor.goto("/public");
  await visitor.getByText("H4", { exact: true }).first().waitFor();
  await visitor.goto("/habilitations/4"); // where links of before lead
  await visitor.waitForURL("**/public/H4");
  await visitor.getByRole("link", { name: "Connectez-vous" }).waitFor();
  assert.equal(await visitor.getByText("Les agents de la régie").count(), 0);
  for (const page of [applicant, instructor]) assert.deepEqual(page.problems, []);
});

test("a request is renewed once, with the same content", async () => {
  const applicant = await person(APPLICANT);
  await applicant.goto("/demandes/4");
  await confirm(applicant, "Renouveler", /avec le même contenu/);
  await applicant.waitForURL(/\/demandes\/12\/modifier$/);
  await applicant.getByText("Une nouvelle demande est créée avec le même contenu.").waitFor();
  assert.equal(await applicant.getByLabel(/^Nom du projet/).inputValue(), "Tarification de la cantine");
  await applicant.goto("/demandes/4");
  await applicant.getByText("Renouvelée par la").getByRole("link", { name: "demande n° 12" }).click();
  await applicant.getByText("Renouvelle la").getByRole("link", { name: "demande n° 4" }).click();
  await applicant.getByRole("heading", { level: 1, name: "Tarification de la cantine" }).waitFor();
  await applicant.getByRole("button", { name: "Mettre à jour l’habilitation" }).waitFor();
  assert.equal(await applicant.getByRole("button", { name: "Renouveler" }).count(), 0);
  await applicant.goto("/");
  const todo = applicant.getByRole("region", { name: /^À faire/ });
  const renewal = todo.getByRole("listitem").filter({ hasText: "Renouvelle la demande n° 4." });
  await renewal.getByRole("link", { name: /^Compléter le renouvellement/ }).waitFor();
  await fits(applicant, "home-renewal");

  // What was refused is filed anew.
  await applicant.goto("/demandes/2");
  await confirm(applicant, "Déposer une nouvelle demande", /avec le même contenu/);
  await applicant.waitForURL(/\/demandes\/13\/modifier$/);
  assert.deepEqual(applicant.problems, []);
});

test("the page of a granted first step leads to the requests that follow it", async () => {
  const applicant = await person(APPLICANT);
  await applicant.goto("/demandes/5");
  await applicant.getByText("Suivie de la").getByRole("link", { name: "demande n° 6" }).waitFor();
  assert.equal(await applicant.getByRole("heading", { name: "Étape suivante" }).count(), 0);

  // Where none was started yet, what may be asked for is named.
  const administrator = await person(ADMINISTRATOR);
  const change = { event: "validate", comment: "Conforme." };
  const answer = await administrator.request.patch("/api/enrollments/7/change_state", { data: change });
  assert.equal(answer.status(), 200, await answer.text());
  await applicant.goto("/demandes/7");
  const granted = applicant.getByRole("region", { name: "Habilitations et demandes liées" });
  await granted.getByRole("heading", { name: "Étape suivante" }).waitFor();
  await granted.getByRole("link", { name: /API Impôt particulier/ }).first().click();
  await applicant.waitForURL(/\/nouvelle-demande\/api_impot_particulier_fc_/);
  assert.deepEqual(applicant.problems, []);
});

test("a submitted request is taken back, unless an instructor was faster", async () => {
  const applicant = await person(APPLICANT);
  await applicant.goto("/demandes/9");
  await confirm(applicant, "Retirer la demande de l’instruction", /quitte la file d’instruction/);
  await applicant.getByText(/La demande est retirée de l’instruction/).waitFor();
  await applicant.getByRole("link", { name: "Compléter ma demande" }).waitFor();

  await applicant.goto("/demandes/10");
  await applicant.getByRole("button", { name: "Retirer la demande de l’instruction" }).waitFor();
  const instructor = await person(INSTRUCTOR);
  const change = { event: "request_changes", comment: "Précisez." };
  const answer = await instructor.request.patch("/api/enrollments/10/change_state", { data: change });
  assert.equal(answer.status(), 200, await answer.text());
  await confirm(applicant, "Retirer la demande de l’instruction", /quitte la file d’instruction/);
  await applicant.getByText("La demande a changé entre-temps").waitFor();
  await applicant.getByText("Des modifications vous sont demandées").waitFor();
  await applicant.waitForFunction(() => document.activeElement.id === "actions");
  await shot(applicant, "life-9-conflict");
  assert.deepEqual(await axe(applicant), []);
  assert.deepEqual(applicant.problems.filter((problem) => !/status of 409/.test(problem)), []);
});
