/** The messages that go with decisions: templates that instructors write, filled in for a request, and what was said before. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const TEMPLATES = "/api/policies/api_particulier/decision_templates";
const PAGE = "/modeles-de-decision";
const SUBMITTED = 9; // « Accueil de loisirs »
const OTHER = 10; // « Carte de transport scolaire »

let server, browser, page;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  page = await visitor(INSTRUCTOR);
});

async function visitor(email, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  return page;
}

const focused = (page, id) => page.waitForFunction((id) => document.activeElement.id === id, id);
const panel = (page) => page.getByRole("region", { name: "Décision" });
const message = (page) => panel(page).getByRole("textbox", { name: /Message au demandeur|Raison/ });
const opener = (page) => panel(page).getByRole("button", { name: /^Insérer un modèle/ });
const form = (page) => page.getByRole("form", { name: /un modèle|le modèle/ });

async function template(decision, name, body, is_default = false) {
  const answer = await page.request.post(TEMPLATES, { data: { decision, name, body, is_default } });
  assert.equal(answer.status(), 201, await answer.text());
}

/** A request like the sample « Accueil de loisirs », submitted; its number. */
async function submitted(applicant) {
  const sample = await (await applicant.request.get(`/api/enrollments/${SUBMITTED}`)).json();
  const names = ["siret", "description", "scopes", "data_recipients", "data_retention_period", "fondement_juridique_title",
    "fondement_juridique_url", "team_members", "technical_team_type", "cgu_approved", "dpo_is_informed"];
  const data = { target_api: "api_particulier", intitule: "Séjour", ...Object.fromEntries(names.map((name) => [name, sample[name]])) };
  const made = await (await applicant.request.post("/api/enrollments", { data })).json();
  const step = await applicant.request.patch(`/api/enrollments/${made.id}/change_state`, { data: { event: "submit" } });
  assert.equal(step.status(), 200, await step.text());
  return made.id;
}

