/** Every page, in every state that data can give it, through axe: WCAG 2.1 A and AA, wide, on a phone, in the dark. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { submit } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

/** What each page is looked at in; the last is what the next page is opened in. */
const MODES = {
  phone: { width: 375, height: 800, colorScheme: "light" },
  small: { width: 320, height: 640, colorScheme: "light" },
  dark: { width: 1280, height: 900, colorScheme: "dark" },
  wide: { width: 1280, height: 900, colorScheme: "light" },
};
const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";

/** Address, who looks, and what to do there first. */
const PAGES = [
  ["welcome", "/"],
  ["welcome-failed", "/?erreur=connexion"],
  ["public", "/public"],
  ["authorisation-visitor", "/public/H2"],
  ["authorisation-forbidden", "/public/H3", INSTRUCTOR],
  ["authorisation-not-found", "/public/H4242", APPLICANT],
  ["authorisation", "/public/H2", APPLICANT],
  ["authorisation-revoked", "/public/H1", APPLICANT],
  ["account", "/mon-compte", APPLICANT],
  ["accessibility", "/accessibilite"],
  ["legal", "/mentions-legales"],
  ["help", "/faq"],
  ["statistics", "/stats"],
  ["not-found", "/nulle/part"],
  ["catalogue", "/nouvelle-demande"],
  ["catalogue-found", "/nouvelle-demande?recherche=hubee"],
  ["catalogue-empty", "/nouvelle-demande?recherche=introuvable"],
  ["api", "/api_particulier"],
  ["api-many-data", "/api_entreprise"],
  ["api-chain", "/api_impot_particulier_production"],
  ["api-retired", "/hubee"],
  ["api-elsewhere", "/api_tiers_de_prestation"],
  ["api-eligible", "/api_particulier?siret=13002526500013"],
  ["api-siret-wrong", "/api_particulier?siret=123"],
  ["start-visitor", "/nouvelle-demande/api_particulier"],
  ["home", "/", APPLICANT],
  ["home-empty", "/mes-demandes", "api-entreprise@yopmail.com"],
  ["catalogue-signed-in", "/nouvelle-demande", APPLICANT],
  ["api-signed-in", "/api_particulier", APPLICANT],
  ["start", "/nouvelle-demande/api_particulier", APPLICANT],
  ["start-chain", "/nouvelle-demande/api_impot_particulier_production", APPLICANT],
  ["start-first-missing", "/nouvelle-demande/api_impot_particulier_fc_sandbox", APPLICANT],
  ["start-retired", "/nouvelle-demande/hubee", APPLICANT],
  ["form-particulier", "/demandes/8/modifier", APPLICANT],
  ["form-draft", "/demandes/11/modifier", APPLICANT],
  ["form-production", "/demandes/6/modifier", APPLICANT],
  ["form-errors", "/demandes/11/modifier", APPLICANT, async (page) => {
    await submit(page);
    await page.getByRole("alert").filter({ hasText: "Décrivez votre projet" }).waitFor();
  }],
  ["form-check", "/demandes/11/modifier?partie=verification", APPLICANT],
  ["read-validated", "/demandes/4", APPLICANT],
  ["read-changes-requested", "/demandes/8", APPLICANT],
  ["read-refused", "/demandes/2", APPLICANT],
  ["read-forbidden", "/demandes/7", INSTRUCTOR],
  ["transfer", "/demandes/8/transfert", APPLICANT],
  ["mailbox", "/mailbox", APPLICANT],
  ["developers-forbidden", "/developpeurs", APPLICANT],
  ["awaited", "/administration", ADMINISTRATOR],
  ["journal", "/journal", ADMINISTRATOR],
  ["services", "/services", ADMINISTRATOR],
  ["people", "/personnes", ADMINISTRATOR],
  ["mail-templates", "/modeles-de-messages?api=api_particulier", ADMINISTRATOR, async (page) => {
    await page.locator(".dp-mails summary").first().click();
  }],
  ["policies", "/politiques", ADMINISTRATOR],
  ["policy", "/politiques/api_particulier", ADMINISTRATOR, async (page) => {
    await page.getByRole("button", { name: "Vérifier", exact: true }).click();
    await page.getByRole("button", { name: "Le formulaire, comme un demandeur le voit" }).click();
    await page.getByRole("button", { name: "Les droits" }).click();
    await page.mouse.move(0, 0); // nothing is pointed at any more
    await settled(page);
  }],
  ["decision-templates-forbidden", "/modeles-de-decision", APPLICANT],
  ["decision-templates", "/modeles-de-decision", INSTRUCTOR],
  ["decision-templates-administrator", "/modeles-de-decision?api=api_particulier", ADMINISTRATOR],
  ["list", "/instruction", INSTRUCTOR],
  ["list-empty", "/instruction?search=introuvable", INSTRUCTOR],
  ["decide", "/demandes/9", INSTRUCTOR],
  ["decide-panel", "/demandes/9", INSTRUCTOR, async (page) => {
    await page.getByRole("button", { name: "Refuser" }).click();
    const panel = page.getByRole("region", { name: "Décision" });
    await panel.getByRole("button", { name: "Refuser la demande" }).click();
    await panel.getByLabel(/Raison du refus/).fill("Sans base légale.");
    await panel.getByText(/est refusée, pour la raison suivante/).waitFor();
  }],
  ["developers", "/developpeurs", ADMINISTRATOR],
  ["webhook", "/developpeurs", ADMINISTRATOR, async (page) => {
    const data = { target_api: "api_particulier", url: "https://exemple.fr/datapass", events: ["validate"] };
    const { webhook } = await (await page.request.post("/api/webhooks", { data })).json();
    await page.goto(`/developpeurs/${webhook.id}`);
    await settled(page);
  }],
  ["webhook-not-found", "/developpeurs/inconnu", ADMINISTRATOR],
  ["outbox", "/envois", ADMINISTRATOR],
  ["read-franceconnect", "/demandes/7", ADMINISTRATOR],
  ["read-sandbox", "/demandes/5", ADMINISTRATOR],
  ["read-archived", "/demandes/3", ADMINISTRATOR],
];

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

