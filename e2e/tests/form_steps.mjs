/** The form step by step: moves, the check of the answers, the display on one page, nothing hidden, use cases, links that fill in. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { PEOPLE, REQUEST, bar, change, check, saved, start } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const CLAMART = "21920023500014";
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

/** A page of the applicant, whose forms go step by step. */
async function applicant(options) {
  const page = await browser.newPage({ steps: true, ...options });
  await signIn(page, APPLICANT);
  return page;
}

/** A request with that content, for the applicant of that page. Returns its number. */
async function made(page, content = {}) {
  const data = { target_api: "api_particulier", siret: CLAMART, ...content };
  const answer = await page.request.post("/api/enrollments", { data });
  assert.equal(answer.status(), 201, await answer.text());
  return (await answer.json()).id;
}

const kept = async (page, id) => (await page.request.get(`/api/enrollments/${id}`)).json();
const step = (page, title) => page.getByRole("heading", { level: 2, name: title });
const focused = (page, id) => page.waitForFunction((id) => document.activeElement?.id === id, id);
const menu = (page) => page.getByRole("navigation", { name: /^Votre demande/ });

/** Waits until that step is shown and its title has the focus. */
async function arrived(page, title, name) {
  await step(page, title).waitFor();
  await focused(page, "etape");
  if (name) assert.equal(new URL(page.url()).searchParams.get("partie"), name);
}

async function next(page, title, name) {
  await page.getByRole("link", { name: `Suivant : ${title}` }).click();
  await arrived(page, title, name);
}

