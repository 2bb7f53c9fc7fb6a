/** An administrator gives a role and takes it back; nobody else sees the page. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

test("a role is given with a reason, seen, and taken back", async () => {
  const page = await browser.newPage();
  await signIn(page, "datapass@yopmail.com");
  await page.goto("/personnes");
  await page.getByRole("listitem").filter({ hasText: "api-particulier@yopmail.com" }).first().waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText("Choisissez un rôle").waitFor();

  await page.getByRole("textbox", { name: "Adresse électronique" }).fill("nouvelle@exemple.fr");
  await page.locator("#role-type").selectOption("instructor");
  await page.locator("#role-api").selectOption("franceconnect");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText("dites pourquoi").waitFor(); // what was typed is still there
  await page.getByRole("textbox", { name: "Raison" }).fill("Arrivée dans le service.");
  await page.getByRole("button", { name: "Donner ce rôle" }).click();
  await page.getByText("Rôle donné : Instructeur, FranceConnect à nouvelle@exemple.fr.").waitFor();
  const card = page.getByRole("listitem").filter({ hasText: "nouvelle@exemple.fr" }).first();
  await card.getByText("ne s’est pas encore connecté").waitFor();
  await shot(page, "people");

  await card.getByRole("button", { name: /Retirer Instructeur, FranceConnect/ }).click();
  const dialog = page.getByRole("dialog", { name: "Retirer ce rôle" });
  await dialog.getByLabel("Raison").fill("Erreur de saisie.");
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Retirer le rôle" }).click();
  await page.getByText("Rôle retiré : Instructeur, FranceConnect à nouvelle@exemple.fr.").waitFor();
  await card.waitFor({ state: "detached" });
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  assert.deepEqual(page.problems.filter((problem) => !/status of 400/.test(problem)), []);
});

test("the page is not for others", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  assert.equal(await page.getByRole("link", { name: "Personnes et rôles" }).count(), 0);
  await page.goto("/personnes");
  await page.getByText("réservée aux administrateurs").waitFor();
  assert.deepEqual(await axe(page), []);
});
