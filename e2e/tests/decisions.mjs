/** Changes asked for point by point and worked off one by one; a part that is offered, declined, accepted. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { saved, submit } from "../support/form.mjs";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const SENT_BACK = 8; // « Inscription en crèche », with two points
const REVIEWED = 9; // « Accueil de loisirs », submitted
const PARTIAL = 10; // « Carte de transport scolaire », submitted
const PHONE = { width: 375, height: 800 };

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

const focused = (page, id) => page.waitForFunction((id) => document.activeElement.id === id, id);
const list = (page) => page.getByRole("region", { name: "Points à reprendre" });
const panel = (page) => page.getByRole("region", { name: "Décision" });
const offer = (page) => page.getByRole("region", { name: "Accord partiel proposé" });
const report = (page, label) => page.getByRole("button", { name: new RegExp(`^Signaler un point\\s*:\\s*${label}`) });

/** Begins a point: its button shows, and can be clicked, once one points at the answer. The id of that button. */
async function begin(page, label) {
  const button = report(page, label);
  const id = await button.getAttribute("id");
  await button.focus();
  await button.click();
  return id;
}

/** Adds the point that was begun with that button, which gets the focus back: only then may something else get it. */
async function add(page, id) {
  await page.getByRole("button", { name: "Ajouter le point" }).click();
  await focused(page, id);
}

async function visitor(email, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  return page;
}

async function isFine(page, name) {
  assert.deepEqual(await axe(page), [], name);
  assert.equal(await overflow(page), 0, name);
  await shot(page, `decisions-${name}`);
}

test("an instructor points at fields by keyboard, and sends the points", async () => {
  const page = await visitor(INSTRUCTOR);
  await page.goto(`/demandes/${REVIEWED}`);
  await report(page, "Destinataires des données").focus();
  await page.keyboard.press("Enter");
  await focused(page, "point-champ-data_recipients");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Dites ce qui est à reprendre.").waitFor();
  await focused(page, "point-champ-data_recipients");
  await page.keyboard.type("Quels services ? <b>");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await focused(page, "signaler-champ-data_recipients");
  await page.getByText("À signaler : Quels services ? <b>").waitFor();

  const scopes = await begin(page, "Données demandées");
  await page.getByLabel("Sur quoi porte le point ?").selectOption({ label: "Liste des enfants" }).catch(async () => {
    await page.getByLabel("Sur quoi porte le point ?").selectOption({ index: 2 });
  });
  await page.getByLabel("Ce qui est à reprendre").fill("Pourquoi les enfants ?");
  await add(page, scopes);
  const officer = await begin(page, "Délégué à la protection des données");
  await page.getByLabel("Sur quoi porte le point ?").selectOption({ label: "Adresse électronique" });
  await page.getByLabel("Ce qui est à reprendre").fill("Une adresse générique.");
  await isFine(page, "review");
  await add(page, officer);

  // What was collected outlives the page.
  await page.reload();
  await page.getByRole("button", { name: "Demander des modifications (3 points signalés)" }).click();
  await focused(page, "decision-commentaire");
  await panel(page).getByRole("button", { name: /^Modifier\s*: Destinataires/ }).click();
  await focused(page, "point-signale-0");
  await page.keyboard.type(" Et combien ?");
  await panel(page).getByRole("button", { name: "Garder" }).click();
  await focused(page, "modifier-point-0");
  await panel(page).getByRole("button", { name: /^Retirer\s*: Délégué/ }).click();
  await panel(page).getByRole("heading", { name: "2 points signalés" }).waitFor();
  await focused(page, "points-signales");
  await panel(page).locator(".dp-mail dd", { hasText: /Points à reprendre[^]*Destinataires des données[^]*Pourquoi les enfants/ }).waitFor();
  await isFine(page, "points-panel");
  await panel(page).getByRole("button", { name: "Envoyer au demandeur" }).click();
  await page.getByText("Des modifications ont été demandées.").waitFor();
  await focused(page, "fait");
  assert.deepEqual(page.problems, []);
});

