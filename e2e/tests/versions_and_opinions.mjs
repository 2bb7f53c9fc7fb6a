/** Any two versions of a request are compared; instructors ask for opinions, reporters give them, applicants know nothing of it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const REPORTER = "rapporteur@yopmail.com";
const SENT_BACK = 8; // « Inscription en crèche », waits for its applicant
const SUBMITTED = 9; // « Accueil de loisirs »
const ASKED = 10; // « Carte de transport scolaire », on which an opinion is asked

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

async function visitor(email, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  return page;
}

const opinions = (page) => page.getByRole("region", { name: "Avis", exact: true });
const focused = (page, id) => page.waitForFunction((id) => document.activeElement.id === id, id);

/** Presses Tab until the focus is on `id`; it can be seen on the way. */
async function tabTo(page, id) {
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((id) => document.activeElement.id === id, id)) return;
  }
  assert.fail(`Tab never reaches #${id}`);
}

/** No fault at both widths. */
async function sound(page, name) {
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 900 });
    assert.deepEqual(await axe(page), [], name);
    assert.equal(await overflow(page), 0, `${name} at ${width}`);
    await shot(page, `${name}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("two versions of a request are compared, in the order of the form", async () => {
  const applicant = await visitor(APPLICANT);
  const path = `/api/enrollments/${SENT_BACK}`;
  const changed = await applicant.request.patch(path, { data: {
    intitule: "Inscription en crèche et en halte-garderie",
    description: "Les familles font leur démarche en ligne, sans joindre de justificatif : le service petite enfance lit les seules données utiles au calcul de leurs droits, le jour de la demande.",
    scopes: ["cnaf_quotient_familial", "cnaf_adresse"],
  } });
  assert.equal(changed.status(), 200);
  await applicant.goto(`/demandes/${SENT_BACK}`);
  await applicant.getByRole("link", { name: /^Comparer cette version/ }).click();
  await applicant.getByRole("heading", { level: 1, name: "Comparer deux versions" }).waitFor();
  assert.match(applicant.url(), /comparer\?de=submission-\d+$/);
  await applicant.getByText("3 champs diffèrent").waitFor();
  assert.deepEqual(await applicant.locator("main h2").allTextContents(), ["Projet", "Données"]);
  await applicant.locator("ins", { hasText: "petite enfance" }).waitFor();
  await applicant.locator("del", { hasText: "au moment" }).waitFor();
  await applicant.getByText("Données ajoutées").waitFor();
  const names = (page, id) => page.locator(`#${id}`).evaluate((list) => list.selectedOptions[0].textContent);
  assert.match(await names(applicant, "comparer-de"), /^Soumission du /);
  assert.match(await names(applicant, "comparer-a"), /^Brouillon du /);
  await sound(applicant, "compare");

  // By keyboard: the other way round, then back; the focus stays where it was.
  await applicant.locator("h1").focus();
  await tabTo(applicant, "comparer-de");
  await tabTo(applicant, "comparer-a");
  await applicant.keyboard.press("Tab");
  await applicant.keyboard.press("Enter");
  await applicant.waitForURL(/de=current&a=submission-\d+$/);
  await applicant.locator("del", { hasText: "petite enfance" }).waitFor();
  assert.equal(await applicant.evaluate(() => document.activeElement.textContent.trim()), "Intervertir");
  assert.match(await names(applicant, "comparer-de"), /^Brouillon du /);
  await applicant.goBack();
  await applicant.locator("ins", { hasText: "petite enfance" }).waitFor();

  // A version does not differ from itself.
  await applicant.locator("#comparer-de").selectOption("current");
  await applicant.getByText("Aucune différence").waitFor();
  assert.equal(await applicant.locator("main h2").count(), 0);
  await sound(applicant, "compare-same");

  // Without a network it is said, and tried again.
  await applicant.context().setOffline(true);
  await applicant.getByLabel("Version de départ").selectOption({ index: 1 });
  await applicant.getByRole("button", { name: "Réessayer" }).waitFor();
  await sound(applicant, "compare-offline");
  await applicant.context().setOffline(false);
  await applicant.getByRole("button", { name: "Réessayer" }).click();
  await applicant.getByText("3 champs diffèrent").waitFor();

  // On paper the choice is not printed, but what was chosen is.
  await applicant.emulateMedia({ media: "print" });
  assert.equal(await applicant.locator("#comparer-de").isVisible(), false);
  await applicant.getByText(/^De «\sSoumission du .*\sà «\sBrouillon du .*\s»$/).waitFor();
  await shot(applicant, "compare-print");
  await applicant.emulateMedia({ media: "screen" });

  // Once it is back, the instructor finds the way in the box that says what changed.
  assert.equal((await applicant.request.patch(`${path}/change_state`, { data: { event: "submit" } })).status(), 200);
  const instructor = await visitor(INSTRUCTOR);
  await instructor.goto(`/demandes/${SENT_BACK}`);
  await instructor.getByRole("link", { name: "Comparer les versions" }).click();
  await instructor.getByText("3 champs diffèrent").waitFor();
  assert.match(await names(instructor, "comparer-a"), /^Soumission du /);
  assert.deepEqual(instructor.problems, []);
});