test("a request is filled step by step, checked and submitted", async () => {
  const page = await applicant();
  const id = await start(page);
  await step(page, "Organisation").getByText("Étape 1 sur 8").waitFor();
  await page.getByText("Étape suivante : Équipe technique").waitFor();
  assert.equal(await page.getByLabel(/^Nom du projet/).count(), 0, "one part at a time");
  assert.equal(await page.getByRole("link", { name: /^Précédent/ }).count(), 0);
  assert.equal(await menu(page).getByRole("link").count(), 8, "as many as there are steps");
  await bar(page).getByRole("button", { name: "Suivant : Équipe technique" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Vérifier et soumettre" }).count(), 0, "nothing to check yet");

  // The first field is seen without scrolling; what is to be known beforehand is folded above it.
  const known = page.getByRole("button", { name: "Ce qu’il faut savoir avant de commencer" });
  assert.equal(await known.getAttribute("aria-expanded"), "false");
  await settled(page);
  await page.setViewportSize({ width: 1280, height: 700 });
  await page.evaluate(() => scrollTo(0, 0));
  const field = await page.locator("label").filter({ hasText: "Commune de Clamart" }).boundingBox();
  const room = await page.locator(".dp-savebar").boundingBox();
  assert.ok(field.y + field.height <= room.y, `the first field ends at ${field.y + field.height}, the room at ${room.y}`);
  await fits(page, "steps-1-first");

  await next(page, "Équipe technique", "technical_team");
  assert.match(await page.title(), /^Équipe technique \(étape 2 sur 8\) – Demande n°/);
  await page.getByRole("radio", { name: /propre équipe/ }).check({ force: true });
  await next(page, "Cas d’usage", "demarche");
  await fits(page, "steps-2-use-case");
  await next(page, "Projet", "description");
  await page.getByLabel(/^Nom du projet/).fill("Cantine pas à pas");
  await page.getByLabel(/^Description du projet/).fill("Calculer le tarif de la cantine.");
  await next(page, "Données", "donnees");
  const scope = page.getByRole("checkbox", { name: /Quotient familial CAF & MSA et composition/ });
  if (!(await scope.isVisible())) await page.getByRole("button", { name: /API Quotient familial CAF & MSA/ }).click();
  await scope.check({ force: true });
  assert.equal(await page.getByRole("button", { name: /^Tout cocher/ }).count(), 0, "data is asked for one by one");
  await page.getByLabel(/^À quoi sert\s«\sQuotient familial.*»\s\?/).fill("Calculer le tarif de chaque foyer");
  await page.getByLabel(/^Destinataires des données/).fill("Agents du service enfance");
  await page.getByLabel(/^Durée de conservation/).fill("12");
  await fits(page, "steps-3-data");
  await next(page, "Cadre juridique", "cadre_juridique");
  await page.getByLabel(/^Référence du texte juridique/).fill("Article L114-8 du CRPA");
  await page.getByText(/ou le texte joint au format PDF\s: l’un des deux suffit/).waitFor();
  await page.getByLabel(/^Adresse du texte juridique/).fill("www.legifrance.gouv.fr/codes/article_lc/X");
  await next(page, "Personnes impliquées", "equipe");
  await bar(page).getByRole("button", { name: "Vérifier et soumettre" }).waitFor(); // from the last step
  for (const person of PEOPLE) {
    const group = page.getByRole("group", { name: person });
    await group.getByLabel(/^Prénom/).fill("Claude");
    await group.getByLabel(/^Nom/).fill("Modèle");
    await group.getByLabel(/^Adresse électronique/).fill("contact@commune-exemple.fr");
    await group.getByLabel(/^Numéro de téléphone/).fill("01 23 45 67 89");
    await group.getByLabel(/^Fonction/).fill("Direction");
  }
  await fits(page, "steps-4-people");
  await next(page, "Vérifiez vos réponses", "verification");
  await page.locator(".fr-alert--info").getByText("Toutes les réponses obligatoires sont données.").waitFor();
  assert.equal(await page.locator(".fr-alert--success").count(), 0, "something is missing");
  await page.getByRole("link", { name: "Il reste 2 engagements à cocher" }).click();
  await focused(page, "champ-cgu_approved");
  await page.getByRole("link", { name: "https://www.legifrance.gouv.fr/codes/article_lc/X" }).waitFor();
  await page.locator(".dp-answer").filter({ hasText: "Nom du projet" }).getByText("Cantine pas à pas").waitFor();
  await page.locator(".dp-answer").filter({ hasText: /^À quoi sert/ }).getByText("Calculer le tarif de chaque foyer").waitFor();
  await page.locator(".dp-answer").filter({ hasText: "Date de mise en production" }).getByText("Non renseigné").waitFor();
  assert.equal(await page.getByRole("link", { name: /^Suivant/ }).count(), 0);
  await fits(page, "steps-5-check");

  // The engagements are taken last: without them nothing goes, from the end of the page or from the bar.
  const submission = page.getByRole("button", { name: "Soumettre la demande" });
  assert.equal(await submission.count(), 2);
  await submission.first().click();
  const summary = page.getByRole("alert").filter({ hasText: "2 erreurs à corriger" });
  await summary.waitFor();
  await focused(page, "resume-erreurs");
  await fits(page, "steps-6-errors");
  await summary.getByRole("link", { name: /Conditions générales/ }).click();
  await focused(page, "champ-cgu_approved");
  await page.getByRole("checkbox", { name: /conditions générales/ }).check({ force: true });
  await page.getByRole("checkbox", { name: /délégué à la protection des données/ }).check({ force: true });
  await saved(page);
  await submission.first().click();
  await page.waitForURL(new RegExp(`/demandes/${id}$`));
  await page.getByText(/est soumise/).first().waitFor();
  assert.deepEqual(page.problems, []);
});

test("a step has an address: back, forward, a reload and the menu lead there, and what was written is kept", async () => {
  const page = await applicant();
  const id = await made(page);
  await page.goto(`/demandes/${id}/modifier?partie=description`);
  await step(page, "Projet").getByText("Étape 4 sur 8").waitFor();
  await page.getByLabel(/^Nom du projet/).fill("Avant");
  await next(page, "Données", "donnees");
  await page.goBack();
  await arrived(page, "Projet", "description");
  assert.equal(await page.getByLabel(/^Nom du projet/).inputValue(), "Avant");
  await page.goForward();
  await arrived(page, "Données", "donnees");
  await page.getByRole("link", { name: "Précédent : Projet" }).click();
  await arrived(page, "Projet", "description");
  await saved(page);
  await page.reload();
  await step(page, "Projet").waitFor();
  assert.equal(await page.getByLabel(/^Nom du projet/).inputValue(), "Avant");

  // What is missing is told of what one has left, and not of what one has not seen.
  await page.locator("#champ-description-messages").getByText("Décrivez votre projet.").waitFor({ state: "detached" });
  await menu(page).getByRole("link", { name: /^Données/ }).click();
  await arrived(page, "Données", "donnees");
  assert.equal(await page.locator(".fr-message--error").filter({ visible: true }).count(), 0);
  assert.match(await menu(page).locator('[aria-current="step"]').innerText(), /^Données/);
  await menu(page).getByRole("link", { name: /^Projet/ }).click();
  await arrived(page, "Projet", "description");
  await page.locator("#champ-description-messages").getByText("Décrivez votre projet.").waitFor();
  await fits(page, "steps-left");

  // An address that names no part is that of the first; that of the engagements, of the check.
  await page.goto(`/demandes/${id}/modifier?partie=inconnue`);
  await step(page, "Organisation").waitFor();
  await page.goto(`/demandes/${id}/modifier?partie=cgu`);
  await step(page, "Vérifiez vos réponses").waitFor();
  assert.deepEqual(page.problems, []);
});

test("a link to a field opens its step, from elsewhere and from the check, and leads back", async () => {
  const page = await applicant();
  const id = await made(page, { intitule: "Cantine" });
  await page.goto(`/demandes/${id}/modifier#champ-fondement_juridique_title`);
  await focused(page, "champ-fondement_juridique_title");
  await step(page, "Cadre juridique").waitFor();
  await page.goto(`/demandes/${id}/modifier#champ-scopes-cnaf_quotient_familial`);
  await focused(page, "champ-scopes-cnaf_quotient_familial");

  await menu(page).getByRole("link", { name: /^Vérification et engagements 2 engagements à cocher/ }).click();
  await arrived(page, "Vérifiez vos réponses", "verification");
  await page.getByRole("link", { name: "Il reste 2 engagements à cocher" }).waitFor();
  const missing = page.locator(".fr-alert").filter({ hasText: /réponses sont encore attendues/ });
  await missing.getByRole("link", { name: "Description du projet" }).click();
  await focused(page, "champ-description");
  await bar(page).getByRole("button", { name: "Vérifier et soumettre" }).waitFor(); // the way back
  await page.locator("#champ-description-messages").getByText("Décrivez votre projet.").waitFor();
  await page.getByLabel(/^Description du projet/).fill("Tarifs");
  await page.getByRole("link", { name: "Revenir à la vérification" }).click();
  await focused(page, "section-description");
  await page.locator(".dp-answer").filter({ hasText: "Description du projet" }).getByText("Tarifs").waitFor();
  await page.getByRole("link", { name: "Modifier : Cadre juridique" }).click();
  await arrived(page, "Cadre juridique", "cadre_juridique");
  await page.goBack();
  await arrived(page, "Vérifiez vos réponses", "verification");
  assert.deepEqual(page.problems, []);
});

test("one goes on to the next step by one click, though the answer that one leaves is wrong", async () => {
  const page = await applicant();
  const id = await made(page);
  await page.goto(`/demandes/${id}/modifier?partie=cadre_juridique`);
  const field = page.getByLabel(/^Adresse du texte juridique/);
  await field.click();
  await page.keyboard.type("legifrance");
  // The error comes when the field is left: the link must not move away under the pointer before it is released.
  await page.getByRole("link", { name: /^Suivant/ }).click();
  await step(page, "Personnes impliquées").waitFor();
  await page.goBack();
  await page.getByText(/https/).first().waitFor();
  assert.equal(await field.inputValue(), "legifrance");
  await field.fill("www.legifrance.gouv.fr/loi");
  await field.blur();
  await page.getByText(/https/).first().waitFor({ state: "detached" });
  assert.equal(await field.inputValue(), "https://www.legifrance.gouv.fr/loi");
  assert.deepEqual(page.problems, []);
});

test("who prefers one page has it, and keeps it", async () => {
  const page = await applicant();
  const id = await made(page, { intitule: "Cantine" });
  await page.goto(`/demandes/${id}/modifier?partie=description`);
  await page.getByLabel(/^Nom du projet/).waitFor();
  await page.getByRole("button", { name: "Tout afficher sur une page" }).click();
  await page.getByLabel(/^Destinataires des données/).waitFor();
  assert.equal(await page.locator(".fr-stepper").count(), 0);
  await page.goto(`/demandes/${id}/modifier`);
  await page.getByLabel(/^Destinataires des données/).waitFor();
  await fits(page, "steps-one-page");
  await check(page);
  await focused(page, "verification");
  assert.equal(await page.getByLabel(/^Nom du projet/).filter({ visible: true }).count(), 0);
  await change(page, "Données");
  await focused(page, "partie-donnees");
  await page.getByRole("button", { name: "Afficher par étapes" }).click();
  await step(page, "Données").waitFor();
  await page.reload();
  await step(page, "Données").waitFor();
  assert.equal(await page.getByLabel(/^Nom du projet/).count(), 0);
  assert.deepEqual(page.problems, []);
});

test("a file goes on being sent while one moves on", async () => {
  const page = await applicant();
  const id = await made(page);
  await page.goto(`/demandes/${id}/modifier?partie=cadre_juridique`);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(/\/documents\//, (route) => released.then(() => route.continue()));
  const input = page.getByLabel(/^Document du cadre juridique/);
  await input.setInputFiles({ name: "deliberation.pdf", mimeType: "application/pdf", buffer: PDF });
  await next(page, "Personnes impliquées", "equipe");
  release();
  await page.getByRole("link", { name: "Précédent : Cadre juridique" }).click();
  await arrived(page, "Cadre juridique");
  await page.getByText("« deliberation.pdf » est joint à la demande.").waitFor();
  assert.equal((await kept(page, id)).documents.length, 1);
  assert.deepEqual(page.problems, []);
});

/** What has the focus and cannot be seen whole, with what hides it; nothing where all is well. */
const hidden = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const bar = document.querySelector(".dp-savebar");
    if (!element || element === document.body || bar.contains(element)) return null;
    const { top, bottom, left, right } = (element.labels?.[0] && element.matches("[type=checkbox], [type=radio]") ? element.labels[0] : element).getBoundingClientRect();
    const room = bar.getBoundingClientRect().top;
    const name = `${element.tagName} ${element.id || element.textContent.trim().slice(0, 40)}`;
    // Of a text that is higher than the room left, the browser shows the line where one writes.
    const end = element.matches("textarea") ? Math.min(bottom, top + 72) : bottom;
    if (top < -1 || end > room + 1) return `${name}: from ${Math.round(top)} to ${Math.round(bottom)} of ${Math.round(room)}`;
    const over = document.elementFromPoint((left + right) / 2, (top + end) / 2);
    const isSeen = !over || element.contains(over) || over.contains(element) || [...(element.labels ?? [])].some((label) => label.contains(over));
    return isSeen ? null : `${name}: under ${over.tagName}.${over.className}`;
  });

for (const [width, height] of [[1280, 700], [375, 600]]) {
  test(`nothing that has the focus is hidden by what stays in place: ${width} × ${height}`, async () => {
    const page = await browser.newPage({ width, height });
    await signIn(page, APPLICANT);
    const id = await made(page, { intitule: "Cantine" });
    for (const part of ["", "?partie=verification"]) {
      await page.goto(`/demandes/${id}/modifier${part}`);
      await page.locator(".dp-savebar").waitFor();
      await settled(page);
      const faults = new Set();
      for (const [key, end] of [["Tab", "footer"], ["Shift+Tab", "header"]]) {
        let presses = 0;
        for (; presses < 400; presses++) {
          await page.keyboard.press(key);
          if (await page.evaluate((end) => !!document.activeElement.closest(end), end)) break;
          const fault = await hidden(page);
          if (fault) faults.add(`${key}: ${fault}`);
        }
        assert.ok(presses > (key === "Tab" ? 10 : 5) && presses < 400, `${presses} presses of ${key}`);
        if (key === "Tab") await page.locator("footer a").first().focus();
      }
      assert.deepEqual([...faults], []);
    }
  });
}

test("a use case fills in at once, says what, and is taken back", async () => {
  const page = await applicant();
  const id = await made(page, { intitule: "Mon projet à moi" });
  const { scopes } = await kept(page, id);
  await page.goto(`/demandes/${id}/modifier?partie=donnees`);
  await page.getByLabel(/^Destinataires des données/).waitFor();
  const groups = page.locator(".dp-part .fr-accordion__btn");
  assert.equal(await page.locator('.dp-part .fr-accordion__btn[aria-expanded="true"]').count(), 0);
  await menu(page).getByRole("link", { name: /^Cas d’usage/ }).click();
  await arrived(page, "Cas d’usage", "demarche");
  const choices = page.getByRole("group", { name: /^Cas d’usage/ }).getByRole("radio");
  await choices.nth(2).check({ force: true });
  await page.getByText(/a rempli\s: .*données? demandées?.*\. Vérifiez ces réponses\./).waitFor();
  await page.getByText("Il a remplacé ce que vous aviez saisi : Nom du projet.").waitFor();
  assert.equal(await choices.nth(2).isChecked(), true);
  assert.equal(await page.locator('.dp-part button[aria-disabled="true"]').count(), 0);
  await fits(page, "steps-use-case-chosen");
  await saved(page);
  const filled = await kept(page, id);
  assert.ok(filled.demarche && filled.scopes.length > scopes.length);
  await page.getByText(/^Rempli aux étapes\s:/).getByRole("link", { name: "Données" }).click();
  await arrived(page, "Données", "donnees");
  const mention = page.getByText(/^Rempli par le cas d’usage «.*données? demandées?\.$/);
  await mention.waitFor();
  if ((await groups.count()) > 0) {
    assert.ok((await page.locator('.dp-part .fr-accordion__btn[aria-expanded="true"]').count()) > 0, "what was filled in is unfolded");
  }
  await page.getByRole("checkbox", { checked: true }).filter({ visible: true }).first().waitFor();

  await page.goBack();
  await arrived(page, "Cas d’usage", "demarche");
  await page.getByRole("button", { name: "Annuler ce choix" }).click();
  await page.getByText(/a rempli/).waitFor({ state: "detached" });
  await mention.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.id.startsWith("champ-demarche"));
  const end = Date.now() + 10_000;
  let back;
  do back = await kept(page, id); while (back.demarche !== "" && Date.now() < end);
  assert.deepEqual([back.demarche, back.intitule, back.scopes], ["", "Mon projet à moi", scopes]);
  assert.deepEqual(page.problems, []);
});

