/** Somebody who speaks for several organisations: seeing one, all, or joining one more, and what waits until they have. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { REQUEST, bar, check } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const CLAMART = "21920023500014";
const DINUM = "13002526500013";
const NANTES = "21440109300015";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

const requests = async (page, siret, intitule) => {
  const made = await page.request.post("/api/enrollments", { data: { target_api: "api_particulier", siret, intitule } });
  assert.equal(made.status(), 201, await made.text());
};

test("the organisation chosen in the header is the one that pages show and new requests are for", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await requests(page, CLAMART, "Pour la commune");
  await requests(page, DINUM, "Pour la direction");
  await page.goto("/");
  await page.getByText("Pour la commune").waitFor();
  await page.getByText("Pour la direction").waitFor();
  const button = page.getByRole("button", { name: /^Organisation/ });
  await button.focus();
  await page.keyboard.press("Enter");
  const choices = page.locator("#mes-organisations");
  await choices.waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "organisation-switch");
  await page.keyboard.press("Escape");
  await choices.waitFor({ state: "hidden" });
  assert.ok(await button.evaluate((element) => element === document.activeElement));
  await button.click();
  await choices.getByRole("button", { name: /Commune de Clamart/ }).click();
  await page.getByText(/Seules les demandes de/).waitFor();
  await page.getByText("Pour la direction").waitFor({ state: "detached" });
  await page.getByText("Pour la commune").waitFor();
  assert.match(await button.innerText(), /Clamart/);
  await page.reload(); // remembered
  await page.getByText("Pour la commune").waitFor();
  assert.equal(await page.getByText("Pour la direction").count(), 0);
  await page.goto("/nouvelle-demande/api_particulier");
  assert.ok(await page.getByRole("radio", { name: "Commune de Clamart" }).isChecked());
  await page.goto("/");
  await page.getByRole("button", { name: /toutes mes organisations$/ }).last().click();
  await page.getByText("Pour la direction").waitFor();
  assert.deepEqual(page.problems, []);
});

test("joining another organisation comes back to the page one was on", async () => {
  const page = await browser.newPage({ width: 375, height: 800 });
  await signIn(page, "user@yopmail.com");
  await page.goto("/nouvelle-demande/api_particulier");
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("button", { name: /^Organisation/ }).click();
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await axe(page), []);
  await shot(page, "organisation-switch-phone");
  await page.getByRole("link", { name: "Rejoindre une autre organisation" }).click();
  await page.getByLabel(/^Organisation que vous représentez/).fill("21750001600019");
  await page.getByRole("button", { name: "Chercher" }).click();
  await page.getByRole("button", { name: "Rejoindre cette organisation" }).click();
  // Nobody has approved that domain: an administrator will look at it, and one goes on meanwhile.
  await page.getByRole("link", { name: "Continuer" }).click();
  await page.waitForURL(/\/nouvelle-demande\/api_particulier$/);
  await page.getByRole("heading", { level: 1, name: "API Particulier" }).waitFor();

  // The administrator’s first page leads to who waits.
  const administrator = await browser.newPage();
  await signIn(administrator, "datapass@yopmail.com");
  await administrator.goto("/");
  await administrator.getByRole("link", { name: "1 rattachement à vérifier" }).click();
  await administrator.getByRole("heading", { level: 1, name: "Rattachements à vérifier" }).waitFor();
  await administrator.getByRole("button", { name: "Refuser" }).click();
  const reason = administrator.getByLabel(/^Raison du refus/);
  await administrator.getByText("Dites pourquoi").waitFor();
  assert.ok(await reason.evaluate((element) => element === document.activeElement));
  assert.deepEqual(await axe(administrator), []);
  await reason.fill("Aucun lien connu. ".repeat(80));
  await administrator.getByRole("button", { name: "Refuser" }).click();
  await administrator.getByText("Dites pourquoi").waitFor();
  assert.match(await reason.inputValue(), /^Aucun lien connu/); // too long, and still there
  await reason.fill("Aucun lien connu.");
  await administrator.getByRole("button", { name: "Refuser" }).click();
  const told = administrator.getByRole("status").filter({ hasText: /La demande de Camille Exemple pour .* est refusée/ });
  await told.waitFor();
  assert.ok(await told.evaluate((element) => element === document.activeElement));
  await administrator.getByText("Personne n’attend.").waitFor();
  assert.deepEqual(await axe(administrator), []);
  await administrator.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(administrator), 0);
  await shot(administrator, "memberships-decided-375");
});

test("who waits to join is told beside the button what a submission waits for, and submits once accepted", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/nouvelle-demande/api_particulier");
  await page.getByRole("button", { name: /^Organisation/ }).click();
  await page.getByRole("link", { name: "Rejoindre une autre organisation" }).click();
  await page.getByLabel(/^Organisation que vous représentez/).fill(NANTES);
  await page.getByRole("button", { name: "Chercher" }).click();
  await page.getByRole("button", { name: "Rejoindre cette organisation" }).click();
  await page.getByRole("link", { name: "Continuer" }).waitFor();
  const made = await page.request.post("/api/enrollments", { data: { ...REQUEST, siret: NANTES } });
  assert.equal(made.status(), 201, await made.text());
  const { id } = await made.json();

  await page.goto(`/demandes/${id}/modifier`);
  const notice = page.getByRole("region", { name: "Rattachement en cours de vérification" });
  await notice.waitFor();
  await page.getByRole("button", { name: /^C’est moi/ }).first().waitFor();
  assert.equal(await page.getByRole("button", { name: /^Reprendre une personne/ }).count(), 0, "nobody of them may be read yet");
  await check(page);
  await bar(page).getByText(/^Vous pourrez soumettre la demande quand votre rattachement à .* sera confirmé\.$/).waitFor();
  await fits(page, "organisation-awaited");
  const submission = bar(page).getByRole("button", { name: "Soumettre la demande" });
  await submission.click();
  const told = bar(page).getByRole("status").filter({ hasText: /^La demande n’est pas soumise\s: votre rattachement à / });
  await told.waitFor();
  await fits(page, "organisation-awaited-told");
  assert.equal((await (await page.request.get(`/api/enrollments/${id}`)).json()).status, "draft");

  const administrator = await browser.newPage();
  await signIn(administrator, "datapass@yopmail.com");
  await administrator.goto("/users/moderations");
  await administrator.getByRole("button", { name: "Accepter" }).click();
  await administrator.getByRole("status").filter({ hasText: "représente désormais" }).waitFor();
  // Nothing is loaded again: the press finds out.
  await submission.click();
  await page.waitForURL(new RegExp(`/demandes/${id}$`));
  await page.getByText(/est soumise/).first().waitFor();
  assert.equal(await notice.count(), 0);
  assert.deepEqual(page.problems, []);
});