test("where there is nothing to compare it is said", async () => {
  const page = await visitor(APPLICANT);
  await page.goto(`/demandes/${SUBMITTED}/comparer`);
  await page.getByText("Cette demande n’a qu’une version").waitFor();
  await sound(page, "compare-one");
  await page.goto("/demandes/4242/comparer");
  await page.getByText("Cette page ne peut pas être affichée").waitFor();
});

test("a reporter finds what is asked of them, and answers once", async () => {
  const page = await visitor(REPORTER);
  await page.goto("/");
  await page.getByText("Un avis vous est demandé").waitFor();
  await sound(page, "opinions-list");
  await page.getByRole("link", { name: /Carte de transport scolaire/ }).first().click();
  await focused(page, "avis");
  await opinions(page).getByText("Attendu", { exact: true }).waitFor();
  await sound(page, "opinions-asked");

  // Nothing that is incomplete goes.
  await opinions(page).getByRole("button", { name: "Rendre cet avis" }).click();
  await opinions(page).getByText("Choisissez le sens de votre avis.").waitFor();
  await page.waitForFunction(() => document.activeElement.type === "radio");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await opinions(page).getByRole("radio", { name: "Défavorable" }).check({ force: true });
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await opinions(page).getByText("Expliquez vos réserves ou votre avis défavorable.").waitFor();
  await page.waitForFunction(() => document.activeElement.tagName === "TEXTAREA");
  await sound(page, "opinions-wrong");

  // A lost network loses nothing.
  await page.keyboard.type("Le nombre d’enfants suffit. <b>Vraiment</b>.");
  await page.context().setOffline(true);
  await opinions(page).getByRole("button", { name: "Rendre cet avis" }).click();
  await opinions(page).getByText("Votre avis n’a pas été envoyé").waitFor();
  await page.context().setOffline(false);
  await opinions(page).getByRole("button", { name: "Réessayer" }).click();
  await opinions(page).getByText("Votre avis est rendu.").waitFor();
  await focused(page, "avis");
  await opinions(page).getByText("Défavorable", { exact: true }).waitFor();
  await opinions(page).getByText("Le nombre d’enfants suffit. <b>Vraiment</b>.").waitFor();
  assert.equal(await opinions(page).getByRole("button", { name: "Rendre cet avis" }).count(), 0);
  await sound(page, "opinions-given");
  await page.goto("/instruction");
  await page.getByRole("link", { name: /Carte de transport scolaire/ }).first().waitFor();
  assert.equal(await page.getByText("Un avis vous est demandé").count(), 0);
});