test("the applicant works the points off, and the instructor sees what became of each", async () => {
  const page = await visitor(APPLICANT);
  await page.goto(`/demandes/${REVIEWED}`);
  await list(page).getByText("0 point sur 2 traité").waitFor();
  await isFine(page, "fix-list-read");
  await list(page).getByRole("link", { name: "Destinataires des données" }).click();
  await page.waitForURL(/\/modifier/);
  await focused(page, "champ-data_recipients");
  await page.locator("#champ-data_recipients-messages").getByText(/À reprendre\s: .*Et combien/).waitFor();
  await isFine(page, "fix-list-form");

  // Nothing done yet: the form asks once whether to send it all the same.
  await submit(page);
  const question = page.getByRole("dialog", { name: /Soumettre la demande ainsi/ });
  await question.getByText(/2 points signalés/).waitFor();
  await isFine(page, "confirm");
  await question.getByRole("button", { name: "Annuler" }).click();

  await list(page).getByRole("link", { name: /^Données demandées\s: / }).click();
  await page.waitForFunction(() => document.activeElement.id.startsWith("champ-scopes-"));
  await page.getByLabel(/^Destinataires des données/).fill("Le service enfance : 12 agents.");
  await list(page).getByText("1 point sur 2 traité").waitFor();
  await saved(page);
  await list(page).getByLabel(/^Votre réponse sur «\sDonnées demandées/).fill("Le tarif dépend de leur nombre <i>.");
  await list(page).getByText("Réponse enregistrée").waitFor();
  await list(page).getByText("2 points sur 2 traités").waitFor();
  await page.reload();
  await list(page).getByText("2 points sur 2 traités").waitFor();
  assert.equal(await list(page).getByLabel(/^Votre réponse sur «\sDonnées demandées/).inputValue(), "Le tarif dépend de leur nombre <i>.");
  await submit(page);
  await page.getByText(/est soumise/).waitFor();

  const instructor = await visitor(INSTRUCTOR);
  await instructor.goto(`/demandes/${REVIEWED}`);
  const outcomes = instructor.getByRole("region", { name: "Points demandés, et leurs suites" });
  await outcomes.getByText("2 points sur 2 traités").waitFor();
  await outcomes.getByText("Le tarif dépend de leur nombre <i>.").waitFor();
  await outcomes.getByText("Ce qui a changé").waitFor();
  await outcomes.getByRole("link", { name: "Destinataires des données" }).click();
  await focused(instructor, "champ-data_recipients");
  await isFine(instructor, "outcomes");
  await instructor.locator(".dp-history").getByText("Voir les 2 points").click();
  await instructor.locator(".dp-history").getByText("Le tarif dépend de leur nombre <i>.").waitFor();
  for (const one of [page, instructor]) assert.deepEqual(one.problems, []);
});

test("an answer survives a lost network", async () => {
  const page = await visitor(APPLICANT);
  await page.goto(`/demandes/${SENT_BACK}/modifier`);
  const answer = list(page).getByLabel(/^Votre réponse sur «\sDestinataires/);
  await answer.waitFor();
  await page.context().setOffline(true);
  await answer.fill("Ce texte ne doit pas se perdre.");
  await list(page).getByText(/Réponse non enregistrée/).waitFor();
  await page.context().setOffline(false);
  await page.reload();
  await list(page).getByText("Réponse enregistrée").waitFor();
  await list(page).getByLabel(/^C’est fait\s*: Données demandées/).check({ force: true });
  await list(page).getByText("2 points sur 2 traités").waitFor();
  const { points } = await (await page.request.get(`/api/enrollments/${SENT_BACK}`)).json();
  assert.equal(points[0].answer, "Ce texte ne doit pas se perdre.");
  assert.equal(points[1].answer, "");
  assert.notEqual(points[1].answered_at, null);
});

async function strike(page, reason) {
  await page.goto(`/demandes/${PARTIAL}`);
  await page.getByRole("button", { name: "Valider", exact: true }).click();
  const boxes = panel(page).getByRole("button", { name: "Retirer des données de l’accord" });
  await boxes.focus();
  await page.keyboard.press("Enter");
  const confirm = panel(page).getByRole("button", { name: "Proposer un accord partiel" });
  assert.equal(await confirm.count(), 0);
  for (const box of await panel(page).getByRole("checkbox").all()) await box.uncheck({ force: true });
  await panel(page).getByText(/Gardez au moins une donnée/).waitFor();
  await panel(page).getByRole("checkbox").first().check({ force: true });
  await panel(page).getByLabel(/Raison du retrait/).fill(reason);
  await panel(page).locator(".dp-mail dd", { hasText: /ne seraient pas accordées/ }).waitFor();
  await isFine(page, "strike");
  await confirm.click();
  await page.getByText(/L’accord partiel est proposé/).waitFor();
}

