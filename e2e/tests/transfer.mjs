/** A request passes to a colleague: offered and accepted, asked for, moved by an administrator. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, settled, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const COLLEAGUE = "api-entreprise@yopmail.com"; // of the same organisation, and of no role in this API
const ADMINISTRATOR = "datapass@yopmail.com";
const DINUM = "13002526500013";

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

async function draft(page, intitule) {
  const made = await page.request.post("/api/enrollments", { data: { target_api: "api_particulier", siret: DINUM, intitule } });
  assert.equal(made.status(), 201, await made.text());
  return (await made.json()).id;
}

test("an applicant hands a request over, the colleague accepts, and the former applicant no longer reads it", async () => {
  const applicant = await person(APPLICANT);
  const id = await draft(applicant, "Cantine à transmettre");
  await applicant.goto(`/demandes/${id}`);
  const panel = applicant.getByRole("region", { name: "Transfert" });
  await panel.waitFor();
  await fits(applicant, "transfer-panel");
  // By keyboard: the dialog says what will happen, and what is wrong at its field.
  await panel.getByRole("button", { name: "Transmettre à un collègue" }).focus();
  await applicant.keyboard.press("Enter");
  const dialog = applicant.getByRole("dialog", { name: "Transmettre la demande à un collègue" });
  await dialog.getByText(/il est le demandeur à votre place/).waitFor();
  await fits(applicant, "transfer-dialog");
  const send = dialog.getByRole("button", { name: "Transmettre à un collègue" });
  await send.click();
  await dialog.locator("#transfert-proposer-adresse-error").waitFor();
  await applicant.waitForFunction(() => document.activeElement?.id === "transfert-proposer-adresse");
  await dialog.getByLabel(/^Adresse électronique/).fill(APPLICANT);
  await send.click();
  await dialog.getByText("Cette adresse est la vôtre.").first().waitFor();
  assert.deepEqual(await axe(applicant), []);
  await dialog.getByLabel(/^Adresse électronique/).fill(COLLEAGUE);
  await dialog.getByLabel(/^Raison/).fill("Je change de <b>poste</b>.");
  await send.click();
  await panel.getByText(/Camille Exemple a proposé le .* à api-entreprise@yopmail.com/).waitFor();
  await panel.getByText("Je change de <b>poste</b>.").waitFor();
  await fits(applicant, "transfer-waiting");

  // The mail leads the colleague to the page.
  const mails = await (await applicant.request.get("/api/mailbox")).json();
  const mail = mails.items.find((mail) => mail.to === COLLEAGUE && mail.subject.includes("Transfert"));
  assert.ok(mail.body.includes(`${server.url}/demandes/${id}/transfert`), mail.body);

  const colleague = await person(COLLEAGUE);
  await colleague.goto(`/demandes/${id}`);
  await settled(colleague);
  assert.equal(await colleague.getByText("Cantine à transmettre").count(), 0);
  colleague.problems.length = 0; // the refusal, repeated by the console
  // Their own list says that it waits for them, and leads there.
  await colleague.goto("/mes-demandes");
  await colleague.getByRole("heading", { name: "À faire (1)" }).waitFor();
  const offered = colleague.getByRole("listitem").filter({ hasText: "Cantine à transmettre" });
  await offered.getByText("Camille Exemple vous propose de reprendre cette demande.").waitFor();
  await fits(colleague, "home-transfer");
  await offered.getByRole("link", { name: /^Répondre/ }).click();
  await colleague.waitForURL(new RegExp(`/demandes/${id}/transfert$`));
  await colleague.getByRole("heading", { level: 1, name: /Transfert de la demande/ }).waitFor();
  await colleague.getByText("« Cantine à transmettre »").waitFor();
  assert.equal(await colleague.getByRole("link", { name: /Aller à la demande/ }).count(), 0); // not theirs yet
  await fits(colleague, "transfer-page");
  await colleague.getByRole("button", { name: "Accepter" }).click();
  const accept = colleague.getByRole("dialog", { name: "Accepter le transfert" });
  await accept.getByText(/change aussitôt de demandeur/).waitFor();
  assert.deepEqual(await axe(colleague), []);
  await accept.getByRole("button", { name: "Accepter" }).click();
  await colleague.waitForURL(new RegExp(`/demandes/${id}$`));
  await colleague.getByText("Le transfert est accepté").waitFor();
  await colleague.getByText("a fait passer la demande à un autre demandeur").waitFor();
  await fits(colleague, "transfer-accepted");
  assert.deepEqual(colleague.problems, []);

  assert.equal((await applicant.request.get(`/api/enrollments/${id}`)).status(), 404);
  await applicant.goto(`/demandes/${id}`);
  await settled(applicant);
  assert.equal(await applicant.getByText("Cantine à transmettre").count(), 0);
});

test("a colleague asks by the number without reading the request, and the applicant accepts", async () => {
  const applicant = await person(APPLICANT);
  const id = await draft(applicant, "Crèche secrète");
  const colleague = await person(COLLEAGUE);
  await colleague.goto(`/demandes/${id}/transfert`);
  await colleague.getByRole("button", { name: "Demander le transfert" }).waitFor();
  assert.equal(await colleague.getByText("Crèche secrète").count(), 0);
  await fits(colleague, "transfer-ask");
  await colleague.getByRole("button", { name: "Demander le transfert" }).click();
  const dialog = colleague.getByRole("dialog", { name: "Demander le transfert de la demande" });
  await dialog.getByRole("button", { name: "Demander le transfert" }).click();
  await dialog.locator("#transfert-demander-raison-error").waitFor();
  await dialog.getByLabel(/^Raison/).fill("Camille est en congé.");
  await dialog.getByRole("button", { name: "Demander le transfert" }).click();
  await colleague.getByText(/a demandé le .* à reprendre la demande de Camille Exemple/).waitFor();
  await fits(colleague, "transfer-asked");

  await applicant.goto("/mes-demandes");
  const asked = applicant.getByRole("listitem").filter({ hasText: "Transfert demandé" });
  await asked.getByText(/demande à reprendre cette demande. Répondez d’ici au/).waitFor();
  await applicant.goto(`/demandes/${id}`);
  const panel = applicant.getByRole("region", { name: "Transfert" });
  await panel.getByText("Camille est en congé.").waitFor();
  await panel.getByRole("button", { name: "Accepter" }).click();
  await applicant.getByRole("dialog").getByRole("button", { name: "Accepter" }).click();
  await applicant.waitForURL(/\/mes-demandes$/);
  await applicant.getByText("Le transfert est accepté").waitFor();
  assert.equal(await applicant.getByText("Crèche secrète").count(), 0);
  await colleague.goto(`/demandes/${id}`);
  await colleague.getByRole("heading", { level: 1 }).filter({ hasText: "Crèche secrète" }).waitFor();
});

test("an administrator moves a request at once, with a reason", async () => {
  const applicant = await person(APPLICANT);
  const id = await draft(applicant, "Transport scolaire");
  const administrator = await person(ADMINISTRATOR);
  await administrator.goto(`/demandes/${id}`);
  await administrator.getByRole("button", { name: "Transférer la demande" }).click();
  const dialog = administrator.getByRole("dialog", { name: "Transférer la demande à un autre demandeur" });
  await dialog.getByLabel(/^Adresse électronique/).fill("inconnue@exemple.fr");
  await dialog.getByLabel(/^Raison/).fill("Départ à la retraite.");
  const send = dialog.getByRole("button", { name: "Transférer la demande" });
  await send.click();
  await dialog.getByText(/Personne ne s’est encore connecté avec cette adresse/).first().waitFor();
  await fits(administrator, "transfer-move");
  await dialog.getByLabel(/^Adresse électronique/).fill(COLLEAGUE);
  await send.click();
  await administrator.getByText("La demande est transférée.").waitFor();
  await administrator.getByText("Départ à la retraite.").first().waitFor();
  await fits(administrator, "transfer-moved");
});