test("an instructor asks by keyboard, is told what is expected, and takes a question back", async () => {
  const page = await visitor(INSTRUCTOR);
  await page.goto(`/demandes/${SUBMITTED}`);
  await opinions(page).getByText("Aucun avis demandé pour l’instant.").waitFor();
  await page.locator("h1").focus();
  await tabTo(page, "demander-un-avis");
  await page.keyboard.press("Enter");
  await focused(page, "avis-destinataire");
  await opinions(page).getByRole("button", { name: "Envoyer la demande d’avis" }).click();
  await opinions(page).getByText("Choisissez à qui demander cet avis.").waitFor();
  await opinions(page).getByText("Écrivez ce que vous demandez.").waitFor();
  await focused(page, "avis-destinataire");
  await opinions(page).getByLabel("Réponse attendue au plus tard le").fill("2020-01-01");
  await opinions(page).getByText("Choisissez une échéance à partir d’aujourd’hui.").waitFor();
  await sound(page, "opinions-form");
  const later = new Date(Date.now() + 10 * 86_400_000);
  await opinions(page).getByLabel("Réponse attendue au plus tard le").fill(later.toISOString().slice(0, 10));
  await page.locator("#avis-destinataire").focus();
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "avis-question");
  await page.keyboard.type(`Le texte cité convient-il ? ${"x".repeat(200)}`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await opinions(page).getByText("La demande d’avis est envoyée.").waitFor();
  await focused(page, "demander-un-avis");
  await opinions(page).getByText(/^Rapporteurs «\sAPI Quotient familial/).waitFor();
  const panel = page.getByRole("region", { name: "Décision" });
  await panel.getByRole("link", { name: /^1 avis attendu jusqu’au / }).waitFor();
  await sound(page, "opinions-waiting");

  // The mail leads there.
  const mails = await (await page.request.get("/api/mailbox?limit=100")).json();
  const mail = mails.items.find((mail) => mail.to === REPORTER && mail.enrollment_id === SUBMITTED);
  assert.ok(mail.body.includes(`${server.url}/demandes/${SUBMITTED}#avis`), mail.body);

  // Neither the applicant nor the history knows of it.
  const applicant = await visitor(APPLICANT);
  await applicant.goto(`/demandes/${SUBMITTED}`);
  await applicant.getByRole("heading", { name: "Historique" }).waitFor();
  assert.equal(await opinions(applicant).count(), 0);
  assert.equal(await applicant.getByText("convient-il").count(), 0);
  assert.equal((await applicant.request.get(`/api/enrollments/${SUBMITTED}/opinions`)).status(), 403);
  assert.deepEqual(applicant.problems, []);

  await opinions(page).getByRole("button", { name: /^Retirer la demande d’avis à/ }).click();
  const question = page.getByRole("dialog", { name: "Retirer cette demande d’avis ?" });
  assert.deepEqual(await axe(page), []);
  await question.getByRole("button", { name: "Retirer la demande" }).click();
  await opinions(page).getByText("La demande d’avis est retirée.").waitFor();
  await opinions(page).getByText("Aucun avis demandé pour l’instant.").waitFor();
  assert.equal(await panel.getByRole("link", { name: /avis attendu/ }).count(), 0);
  assert.deepEqual(page.problems, []);

  // What was answered is read here, and on paper where that is asked for.
  await page.goto(`/demandes/${ASKED}#avis`);
  await opinions(page).getByText("Défavorable", { exact: true }).waitFor();
  await page.emulateMedia({ media: "print" });
  const notes = page.getByRole("heading", { name: "Notes internes" });
  assert.deepEqual([await opinions(page).count(), await notes.count()], [0, 0]);
  await page.emulateMedia({ media: "screen" });
  await page.getByText("Imprimer aussi les notes internes et les avis").click();
  await page.emulateMedia({ media: "print" });
  await opinions(page).getByText("Défavorable", { exact: true }).waitFor();
  assert.equal(await notes.count(), 1);
  assert.equal(await opinions(page).getByRole("button").count(), 0);
});