for (const who of new Set(PAGES.map(([, , who]) => who))) {
  test(`no page has an accessibility fault or overflows: ${who ?? "a visitor"}`, async () => {
    const page = await browser.newPage();
    if (who) await signIn(page, who);
    const faults = [];
    for (const [name, path, , act] of PAGES.filter(([, , reader]) => reader === who)) {
      await page.goto(path);
      await settled(page);
      if (act) await act(page);
      if ((await page.locator("h1").count()) !== 1) faults.push(`${name}: ${await page.locator("h1").count()} h1`);
      for (const [mode, { width, height, colorScheme }] of Object.entries(MODES)) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await shot(page, `${mode}-${name}`);
        faults.push(...(await axe(page)).map((fault) => `${name}, ${mode}: ${fault}`));
        if ((await overflow(page)) > 0) faults.push(`${name}, ${mode}: ${await overflow(page)} px too wide`);
      }
      // A refused page is told by a status; the browser's console repeats it.
      faults.push(...page.problems.splice(0).filter((problem) => !/status of 4(03|04|22)/.test(problem)).map((p) => `${name}: ${p}`));
    }
    assert.deepEqual(faults, []);
  });
}

test("every page has a title of its own", async () => {
  const page = await browser.newPage();
  await signIn(page, APPLICANT);
  const titles = new Map();
  for (const path of ["/", "/nouvelle-demande", "/demandes/4", "/nouvelle-demande/franceconnect", "/franceconnect", "/demandes/8/modifier", "/public", "/public/H2", "/mailbox", "/faq", "/stats", "/accessibilite", "/mentions-legales", "/nulle/part"]) {
    await page.goto(path);
    await settled(page);
    const title = await page.title();
    assert.ok(title.includes("DataPass") && !titles.has(title), `${path}: « ${title} », like ${titles.get(title)}`);
    titles.set(title, path);
  }
});

