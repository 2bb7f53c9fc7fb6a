/** Rules as those who write a request meet them: help, remarks, several files, what is granted once, consents to a text. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { change, fill, saved, submit } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const POLICY = readFileSync(fileURLToPath(new URL("../../shared/policies/api_particulier.toml", import.meta.url)), "utf8");
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
const CLAMART = "21920023500014";

/** API Particulier, with up to three files of the legal basis, and a mobile telephone. */
const several = POLICY.replace('type = "LegalBasis"\n', 'type = "LegalBasis"\nmax_files = 3\n')
  .replace('type = "responsable_technique"\n', 'type = "responsable_technique"\nmobile_phone = true\n');
const put = (text) => writeFileSync(join(policies, "api_particulier.toml"), text);

let policies, server, browser, page, instructor, administrator;
before(async () => {
  policies = mkdtempSync(join(tmpdir(), "datapass-policies-"));
  put(several);
  server = await startServer({ env: { POLICIES_DIR: policies } });
  browser = await openBrowser(server.url);
  [page, instructor, administrator] = await Promise.all(["user", "api-particulier", "datapass"].map(async (name) => {
    const page = await browser.newPage();
    await signIn(page, `${name}@yopmail.com`);
    return page;
  }));
});
after(() => {
  rmSync(policies, { recursive: true, force: true });
  assert.deepEqual(page.problems, []);
});

async function reload() {
  assert.equal((await administrator.request.post("/api/policies/reload")).status(), 200);
}

const call = async (who, method, path, data) => {
  const answer = await who.request[method](path, { data, headers: { Origin: server.url } });
  assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
  return answer.json();
};

/** Starts a request and opens its form. Returns its number. */
async function open(target_api, draft = {}) {
  const { id } = await call(page, "post", "/api/enrollments", { target_api, siret: CLAMART, ...draft });
  await page.goto(`/demandes/${id}/modifier`);
  await page.getByRole("heading", { level: 1, name: /Demande n°/ }).waitFor();
  return id;
}

const step = (who, id, event, comment = "Conforme.") => call(who, "patch", `/api/enrollments/${id}/change_state`, { event, comment });
const kept = (id) => call(page, "get", `/api/enrollments/${id}`);
const box = (name) => page.getByRole("checkbox", { name });

test("what a piece of data contains is said below it, to who asks and to who instructs", async () => {
  await open("api_particulier", { demarche: "nfi-grc", scopes: ["cnaf_enfants"] });
  await settled(page);
  const help = "Pour chaque enfant : nom, prénoms, date de naissance, sexe.";
  await page.getByText(help).waitFor();
  await box(/^Identités enfants/).and(box(new RegExp(help))).waitFor({ state: "attached" }); // it is read with the label
  await page.getByText("Citez la délibération de la commune et joignez-la au format PDF.").waitFor();
  const folded = page.locator(".dp-part .fr-accordion__btn[aria-expanded=false]");
  while ((await folded.count()) > 0) await folded.first().click();
  await shot(page, "rules-help");
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "rules-help-phone");
  await page.setViewportSize({ width: 1280, height: 900 });

  await instructor.goto("/demandes/2");
  const line = instructor.locator(".dp-scopes li").filter({ hasText: "cnaf_quotient_familial" });
  await line.getByText("Le quotient familial que calcule la CAF ou la MSA").waitFor();
  await shot(instructor, "rules-help-instructor");
  assert.deepEqual(await axe(instructor), []);
});

test("a number is asked for in digits, and a mobile one by a remark", async () => {
  const id = await open("api_particulier");
  const months = page.getByLabel(/^Durée de conservation/);
  await months.fill("abc");
  const inDigits = page.getByText("Indiquez la durée en chiffres, en nombre entier de mois : par exemple 12.");
  await inDigits.waitFor();
  await months.fill("12");
  await inDigits.waitFor({ state: "detached" });
  await months.press("End");
  await months.pressSequentially("x");
  await inDigits.waitFor();
  assert.equal(await months.inputValue(), "12x", "what was typed stays, to be put right");
  await months.fill("0");
  await months.blur();
  await page.getByText("Indiquez une durée d’au moins un mois.").waitFor();
  await months.fill("12");
  const technician = page.getByRole("group", { name: "Responsable technique" });
  const number = technician.getByLabel(/^Numéro de téléphone/);
  const remark = technician.getByText("Ce numéro ne semble pas être celui d’un mobile.");
  for (const [text, isRemarked] of [["01 23 45 67 89", true], ["3646", true], ["+33 (0)6 12 34 56 78", false], ["+352 621 123 456", false]]) {
    await number.fill(text);
    await number.blur();
    await remark.waitFor({ state: isRemarked ? "visible" : "detached" });
    assert.equal(await number.getAttribute("aria-invalid"), null, text);
  }
  await saved(page);
  assert.equal((await kept(id)).data_retention_period, 12);
});

