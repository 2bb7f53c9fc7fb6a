/** What an instructor corrects and finds again, what is handed over as it was, and what colleagues know of it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fits, openBrowser, signIn } from "../support/browser.mjs";
import { submit } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const COLLEAGUE = "api-entreprise@yopmail.com"; // of the same organisation, and of no role in these APIs
const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const DINUM = "13002526500013";

/** What Aidants Connect asks for. */
const AIDANTS = {
  target_api: "aidants_connect",
  siret: DINUM,
  intitule: "Habilitation Aidants Connect",
  description: "Acueillir le public.",
  cgu_approved: true,
  team_members: [
    {
      type: "responsable_metier",
      given_name: "Camille",
      family_name: "Exemple",
      email: "camille@exemple.fr",
      phone_number: "06 12 34 56 78",
      job: "Directrice",
    },
  ],
  additional_content: {
    type_projet: "mediatheque",
    organization_address: "1 rue du Livre",
    organization_postal_code: "92140",
    organization_city: "Clamart",
    has_professional_contact_only: true,
    has_non_elected_contact_only: true,
  },
};

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  const administrator = await person(ADMINISTRATOR);
  const role = { email: INSTRUCTOR, role: "aidants_connect:instructor", granted: true, reason: "Essai." };
  await ok(await administrator.request.post("/api/users/roles", { data: role }));
});

async function person(email) {
  const page = await browser.newPage();
  await signIn(page, email);
  return page;
}

async function ok(answer) {
  assert.ok(answer.ok(), await answer.text());
  return answer.json();
}

test("an instructor of Aidants Connect corrects a submitted request, with a reason", async () => {
  const applicant = await person(APPLICANT);
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data: AIDANTS }));
  await ok(await applicant.request.patch(`/api/enrollments/${id}/change_state`, { data: { event: "submit" } }));

  const page = await person(INSTRUCTOR);
  await page.goto(`/demandes/${id}`);
  await page.getByRole("link", { name: "Corriger la demande" }).click();
  await page.getByRole("heading", { level: 1, name: /Corriger la demande/ }).waitFor();
  await fits(page, "correction");
  // The applicant's organisation and files are not the instructor's to change.
  assert.equal(await page.getByRole("heading", { name: "Organisation" }).count(), 0);
  assert.equal(await page.getByRole("button", { name: /C’est moi/ }).count(), 0);
  const description = page.locator("#champ-description");
  const send = page.getByRole("button", { name: "Enregistrer la correction" });
  await description.fill("");
  await send.click();
  await page.waitForFunction(() => document.activeElement?.id === "resume-erreurs");
  await description.fill("Accueillir le public.");
  await send.click();
  await page.waitForFunction(() => document.activeElement?.id === "correction-raison");
  await page.getByText("Dites pourquoi vous corrigez la demande.").waitFor();
  // Nothing was saved before.
  assert.equal((await ok(await page.request.get(`/api/enrollments/${id}`))).description, AIDANTS.description);
  await page.getByLabel(/^Raison/).fill("Faute de frappe.");
  await send.click();
  await page.getByText("La demande est corrigée.").waitFor();
  await page.getByText("a corrigé la demande").waitFor();
  await page.getByText("Accueillir le public.").first().waitFor();
  assert.deepEqual(page.problems, []);
});

test("an instructor finds archived requests by a filter", async () => {
  const page = await person(INSTRUCTOR);
  await page.goto("/instruction?status=archived");
  await page.getByRole("link", { name: "Essai abandonné" }).click();
  await page.getByText("Cette demande est archivée").first().waitFor();
  await fits(page, "archived-instructor");
  assert.deepEqual(page.problems, []);
});

test("an unchanged resubmission asks for confirmation, and the history says so", async () => {
  const applicant = await person(APPLICANT);
  const data = { ...AIDANTS, description: "Accueillir le public." };
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data }));
  const step = (page, data) => page.request.patch(`/api/enrollments/${id}/change_state`, { data });
  await ok(await step(applicant, { event: "submit" }));
  const instructor = await person(INSTRUCTOR);
  const points = [{ field: "description", comment: "Auprès de quel public\u00a0?" }];
  await ok(await step(instructor, { event: "request_changes", points }));

  await applicant.goto(`/demandes/${id}/modifier`);
  await submit(applicant);
  const dialog = applicant.getByRole("dialog", { name: /Soumettre la demande ainsi/ });
  await dialog.getByText(/Vous n’avez rien changé/).waitFor();
  await dialog.getByText(/1 point signalé par l’instruction/).waitFor();
  await fits(applicant, "resubmission-unchanged");
  await dialog.getByRole("button", { name: "Soumettre quand même" }).click();
  await applicant.getByText(/est soumise/).first().waitFor();
  await applicant.getByText("a soumis la demande, sans changement").waitFor();

  await instructor.goto("/instruction");
  await instructor.getByText("1 point non traité").waitFor();
  await fits(instructor, "queue-unanswered");
  assert.deepEqual([...applicant.problems, ...instructor.problems], []);
});

test("colleagues see what their organisation has, before they file twice", async () => {
  const page = await person(COLLEAGUE);
  await page.goto("/mes-demandes");
  await page.getByRole("link", { name: /^Toutes les demandes de l’organisation/ }).first().click();
  await page.getByRole("heading", { level: 1, name: "Demandes de l’organisation" }).waitFor();
  await page.getByRole("cell", { name: "Camille Exemple" }).first().waitFor();
  assert.equal(await page.getByText(AIDANTS.intitule).count(), 0, "nothing of the content");
  await fits(page, "colleagues");
  await page.goto("/nouvelle-demande/aidants_connect");
  await page.getByText("Votre organisation a déjà une demande pour cette API").waitFor();
  await fits(page, "colleagues-start");
  await page.getByRole("link", { name: /^Demander le transfert/ }).first().click();
  await page.getByRole("heading", { level: 1, name: /Transfert de la demande/ }).waitFor();
  assert.deepEqual(page.problems, []);
});