test("an instructor writes a template, corrects it, and removes it", async () => {
  await page.goto("/instruction");
  await page.getByRole("navigation", { name: "Menu principal" }).getByRole("link", { name: "Modèles de décision" }).click();
  await page.getByRole("heading", { name: "Modèles – API Particulier" }).waitFor();
  await page.getByText("Aucun modèle").waitFor();
  await fits(page, "decision-templates-empty");

  await form(page).getByRole("button", { name: "Créer ce modèle" }).click();
  await focused(page, "modele-nom");
  await form(page).getByText("Donnez un nom à ce modèle.").waitFor();
  await form(page).getByLabel(/^Décision/).selectOption({ label: "Refus" });
  await form(page).getByLabel(/^Nom du modèle/).fill("Hors périmètre");
  await form(page).getByLabel(/^Message/).fill("Bonjour,\nla demande {{ siret }} de ");
  await form(page).getByRole("button", { name: "Insérer {{ organisation }}" }).click();
  await focused(page, "modele-texte");
  await page.keyboard.type(" est <b>refusée</b>.");
  await form(page).getByRole("button", { name: "Créer ce modèle" }).click();
  await focused(page, "modele-texte");
  await form(page).locator(".fr-message--error").getByText(/La variable «\ssiret\s» n’existe pas/).waitFor();
  await fits(page, "decision-templates-wrong");
  const text = await form(page).getByLabel(/^Message/).inputValue();
  assert.equal(text, "Bonjour,\nla demande {{ siret }} de {{ organisation }} est <b>refusée</b>.");
  await form(page).getByLabel(/^Message/).fill(text.replace("siret", "numéro"));
  await form(page).getByText("la demande 1234 de Commune de Clamart est <b>refusée</b>.").waitFor();
  await form(page).getByLabel("Pré-remplir le message avec ce modèle").check({ force: true });
  await form(page).getByRole("button", { name: "Créer ce modèle" }).click();
  await page.getByText("Le modèle « Hors périmètre » est enregistré.").waitFor();
  await focused(page, "modeles");
  await page.getByText("Pré-remplit le message", { exact: true }).waitFor();

  // A name is used once; what was typed stays.
  await form(page).getByLabel(/^Décision/).selectOption({ label: "Refus" });
  await form(page).getByLabel(/^Nom du modèle/).fill("Hors périmètre");
  await form(page).getByLabel(/^Message/).fill("Non.");
  await form(page).getByRole("button", { name: "Créer ce modèle" }).click();
  await form(page).getByText("Un modèle de cette décision porte déjà ce nom").waitFor();
  await focused(page, "modele-nom");
  assert.equal(await form(page).getByLabel(/^Message/).inputValue(), "Non.");

  await page.getByRole("button", { name: /^Modifier\s*: Hors périmètre/ }).click();
  await focused(page, "modele-nom");
  await form(page).getByLabel(/^Nom du modèle/).fill("Base légale");
  await form(page).getByRole("button", { name: "Enregistrer les modifications" }).click();
  await page.getByText("Le modèle « Base légale » est enregistré.").waitFor();
  await fits(page, "decision-templates");
  page.problems.splice(0, page.problems.length, ...page.problems.filter((problem) => !/status of 422/.test(problem)));

  await page.getByRole("button", { name: /^Supprimer\s*: Base légale/ }).click();
  const dialog = page.getByRole("dialog", { name: "Supprimer le modèle « Base légale » ?" });
  await dialog.getByText("Les messages déjà envoyés ne changent pas.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Supprimer\s*: Base légale/ }).click();
  await dialog.getByRole("button", { name: "Supprimer" }).click();
  await page.getByText("Le modèle « Base légale » est supprimé.").waitFor();
  await focused(page, "modeles");
  assert.deepEqual(page.problems, []);
});

test("an administrator chooses the API; others are told whom the page is for", async () => {
  const administrator = await visitor(ADMINISTRATOR);
  await administrator.goto(PAGE);
  await administrator.getByLabel("API", { exact: true }).selectOption({ label: "FranceConnect" });
  await administrator.waitForURL(/api=franceconnect/);
  await administrator.getByRole("heading", { name: "Modèles – FranceConnect" }).waitFor();
  await fits(administrator, "decision-templates-administrator");
  const applicant = await visitor(APPLICANT);
  await applicant.goto(PAGE);
  await applicant.getByText("Cette page est réservée aux instructeurs").waitFor();
  assert.equal(await applicant.getByRole("link", { name: "Modèles de décision" }).count(), 0);
  assert.deepEqual(administrator.problems, []);
});

test("a message begins with its template, filled in as text, and what somebody typed is never replaced", async () => {
  await template("validate", "Accord", "Bienvenue à {{ organisation }}, demande {{ numéro }} <b>.", true);
  await template("refuse", "Base légale", "La base légale de « {{ intitulé }} » ne suffit pas.");
  await page.goto(`/demandes/${SUBMITTED}`);
  await page.getByRole("button", { name: "Valider", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("#decision-commentaire")?.value);
  const begun = await message(page).inputValue();
  assert.match(begun, new RegExp(`^Bienvenue à .+, demande ${SUBMITTED} <b>\\.$`));
  await panel(page).locator(".dp-mail dd", { hasText: begun }).waitFor();
  // Nobody typed anything: nothing is kept.
  const kept = () => page.evaluate((end) => Object.keys(localStorage).filter((key) => key.endsWith(end)), `decision.${SUBMITTED}`);
  assert.deepEqual(await kept(), []);
  await page.reload();
  await page.getByRole("button", { name: "Valider", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("#decision-commentaire")?.value);
  await message(page).fill("");
  await panel(page).getByRole("button", { name: "Annuler" }).click();

  // The list, with one key; what was typed stays before what is inserted, which can be taken back.
  await page.getByRole("button", { name: "Refuser", exact: true }).click();
  await opener(page).waitFor();
  assert.equal(await message(page).inputValue(), "", "no template is marked for it");
  await message(page).fill("Bonjour.");
  await page.keyboard.press("F2");
  await focused(page, "message-propose-0");
  assert.deepEqual(await axe(page), []);
  await shot(page, "decision-messages-list");
  await page.keyboard.press("Escape");
  await focused(page, "decision-commentaire");
  await page.keyboard.press("F2");
  await focused(page, "message-propose-0");
  await page.keyboard.press("Enter");
  await focused(page, "decision-commentaire");
  assert.equal(await message(page).inputValue(), "Bonjour.\n\nLa base légale de « Accueil de loisirs » ne suffit pas.");
  await page.getByText("Le modèle « Base légale » est inséré.").waitFor();
  await panel(page).getByRole("button", { name: "Annuler l’insertion" }).click();
  await focused(page, "decision-commentaire");
  assert.equal(await message(page).inputValue(), "Bonjour.");

  // What was typed stays however often something is inserted, with another decision too, and once the page is loaded again.
  const offered = "La base légale de « Accueil de loisirs » ne suffit pas.";
  for (const count of [1, 2]) {
    await page.keyboard.press("F2");
    await focused(page, "message-propose-0");
    await page.keyboard.press("Enter");
    await focused(page, "decision-commentaire");
    assert.equal(await message(page).inputValue(), ["Bonjour.", ...Array(count).fill(offered)].join("\n\n"));
  }
  assert.equal((await kept()).length, 1);
  await page.reload();
  await opener(page).waitFor();
  assert.equal(await message(page).inputValue(), `Bonjour.\n\n${offered}\n\n${offered}`);
  await panel(page).getByRole("button", { name: "Annuler", exact: true }).click();
  assert.deepEqual(await kept(), []);

  // Where nothing is offered yet, the way to write a template comes after the message.
  await page.getByRole("button", { name: "Demander des modifications" }).click();
  const link = panel(page).getByRole("link", { name: "Écrire un modèle de message" });
  await link.waitFor();
  const [field, place] = [await message(page).boundingBox(), await link.boundingBox()];
  assert.ok(place.y >= field.y + field.height, JSON.stringify({ field, place }));
  await panel(page).getByRole("button", { name: "Annuler", exact: true }).click();
  assert.deepEqual(page.problems, []);
});

test("what several requests were answered with is one key away", async () => {
  const applicant = await visitor(APPLICANT);
  for (const words of ["Précisez les destinataires.", "Précisez les destinataires.", "Une seule fois."]) {
    const id = await submitted(applicant);
    const data = { event: "request_changes", comment: words };
    assert.equal((await page.request.patch(`/api/enrollments/${id}/change_state`, { data })).status(), 200);
  }
  await page.goto(`/demandes/${OTHER}`);
  await page.getByRole("button", { name: "Demander des modifications" }).click();
  await opener(page).waitFor();
  await focused(page, "decision-commentaire");
  await page.keyboard.press("F2");
  await focused(page, "message-propose-0");
  await panel(page).getByText("Messages les plus utilisés").waitFor();
  assert.equal(await panel(page).getByText("Une seule fois.").count(), 0);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await message(page).inputValue(), "Précisez les destinataires.");
  await panel(page).getByRole("button", { name: "Annuler", exact: true }).click();

  const phone = await visitor(INSTRUCTOR, { width: 375, height: 800 });
  await phone.goto(`/demandes/${OTHER}`);
  await phone.getByRole("button", { name: "Refuser", exact: true }).click();
  await opener(phone).click();
  await settled(phone);
  assert.deepEqual(await axe(phone), []);
  assert.equal(await overflow(phone), 0);
  await shot(phone, "decision-messages-375");
});

test("taking data out of what is granted changes the template with the decision", async () => {
  await template("offer_partial_grant", "Retrait", "Ces données ne sont pas nécessaires.", true);
  await page.goto(`/demandes/${OTHER}`);
  await page.getByRole("button", { name: "Valider", exact: true }).click();
  await page.waitForFunction(() => document.querySelector("#decision-commentaire")?.value.startsWith("Bienvenue"));
  await panel(page).getByRole("button", { name: "Retirer des données de l’accord" }).click();
  await panel(page).getByRole("checkbox").first().uncheck({ force: true });
  await page.waitForFunction(() => document.querySelector("#decision-commentaire")?.value.startsWith("Ces données"));
  await panel(page).getByRole("button", { name: "Annuler", exact: true }).click();

  // What somebody typed stays, with what was inserted after it.
  await page.getByRole("button", { name: "Valider", exact: true }).click();
  await opener(page).waitFor();
  await message(page).fill("Bonjour.");
  await page.keyboard.press("F2");
  await focused(page, "message-propose-0");
  await page.keyboard.press("Enter");
  await focused(page, "decision-commentaire");
  const written = await message(page).inputValue();
  assert.match(written, /^Bonjour\.\n\nBienvenue/);
  const others = page.waitForResponse(/offered_messages\?decision=offer_partial_grant/);
  await panel(page).getByRole("button", { name: "Retirer des données de l’accord" }).click();
  await panel(page).getByRole("checkbox").first().uncheck({ force: true });
  await others;
  await settled(page);
  assert.equal(await message(page).inputValue(), written);
  await panel(page).getByRole("button", { name: "Annuler", exact: true }).click();
  assert.deepEqual(page.problems, []);
});
