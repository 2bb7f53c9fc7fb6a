/** The form filled and submitted, and a decision made, by keyboard alone: no mouse, no script that sets a value. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openBrowser, signIn } from "../support/browser.mjs";
import { PEOPLE, start } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

/** The accessible name of what has the focus, with the legend around it. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.textContent ?? element.getAttribute("aria-label") ?? element.textContent ?? "";
    const legend = element.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
    const outline = getComputedStyle(element);
    return { label: label.replace(/\s+/g, " ").trim(), legend: legend.replace(/\s+/g, " ").trim(), tag: element.tagName,
      visible: outline.outlineStyle !== "none" || outline.boxShadow !== "none" || element.type === "radio" || element.type === "checkbox" };
  });

/** Presses Tab until `wanted` has the focus. */
async function tabTo(page, wanted, legend = /.*/) {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    assert.ok(at.visible, `the focus cannot be seen on « ${at.label} »`);
    if (wanted.test(at.label) && legend.test(at.legend)) return;
  }
  assert.fail(`Tab never reaches ${wanted} of ${legend}; stopped at ${JSON.stringify(await focused(page))}`);
}

async function type(page, wanted, text, legend) {
  await tabTo(page, wanted, legend);
  await page.keyboard.type(text);
}

test("a request is filled, submitted and decided by keyboard alone", async () => {
  const server = await startServer();
  const browser = await openBrowser(server.url);
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);

  await tabTo(page, /propre équipe|éditeur|prestataire/);
  await page.keyboard.press("Space");
  await type(page, /^Nom du projet/, "Au clavier");
  await type(page, /^Description du projet/, "Sans souris.");
  await tabTo(page, /^Quotient familial CAF & MSA et composition|^API Quotient familial/);
  if ((await focused(page)).tag === "BUTTON") {
    if (!(await page.getByRole("checkbox", { name: /Quotient familial CAF/ }).isVisible())) await page.keyboard.press("Enter");
    await tabTo(page, /^Quotient familial CAF & MSA et composition/);
  }
  await page.keyboard.press("Space");
  await type(page, /^Destinataires des données/, "Agents");
  await type(page, /^Durée de conservation/, "12");
  await type(page, /^Référence du texte/, "Article L114-8 du CRPA");
  await type(page, /^Adresse du texte/, "https://www.legifrance.gouv.fr/codes/article_lc/X");
  for (const person of PEOPLE) {
    const legend = new RegExp(person);
    await type(page, /^Prénom/, "Claude", legend);
    await type(page, /^Nom/, "Modèle", legend);
    await type(page, /^Adresse électronique/, "contact@commune-exemple.fr", legend);
    await type(page, /^Numéro de téléphone/, "01 23 45 67 89", legend);
    await type(page, /^Fonction/, "Direction", legend);
  }
  await tabTo(page, /conditions générales.*accepte|accepte.*conditions/);
  await page.keyboard.press("Space");
  await tabTo(page, /délégué à la protection des données/);
  await page.keyboard.press("Space");
  await tabTo(page, /^Vérifier et soumettre/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "verification"); // the focus follows the drawing
  await tabTo(page, /^Soumettre la demande/);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/demandes/${id}$`));
  await page.getByText(/est soumise/).first().waitFor();

  const instructor = await browser.newPage();
  await signIn(instructor, "api-particulier@yopmail.com");
  await instructor.goto(`/demandes/${id}`);
  await instructor.getByRole("heading", { level: 1, name: "Au clavier" }).waitFor();
  await tabTo(instructor, /^Valider$/);
  await instructor.keyboard.press("Enter");
  await instructor.waitForFunction(() => document.activeElement.tagName === "TEXTAREA"); // the focus follows the drawing
  await tabTo(instructor, /^Annuler$/);
  await instructor.keyboard.press("Enter");
  await instructor.getByLabel(/^Message au demandeur/).waitFor({ state: "hidden" });
  await instructor.waitForFunction(() => document.activeElement.textContent.trim() === "Valider"); // back on the button
  await instructor.keyboard.press("Enter");
  await instructor.waitForFunction(() => document.activeElement.tagName === "TEXTAREA");
  assert.match((await focused(instructor)).label, /Message au demandeur/);
  await instructor.keyboard.type("Conforme.");
  await tabTo(instructor, /^Valider la demande/);
  await instructor.keyboard.press("Enter");
  await instructor.getByText(/La demande est validée/).first().waitFor();
  await server.stop();
});
