/** The main job, by people in a browser: file, ask for changes, answer, validate, read the mails, see it published. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser, shot, signInByHand } from "../support/browser.mjs";
import { fill, saved, start, submit } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

test("a request is filed, sent back, answered, validated, mailed and published", async () => {
  const server = await startServer();
  const browser = await openBrowser(server.url);
  const applicant = await browser.newPage();
  const instructor = await browser.newPage();

  // The applicant submits too early, is led to what is missing, then files.
  await signInByHand(applicant, "user@yopmail.com");
  const id = await start(applicant);
  await submit(applicant);
  const summary = applicant.getByRole("alert").filter({ hasText: /Donnez un nom à votre projet/ });
  await summary.waitFor();
  await shot(applicant, "story-1-summary");
  await summary.getByRole("link", { name: /Nom du projet/ }).click();
  assert.equal(await applicant.evaluate(() => document.activeElement.labels[0].textContent.includes("Nom du projet")), true);
  await fill(applicant, "Cantine des écoles");
  await saved(applicant);
  await submit(applicant);
  await applicant.waitForURL(new RegExp(`/demandes/${id}$`));
  await applicant.getByText(/est soumise/).first().waitFor();
  await shot(applicant, "story-2-submitted");

  // The instructor finds it in the list and asks for changes, having seen the mail.
  await signInByHand(instructor, "api-particulier@yopmail.com");
  await instructor.goto("/instruction");
  await instructor.getByRole("link", { name: new RegExp(`Cantine des écoles|${id}`) }).first().click();
  await instructor.getByRole("heading", { level: 1, name: "Cantine des écoles" }).waitFor();
  await instructor.getByRole("button", { name: "Demander des modifications" }).click();
  const panel = instructor.getByRole("region", { name: "Décision" });
  await panel.getByRole("button", { name: "Envoyer au demandeur" }).click();
  await panel.getByText(/Écrivez un message/).waitFor();
  await panel.getByLabel(/Message au demandeur/).fill("Précisez les destinataires, service par service.");
  await panel.getByText(/vous demande de la modifier/).waitFor();
  await shot(instructor, "story-3-decision");
  await panel.getByRole("button", { name: "Envoyer au demandeur" }).click();
  await instructor.getByText(/Des modifications ont été demandées/).first().waitFor();

  // The applicant reads why, answers and submits again.
  await applicant.goto("/");
  const card = applicant.getByRole("listitem").filter({ hasText: "Cantine des écoles" });
  await card.getByRole("link").first().click();
  await applicant.getByText("Précisez les destinataires, service par service.").first().waitFor();
  if (!applicant.url().endsWith("/modifier")) await applicant.getByRole("link", { name: /Modifier ma demande/ }).first().click();
  await applicant.getByLabel(/^Destinataires des données/).fill("Agents du service enfance et de la régie");
  await saved(applicant);
  await submit(applicant);
  await applicant.waitForURL(new RegExp(`/demandes/${id}$`));

  // The instructor sees what changed, and validates.
  await instructor.goto(`/demandes/${id}`);
  await instructor.getByText(/1 champ modifié/).first().waitFor();
  assert.match(await instructor.locator("ins").first().innerText(), /de la régie/);
  await shot(instructor, "story-4-changes");
  await instructor.getByRole("button", { name: "Valider", exact: true }).click();
  await panel.getByLabel(/Message au demandeur/).fill("Tout est conforme.");
  await panel.getByRole("button", { name: "Valider la demande" }).click();
  await instructor.getByText(/La demande est validée/).first().waitFor();

  // The mails can be read, once they are delivered.
  const delivered = async () => (await (await applicant.request.get("/api/mailbox?limit=100")).json()).items;
  const end = Date.now() + 30_000;
  while (!(await delivered()).some((mail) => mail.to.startsWith("contact1@"))) {
    assert.ok(Date.now() < end, "the last mail is not delivered");
    await new Promise((tried) => setTimeout(tried, 100));
  }
  await applicant.goto("/mailbox");
  for (const recipient of ["contact0@commune-exemple.fr", "contact1@commune-exemple.fr"]) {
    await applicant.getByText(recipient).first().waitFor();
  }
  const mailbox = await (await applicant.request.get("/api/mailbox?limit=100")).json();
  const mails = mailbox.items.filter((mail) => mail.enrollment_id === id).map((mail) => `${mail.to}: ${mail.subject}`).reverse();
  assert.deepEqual(mails, [
    `user@yopmail.com: Votre demande n°\u00a0${id} pour API Particulier est commencée`,
    `user@yopmail.com: Votre demande d’habilitation n°\u00a0${id} est transmise`,
    `api-particulier@yopmail.com: Nouvelle demande d’habilitation n°\u00a0${id} pour API Particulier`,
    `user@yopmail.com: Votre demande d’habilitation n°\u00a0${id} est à modifier`,
    `user@yopmail.com: Votre demande d’habilitation n°\u00a0${id} est transmise`,
    `api-particulier@yopmail.com: Demande d’habilitation n°\u00a0${id} modifiée pour API Particulier`,
    "user@yopmail.com: Votre habilitation à API Particulier est accordée",
    "contact0@commune-exemple.fr: Vous êtes responsable de traitement pour «\u00a0Cantine des écoles\u00a0»",
    "contact1@commune-exemple.fr: Vous êtes délégué à la protection des données pour «\u00a0Cantine des écoles\u00a0»",
    "contact2@commune-exemple.fr: Vous êtes responsable technique pour «\u00a0Cantine des écoles\u00a0»",
  ]);

  // Anybody sees the authorisation.
  const visitor = await browser.newPage();
  await visitor.goto("/public");
  await visitor.getByText("Cantine des écoles").first().waitFor();
  await shot(visitor, "story-5-public");
  for (const page of [applicant, instructor, visitor]) assert.deepEqual(page.problems, []);

  // One signs out, and is out: whoever has no account yet finds where to create one.
  await applicant.goto("/");
  await card.getByRole("link", { name: /Consulter la demande/ }).waitFor();
  await applicant.getByRole("button", { name: "Se déconnecter" }).or(applicant.getByRole("link", { name: "Se déconnecter" })).first().click();
  await applicant.getByRole("link", { name: /Se connecter/ }).first().waitFor();
  assert.equal((await (await applicant.request.get("/api/session")).json()).user, null);
  await applicant.getByRole("link", { name: "Créer un compte" }).click();
  await applicant.getByRole("heading", { level: 1, name: "Créer un compte" }).waitFor();
  await server.stop();
});