test("a part is offered, declined, offered again and accepted", async () => {
  const instructor = await visitor(INSTRUCTOR);
  const applicant = await visitor(APPLICANT);
  await strike(instructor, "Cette donnée n’est pas nécessaire.");

  await applicant.goto("/");
  await applicant.getByRole("link", { name: /Répondre à l’accord partiel/ }).first().click();
  await offer(applicant).getByText("Cette donnée n’est pas nécessaire.").waitFor();
  await isFine(applicant, "offer");
  await offer(applicant).getByRole("button", { name: "Décliner…" }).focus();
  await applicant.keyboard.press("Enter");
  await focused(applicant, "accord-refus");
  await applicant.keyboard.type("Elle sert au calcul.");
  await offer(applicant).getByRole("button", { name: "Décliner l’accord partiel" }).click();
  await applicant.getByText(/Vous avez décliné l’accord partiel/).waitFor();
  await focused(applicant, "fait");

  await instructor.goto(`/demandes/${PARTIAL}`);
  await instructor.getByText("L’accord partiel proposé a été décliné.").waitFor();
  await instructor.getByText("Elle sert au calcul.").first().waitFor();
  await isFine(instructor, "declined");
  await strike(instructor, "Elle reste inutile.");

  await applicant.goto(`/demandes/${PARTIAL}/modifier`);
  await applicant.getByText("Cette demande ne peut pas être modifiée").waitFor();
  await applicant.goto(`/demandes/${PARTIAL}`);
  await offer(applicant).getByRole("button", { name: "Accepter l’accord partiel…" }).click();
  const question = applicant.getByRole("dialog", { name: "Accepter cet accord partiel ?" });
  await question.getByText("Ce que vous obtenez (1)").waitFor();
  await question.getByText(/^Ce que vous n’obtenez pas \(\d+\)$/).waitFor();
  await isFine(applicant, "accept");
  await question.getByRole("button", { name: "Annuler" }).click();
  assert.equal((await (await applicant.request.get(`/api/enrollments/${PARTIAL}`)).json()).status, "changes_requested");
  await offer(applicant).getByRole("button", { name: "Accepter l’accord partiel…" }).focus();
  await applicant.keyboard.press("Enter");
  await question.getByRole("button", { name: "Accepter l’accord partiel" }).click();
  await applicant.getByText(/Vous avez accepté l’accord partiel/).waitFor();
  await isFine(applicant, "accepted");
  const { status, scopes, authorisations } = await (await applicant.request.get(`/api/enrollments/${PARTIAL}`)).json();
  assert.deepEqual([status, scopes.length, authorisations.length], ["validated", 1, 1]);
  for (const page of [applicant, instructor]) assert.deepEqual(page.problems, []);
});

test("on a phone nothing overflows and nothing is out of reach", async () => {
  const applicant = await visitor(APPLICANT, PHONE);
  for (const [name, path] of [["read", `/demandes/${SENT_BACK}`], ["form", `/demandes/${SENT_BACK}/modifier`]]) {
    await applicant.goto(path);
    await list(applicant).waitFor();
    await isFine(applicant, `phone-${name}`);
  }
  const instructor = await visitor(INSTRUCTOR, PHONE);
  await instructor.goto(`/demandes/${REVIEWED}`);
  await begin(instructor, "Données demandées");
  await instructor.getByLabel("Ce qui est à reprendre").fill("x".repeat(200));
  await isFine(instructor, "phone-review");
  await instructor.getByRole("button", { name: "Ajouter le point" }).click();
  await instructor.getByRole("button", { name: /^Demander des modifications/ }).click();
  await isFine(instructor, "phone-points");
  await panel(instructor).getByRole("button", { name: "Annuler" }).click();
  await instructor.getByRole("button", { name: "Valider", exact: true }).click();
  await panel(instructor).getByRole("button", { name: "Retirer des données de l’accord" }).click();
  await isFine(instructor, "phone-strike");
  // The mail is folded there, open on a wide screen.
  const mail = panel(instructor).locator(".dp-mail").first();
  assert.equal(await mail.isVisible(), false);
  await panel(instructor).locator(".dp-preview > summary").focus();
  await instructor.keyboard.press("Enter");
  await mail.waitFor();
  await isFine(instructor, "phone-mail");
});

test("dark and on paper, the points are read too", async () => {
  const page = await visitor(APPLICANT, { dark: true });
  await page.goto(`/demandes/${SENT_BACK}`);
  await list(page).waitFor();
  await isFine(page, "dark");
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  assert.equal(await list(page).isVisible(), true);
  await shot(page, "decisions-print");
});