test("several files of one type are joined at once, listed and removed one by one", async () => {
  const id = await open("api_particulier");
  const input = page.getByLabel(/^Document du cadre juridique/);
  const file = (name) => ({ name, mimeType: "application/pdf", buffer: Buffer.concat([PDF, Buffer.from(`% ${name}\n%%EOF\n`)]) });
  await input.setInputFiles([file("deliberation.pdf"), file("reglement.pdf")]);
  await page.getByText("« reglement.pdf » est joint à la demande.").waitFor();
  const list = page.getByRole("list", { name: "Fichiers joints" });
  assert.equal(await list.getByRole("listitem").count(), 2);
  await input.setInputFiles([file("a.pdf"), file("b.pdf")]);
  await page.getByText("Joignez au plus 3 fichiers").waitFor();
  await input.setInputFiles(file("convention.pdf"));
  await page.getByText("« convention.pdf » est joint à la demande.").waitFor();
  const frame = page.locator(".dp-file", { has: input });
  await frame.scrollIntoViewIfNeeded();
  await shot(page, "rules-files");
  assert.deepEqual(await axe(page, { include: ".dp-file" }), []);
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "rules-files-phone");
  await page.setViewportSize({ width: 1280, height: 900 });

  const download = page.waitForEvent("download");
  await list.getByRole("link", { name: "reglement.pdf" }).click();
  assert.equal((await download).suggestedFilename(), "reglement.pdf");
  await page.getByRole("button", { name: "Retirer le fichier deliberation.pdf" }).click();
  await page.getByRole("dialog").getByText("« deliberation.pdf »").waitFor();
  await page.getByRole("button", { name: "Retirer le fichier", exact: true }).click();
  await page.getByText("Le fichier est retiré de la demande.").waitFor();
  assert.deepEqual((await kept(id)).documents.map(({ filename }) => filename), ["reglement.pdf", "convention.pdf"]);

  await page.goto(`/demandes/${id}`);
  for (const name of ["reglement.pdf", "convention.pdf"]) await page.getByRole("link", { name: `Télécharger ${name}` }).waitFor();
  await shot(page, "rules-files-read");
});

test("what the organisation has been granted is shown as such, and cannot be asked for again", async () => {
  await call(administrator, "post", "/api/users/roles",
    { email: "datapass@yopmail.com", role: "hubee_portail_dila:instructor", granted: true, reason: "Essai" });
  const person = { type: "responsable_metier", given_name: "Claude", family_name: "Modèle", email: "claude.modele@exemple.fr", phone_number: "01 23 45 67 89", job: "Direction" };
  const draft = { cgu_approved: true, dpo_is_informed: true, team_members: [person] };
  const first = await open("hubee_portail_dila", { ...draft, scopes: ["EtatCivil"] });
  const second = await open("hubee_portail_dila", { ...draft, scopes: ["EtatCivil", "recensementCitoyen"] });
  await step(page, first, "submit");
  const granted = await step(administrator, first, "validate");
  const number = granted.authorisations[0].id;

  await page.reload();
  const known = page.locator(".fr-fieldset__element").filter({ hasText: "AEC - Acte" });
  await known.getByText(`Déjà accordé à votre organisation (demande n° ${first}).`).waitFor();
  await known.getByRole("link", { name: new RegExp(`Habilitation H${number}`) }).waitFor();
  await submit(page);
  await page.getByText("est déjà accordé à cette organisation").first().waitFor();
  await shot(page, "rules-granted");
  assert.deepEqual(await axe(page), []);
  await change(page, "Démarches en ligne");
  await box(/^AEC - Acte/).uncheck({ force: true });
  await box(/^AEC - Acte/).click({ force: true });
  assert.equal(await box(/^AEC - Acte/).isChecked(), false, "it can only be given up");
  await page.getByRole("button", { name: /^Tout cocher/ }).click();
  assert.equal(await box(/^AEC - Acte/).isChecked(), false);
  await page.getByRole("button", { name: /^Tout décocher/ }).click();
  await box(/^RCO - /).check({ force: true });
  await saved(page);
  await submit(page);
  await page.waitForURL(/\/demandes\/\d+$/);
  assert.deepEqual((await kept(second)).scopes, ["recensementCitoyen"]);
});

test("a consent is given again when its text changes, whether the form is open or not", async () => {
  const terms = (number) => several.replace("https://particulier.api.gouv.fr/cgu", `https://particulier.api.gouv.fr/cgu-${number}`);
  const id = await open("api_particulier");
  await fill(page, "Cantine");
  await saved(page);
  const consent = box(/conditions générales/);
  put(terms(2));
  await reload();
  await submit(page);
  const notice = page.locator(".fr-alert").filter({ hasText: "Le formulaire a changé" });
  await notice.getByText("À lire et à accepter de nouveau, car le texte a changé :").waitFor();
  assert.equal(page.problems.splice(0).filter((problem) => !problem.includes("422")).length, 0, "the server has said no");
  await shot(page, "rules-consent");
  assert.deepEqual(await axe(page), []);
  assert.equal(await consent.isChecked(), false);
  await page.locator(".dp-answer").filter({ hasText: "Nom du projet" }).getByText("Cantine").waitFor();
  await consent.check({ force: true });
  await saved(page);
  await submit(page);
  await page.waitForURL(/\/demandes\/\d+$/);
  await step(instructor, id, "validate");

  put(terms(3));
  await reload();
  await page.goto(`/demandes/${id}`);
  await page.getByRole("button", { name: "Mettre à jour l’habilitation", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Mettre à jour l’habilitation", exact: true }).click();
  await page.waitForURL(/\/modifier$/);
  await page.getByText("À lire et à accepter de nouveau, car le texte a changé : Conditions générales d’utilisation.").waitFor();
  assert.equal(await consent.isChecked(), false);
  await shot(page, "rules-consent-update");
});