test("a link fills in a new request, and nothing of it that a person must say", async () => {
  const page = await applicant();
  const query = new URLSearchParams({
    demarche: "default", intitule: "Cantine & garderie", description: "Tarifs", scopes: "cnaf_quotient_familial,inconnue",
    cgu_approved: "true", "team_members.responsable_technique.email": "a@b.fr", inconnu: "x", data_recipients: "x".repeat(50_000),
  });
  await page.goto(`/nouvelle-demande/api_particulier?${query}`);
  const notice = page.locator(".fr-alert").filter({ hasText: "Une partie de la demande sera déjà remplie" });
  await notice.getByText(/nom du projet\s; description du projet/).waitFor();
  await fits(page, "start-filled");
  await page.getByRole("radio", { name: "Commune de Clamart" }).check({ force: true });
  await page.getByRole("button", { name: "Commencer ma demande" }).click();
  await page.waitForURL(/\/demandes\/\d+\/modifier/);
  const draft = await kept(page, /\/demandes\/(\d+)\//.exec(page.url())[1]);
  assert.deepEqual([draft.intitule, draft.description, draft.cgu_approved, draft.data_recipients],
    ["Cantine & garderie", "Tarifs", false, ""]);
  assert.ok(draft.scopes.includes("cnaf_quotient_familial") && !draft.scopes.includes("inconnue"));
  assert.ok(draft.team_members.every((member) => member.email !== "a@b.fr"));
  assert.deepEqual(page.problems, []);
});

test("a long form has all its steps, in light and dark, wide and narrow", async () => {
  for (const dark of [false, true]) {
    const page = await applicant({ dark });
    const id = await made(page, REQUEST);
    for (const part of ["organisation", "donnees", "equipe", "verification"]) {
      for (const [width, height] of [[1280, 900], [375, 800]]) {
        await page.setViewportSize({ width, height });
        await page.goto(`/demandes/${id}/modifier?partie=${part}`);
        await page.locator(".dp-savebar").waitFor();
        await settled(page);
        if (part === "verification") await page.locator(".fr-alert--success").getByText(/^Rien ne manque/).waitFor();
        assert.deepEqual(await axe(page), [], `${part}, ${width}`);
        assert.equal(await overflow(page), 0, `${part}, ${width}`);
        await shot(page, `steps-${part}-${width}${dark ? "-dark" : ""}`);
      }
    }
    assert.deepEqual(page.problems, []);
  }
});
