/** An administrator lets a service in, gives it another secret and shuts it out; nobody else sees the page. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

test("a service is let in, gets another secret, and is shut out", async () => {
  const page = await browser.newPage({ permissions: ["clipboard-read", "clipboard-write"] });
  await signIn(page, "datapass@yopmail.com");
  await page.goto("/");
  await page.getByRole("link", { name: "Services raccordés" }).click();
  await page.getByText("Aucun service n’est raccordé").waitFor();
  await page.getByRole("link", { name: "Demandes de rattachement" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "services-empty");

  // What is wrong stands at its field, which takes the focus: ours first, then what the server says.
  const add = page.getByRole("button", { name: "Raccorder ce service" });
  const name = page.getByRole("textbox", { name: "Nom du service" });
  const addresses = page.getByRole("textbox", { name: "Adresses de retour après la connexion" });
  await add.click();
  await page.getByText("Nommez le service.").waitFor();
  assert.equal(await name.evaluate((field) => field === document.activeElement), true);
  await name.fill("Gestion des API");
  await addresses.fill("http://gestion.exemple.fr/retour");
  await add.click();
  await page.getByText("doit commencer par https://").waitFor();
  assert.equal(await addresses.getAttribute("aria-invalid"), "true");
  assert.deepEqual(await axe(page), []);
  await shot(page, "services-error");
  await addresses.fill("https://gestion.exemple.fr/retour\nhttps://gestion.exemple.fr/autre");
  await page.getByText("L’organisation pour laquelle la personne agit").click();
  await add.click();

  const secret = page.getByRole("textbox", { name: "client_secret" });
  await secret.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "secret");
  const first = await secret.inputValue();
  assert.match(first, /^[\w-]{43}$/);
  await page.getByRole("button", { name: "Copier – Secret" }).click();
  await page.getByText("Copié.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), first);
  assert.deepEqual(await axe(page), []);
  await shot(page, "services-secret");
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "services-secret-375");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();
  assert.equal(await secret.count(), 0);

  await page.reload();
  const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Gestion des API" }) });
  await card.getByText("l’organisation pour laquelle la personne agit").waitFor();
  assert.equal(await page.getByText(first).count(), 0);
  await card.getByRole("button", { name: "Renouveler le secret" }).click();
  const rotate = page.getByRole("dialog", { name: "Renouveler le secret" });
  await rotate.waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "services-rotate");
  await rotate.getByRole("button", { name: "Confirmer" }).click();
  await secret.waitFor();
  assert.notEqual(await secret.inputValue(), first);
  await card.getByText("Le secret précédent fonctionne encore").waitFor();

  await card.getByRole("button", { name: "Retirer" }).click();
  const remove = page.getByRole("dialog", { name: "Retirer ce service" });
  await page.keyboard.press("Escape"); // one may think again
  await remove.waitFor({ state: "hidden" });
  // A refusal is told in the dialog, which stays.
  await card.getByRole("button", { name: "Retirer" }).click();
  await page.route("**/api/clients/*", (route) => route.abort());
  await remove.getByRole("button", { name: "Confirmer" }).click();
  await remove.getByText("Rien n’a changé").waitFor();
  await shot(page, "services-refused");
  await page.unroute("**/api/clients/*");
  await remove.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("Service retiré : Gestion des API.").waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent.startsWith("Service retiré"));
  await page.getByText("Aucun service n’est raccordé").waitFor();
  assert.deepEqual(page.problems.filter((problem) => !/status of 400|ERR_FAILED/.test(problem)), []);
});

test("a list that does not come can be asked for again", async () => {
  const page = await browser.newPage();
  await signIn(page, "datapass@yopmail.com");
  await page.route("**/api/clients", (route) => route.abort());
  await page.goto("/services");
  await page.getByRole("button", { name: "Réessayer" }).waitFor();
  await page.unroute("**/api/clients");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("Aucun service n’est raccordé").waitFor();
});

test("the page is not for others", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/");
  await settled(page);
  assert.equal(await page.getByRole("link", { name: "Services raccordés" }).count(), 0);
  await page.goto("/services");
  await page.getByText("réservée aux administrateurs").waitFor();
  assert.deepEqual(await axe(page), []);
});
