/** Mails: one chooses which ones one does without, in one's account or by their link; administrators read what they say. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const SUBMISSIONS = "Demandes soumises ou reprises, accords partiels déclinés";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

test("one chooses which mails one does without, and is told where that fails", async () => {
  const page = await browser.newPage();
  await signIn(page, INSTRUCTOR);
  await page.goto("/mon-compte");
  const mails = page.getByRole("region", { name: "Mes courriels" });
  const api = mails.getByRole("group", { name: "API Particulier" });
  const box = api.getByRole("checkbox", { name: SUBMISSIONS });
  await box.waitFor({ state: "attached" });
  assert.equal(await box.isChecked(), true);
  assert.deepEqual(await axe(page), []);
  await box.focus();
  await page.keyboard.press("Space");
  await mails.getByText("vous ne recevrez plus ces courriels").waitFor();
  assert.equal(await box.evaluate((input) => input === document.activeElement), true);
  await page.reload();
  await box.waitFor({ state: "attached" });
  assert.equal(await box.isChecked(), false);
  await shot(page, "mail-preferences");

  const answer = async (route) =>
    route.request().method() === "PUT" ? route.fulfill({ status: 500, body: "" }) : route.continue();
  await page.route("**/api/me/mails", answer);
  await box.focus();
  await page.keyboard.press("Space");
  await mails.getByRole("status").filter({ hasText: /./ }).waitFor();
  await page.waitForFunction((input) => !input.checked, await box.elementHandle());
  await page.unroute("**/api/me/mails");
  await page.keyboard.press("Space");
  await mails.getByText("vous recevrez ces courriels").waitFor();

  await page.route("**/api/me/mails", (route) => route.fulfill({ status: 500, body: "" }));
  await page.reload();
  await mails.getByText("Les informations n’ont pas pu être chargées").waitFor();
  await page.unroute("**/api/me/mails");
  await mails.getByRole("button", { name: "Réessayer" }).click();
  await box.waitFor({ state: "attached" });
});

test("whoever has no role that brings mails has nothing to choose", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/mon-compte");
  await page.getByText("il n’y a rien à choisir").waitFor();
  await fits(page, "mail-preferences-none");
});

test("the link of a mail leads to a page whose button ends such mails, without signing in", async () => {
  const reader = await browser.newPage();
  await signIn(reader, INSTRUCTOR);
  const { items } = await (await reader.request.get("/api/mailbox?limit=100")).json();
  const mail = items.find((mail) => mail.to === INSTRUCTOR && mail.body.includes("/api/unsubscribe/"));
  const link = mail.body.match(/https?:\S+\/api\/unsubscribe\/\S+/)[0];

  const page = await browser.newPage({ width: 375 });
  await page.goto(link);
  await page.getByRole("heading", { level: 1, name: /^Ne plus recevoir ces courriels/ }).waitFor();
  await page.getByText("API Particulier").waitFor();
  assert.deepEqual(await axe(page), []);
  assert.equal(await overflow(page), 0);
  await shot(page, "unsubscribe");
  await page.getByRole("button", { name: "Ne plus les recevoir" }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "C’est fait" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "unsubscribed");
  assert.deepEqual(page.problems, []);

  await reader.goto("/mon-compte");
  const group = reader.getByRole("group", { name: "API Particulier" });
  await group.getByRole("checkbox").first().waitFor({ state: "attached" });
  const checked = await group.getByRole("checkbox").evaluateAll((boxes) => boxes.filter((box) => !box.checked).length);
  assert.equal(checked, 1, "these, and no others");

  await page.goto("/api/unsubscribe/inconnu");
  await page.getByRole("heading", { level: 1, name: "Lien inconnu" }).waitFor();
  assert.deepEqual(await axe(page), []);
});

test("administrators read each mail of an API, filled in; others do not", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  await page.goto("/");
  await page.getByRole("navigation", { name: "Menu principal" }).getByRole("link", { name: "Modèles de messages" }).click();
  await page.getByText("Choisissez l’API dont vous voulez lire les courriels.").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByLabel("API ou service").selectOption({ label: "API Particulier" });
  await page.getByRole("heading", { level: 2, name: "Demande validée", exact: true }).waitFor();
  assert.match(page.url(), /\?api=api_particulier$/);
  const summary = page.locator("summary").filter({ hasText: "Votre habilitation à API Particulier est accordée" });
  await summary.focus();
  await page.keyboard.press("Enter");
  await page.getByText("Votre demande « Tarification de la cantine » est validée").waitFor();
  assert.deepEqual(await axe(page), []);
  await fits(page, "mail-templates");
  await page.reload();
  await page.getByRole("heading", { level: 2, name: "Message du demandeur", exact: true }).waitFor();
  assert.deepEqual(page.problems, []);

  await page.route("**/api/mails/*", (route) => route.fulfill({ status: 500, body: "" }));
  await page.reload();
  await page.getByText("Les informations n’ont pas pu être chargées").waitFor();
  await page.unroute("**/api/mails/*");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByRole("heading", { level: 2, name: "Demande validée", exact: true }).waitFor();

  const other = await browser.newPage();
  await signIn(other, INSTRUCTOR);
  await other.goto("/modeles-de-messages");
  await other.getByText("Cette page est réservée aux administrateurs").waitFor();
});