test("the pages of the server need no script", async () => {
  for (const width of [1280, 375]) {
    const page = await browser.newPage({ width, javaScriptEnabled: false });
    for (const path of ["/", "/nouvelle-demande", "/api_particulier", "/public", "/public/H2", "/stats", "/faq", "/accessibilite", "/mentions-legales"]) {
      await page.goto(path);
      assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, path);
      assert.ok((await page.getByRole("heading", { level: 2 }).count()) > 0, path);
      const menu = page.getByRole("navigation", { name: "Menu principal" });
      assert.equal(await menu.isVisible(), width === 1280, path);
      if (width < 1280) await page.getByRole("banner").getByRole("link", { name: "Menu", exact: true }).click();
      assert.equal(await menu.isVisible(), true, path);
      assert.equal(await menu.getByRole("link", { name: "Les API" }).getAttribute("href"), "/nouvelle-demande");
      if (width < 1280) {
        await page.getByRole("link", { name: "Fermer le menu" }).click();
        assert.equal(await menu.isVisible(), false, path);
      }
    }

    // From the search of an API to the sign-in page, by way of who may ask.
    await page.goto("/nouvelle-demande");
    const headings = await page.getByRole("heading").filter({ visible: true }).allInnerTexts();
    assert.deepEqual(headings.slice(0, 3), ["Choisir une API", "Les plus accordées", "API Particulier"]);
    await page.getByLabel(/^Rechercher une API/).fill("quotient familial");
    await page.getByRole("button", { name: "Rechercher" }).click();
    await page.getByRole("link", { name: "API Particulier" }).first().click();
    await page.waitForURL(/\/api_particulier$/);
    await page.getByLabel(/Votre organisation est-elle concernée/).fill("123");
    await page.getByRole("button", { name: "Vérifier" }).click();
    await page.getByText("un numéro SIRET compte 14 chiffres").waitFor();
    await page.getByLabel(/Votre organisation est-elle concernée/).fill("130 025 265 00013");
    await page.getByRole("button", { name: "Vérifier" }).click();
    await page.getByText("est normalement éligible").waitFor();
    await page.getByText("Comment ce délai est calculé").click();
    await page.getByText(/Ce délai est le temps pendant lequel/).waitFor();
    await page.getByRole("link", { name: "Commencer ma demande" }).first().click();
    await page.locator('input[name="email"]').waitFor();
  }
});

test("a link of another site leads to the answer, and one comes back from the sign-in to the form", async () => {
  const page = await browser.newPage();
  await page.goto("/faq#ajout-siret");
  assert.equal(await page.evaluate(() => document.querySelector(":target")?.id), "ajout-siret");
  await page.goto("/api_particulier");
  await page.getByRole("link", { name: "Commencer ma demande" }).first().click();
  await page.locator('input[name="email"]').fill(APPLICANT);
  await page.locator('input[name="password"]').fill(APPLICANT);
  await page.locator('input[name="password"]').press("Enter");
  await page.waitForURL(/\/nouvelle-demande\/api_particulier$/);
  await page.getByRole("button", { name: "Commencer ma demande" }).waitFor();

  // The name and the way out are on every page; signing out leads home.
  await page.getByRole("link", { name: "Ce que contient la demande" }).click();
  await page.getByRole("heading", { level: 2, name: "Ce qui vous sera demandé" }).waitFor();
  await page.getByRole("button", { name: "Se déconnecter" }).click();
  await page.getByRole("link", { name: "Se connecter" }).first().waitFor();
  assert.equal((await (await page.request.get("/api/session")).json()).user, null);
  assert.deepEqual(page.problems, []);
});

test("the sign-in page of the provider has no accessibility fault", async () => {
  const page = await browser.newPage();
  await page.goto("/api/sign_in?return_to=/");
  await page.locator('input[name="email"]').fill("user@yopmail.com");
  await page.locator('input[name="password"]').fill("faux");
  await page.locator('input[name="password"]').press("Enter");
  await page.getByRole("alert").or(page.locator(".fr-alert--error")).first().waitFor();
  for (const [mode, { width, height, colorScheme }] of Object.entries(MODES)) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await shot(page, `${mode}-sign-in-error`);
    assert.deepEqual(await axe(page), [], mode);
    assert.equal(await overflow(page), 0, mode);
  }
});
