/** One's own account: the sessions that one ends, and a third-party tool that works with tokens. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, fits, givePassword, openBrowser, overflow, settled, shot, signIn, signInByHand } from "../support/browser.mjs";
import { minutesPass, startServer } from "../support/server.mjs";

const EMAIL = "user@yopmail.com";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

/** A tool that knows nothing of DataPass but its documentation. */
async function takeToken({ id, secret }, scope) {
  return fetch(`${server.url}/api/oauth/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) }),
  });
}

const call = (path, token, options) =>
  fetch(`${server.url}${path}`, { ...options, headers: { authorization: `Bearer ${token}` } });

test("one sees the browsers where one is signed in, and ends the others", async () => {
  const page = await browser.newPage();
  const phone = await browser.newPage({ width: 375 });
  await signInByHand(page, EMAIL);
  await signInByHand(phone, EMAIL);
  await page.getByRole("banner").getByTitle("Mon compte").first().click();
  await page.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
  await page.getByText("Cette session").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "account");

  await page.getByRole("button", { name: /^Mettre fin/ }).click();
  await page.getByRole("dialog").getByText(/connecté depuis le/).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Me déconnecter partout ailleurs" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Mettre fin" }).click();
  await page.getByText("Vous êtes déconnecté partout ailleurs.").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "mes-sessions");
  assert.equal(await page.getByRole("button", { name: /^Mettre fin/ }).count(), 0);

  await phone.goto("/mon-compte");
  await phone.getByRole("link", { name: /se connecter/i }).first().waitFor();
  assert.deepEqual(page.problems, []);
});

test("one page has all of the account, and the pages that change it lead back to it", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto("/users/account"); // where links of before lead
  await page.waitForURL("**/mon-compte");
  await settled(page);
  const parts = ["Mes informations personnelles", "Mes organisations", "Mot de passe", "Second facteur", "Mes sessions",
    "Outils connectés à l’API", "Mes rôles", "Mes courriels", "Supprimer mon compte"];
  assert.deepEqual(await page.locator("main section > h2").allInnerTexts(), parts);
  assert.deepEqual(await page.getByRole("navigation", { name: "Sommaire" }).getByRole("link").allInnerTexts(), parts);
  await page.getByRole("navigation", { name: "Sommaire" }).getByRole("link", { name: "Mes sessions" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "mes-sessions");
  await fits(page, "account-whole");

  // A page of the identity provider has the same menu and footer, and a way back to the same part.
  const chrome = async () => [
    await page.getByRole("navigation", { name: "Menu principal" }).getByRole("link").allInnerTexts(),
    await page.getByRole("contentinfo").getByRole("link").allInnerTexts(),
  ];
  const own = await chrome();
  for (const [link, title] of [["Modifier mes informations personnelles", "Mes informations personnelles"],
    ["Rejoindre ou quitter une organisation", "Mes organisations"], ["Changer de mot de passe", "Changer de mot de passe"],
    ["Activer le second facteur", "Second facteur"], [/supprimer mon compte/, /Supprimer mon compte/]]) {
    await page.getByRole("link", { name: link }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    assert.deepEqual(await chrome(), own, String(link));
    await fits(page, `account-${new URL(page.url()).pathname.split("/").at(-1)}`);
    await page.getByRole("navigation", { name: "vous êtes ici" }).getByRole("link", { name: "Mon compte" }).click();
    await page.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
  }

  await page.getByRole("link", { name: "Modifier mes informations personnelles" }).click();
  await page.getByLabel(/^Fonction/).fill("Direction des écoles");
  await page.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Vos informations sont enregistrées.").waitFor();
  await page.getByRole("region", { name: "Mes informations personnelles" }).getByText("Direction des écoles").waitFor();
  assert.deepEqual(page.problems, []);
});

test("a tool is connected by keyboard, takes a token, lists the requests, and is disconnected", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto("/mon-compte");
  await page.getByText("Aucun outil n’est connecté").waitFor();
  await page.getByRole("button", { name: "Connecter cet outil" }).click();
  await page.getByText("Nommez l’outil, pour le reconnaître.").waitFor();
  await page.getByText("Choisissez au moins un droit.").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.waitForFunction(() => document.activeElement?.id === "outil-nom");
  await page.keyboard.type("Suivi des conventions");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");

  const field = (label) => page.getByLabel(label, { exact: true });
  await field("client_secret").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "secret");
  assert.deepEqual(await axe(page), []);
  await shot(page, "account-secret");
  const tool = { id: await field("client_id").inputValue(), secret: await field("client_secret").inputValue() };
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copier – client_secret" }).click();
  await page.getByText("Copié.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), tool.secret);
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();
  assert.equal(await field("client_secret").count(), 0);

  const { access_token: token, ...told } = await (await takeToken(tool)).json();
  assert.deepEqual(told, { token_type: "Bearer", expires_in: 600, scope: "enrollments:read" });
  const { items } = await (await call("/api/enrollments", token)).json();
  assert.ok(items.length > 0);
  assert.equal((await call(`/api/enrollments/${items[0].id}`, token)).status, 200);
  const refused = await call(`/api/enrollments/${items[0].id}/messages/read`, token, { method: "POST" });
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).detail, /enrollments:write/);
  assert.equal((await takeToken(tool, "enrollments:write")).status, 400);

  await page.getByRole("button", { name: /^Renouveler le secret/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirmer" }).click();
  await field("client_secret").waitFor();
  const renewed = { ...tool, secret: await field("client_secret").inputValue() };
  assert.equal((await takeToken(tool)).status, 200);
  assert.equal((await takeToken(renewed)).status, 200);
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();
  await page.getByRole("button", { name: /^Retirer l’ancien secret/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirmer" }).click();
  await page.getByText("L’ancien secret est retiré.").waitFor();
  assert.equal((await takeToken(tool)).status, 401);

  await page.getByRole("button", { name: /^Déconnecter/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirmer" }).click();
  await page.getByText("L’outil est déconnecté.").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "mes-outils");
  assert.equal((await call("/api/enrollments", token)).status, 401);
  assert.equal((await takeToken(renewed)).status, 401);
  assert.deepEqual(page.problems, []);
});

test("long after the password was given it is asked for again, and nothing has to be typed twice", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto("/mon-compte");
  await page.getByText(/plus de dix minutes/).first().waitFor(); // said before anything is typed
  minutesPass(server);
  const name = page.getByLabel("Nom de l’outil");
  const right = page.getByLabel("Lire les demandes et les habilitations");
  await name.fill("Suivi « des » conventions");
  await right.check({ force: true });
  await page.getByRole("button", { name: "Connecter cet outil" }).click();
  await givePassword(page, EMAIL);

  await page.getByText("Votre saisie est conservée").waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "outil-repris");
  assert.equal(await name.inputValue(), "Suivi « des » conventions");
  assert.equal(await right.isChecked(), true);
  await settled(page);
  assert.deepEqual(await axe(page), []);
  await shot(page, "account-tool-resumed");
  await page.setViewportSize({ width: 320, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "account-tool-resumed-320");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("button", { name: "Connecter cet outil" }).click();
  const secret = page.getByLabel("client_secret", { exact: true });
  await secret.waitFor();
  assert.equal(await page.getByText("Votre saisie est conservée").count(), 0);
  const first = await secret.inputValue();
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();

  // The same for another secret: one comes back to the question.
  minutesPass(server);
  const tool = page.locator("li.dp-card").filter({ hasText: "Suivi « des » conventions" });
  await tool.getByRole("button", { name: /^Renouveler le secret/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Confirmer" }).click();
  await givePassword(page, EMAIL);
  await page.getByRole("dialog").getByText(/Suivi « des » conventions – Un nouveau secret/).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "account-renewal-resumed");
  await page.getByRole("dialog").getByRole("button", { name: "Confirmer" }).click();
  await secret.waitFor();
  assert.notEqual(await secret.inputValue(), first);

  // What was resumed is not asked again.
  await page.reload();
  await tool.waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(await page.getByText("Votre saisie est conservée").count(), 0);
  assert.deepEqual(page.problems.filter((problem) => !problem.includes("403")), []);
});

test("the page fits a phone, and says so when what it shows cannot be had", async () => {
  const page = await browser.newPage({ width: 375, dark: true });
  await signIn(page, EMAIL);
  await page.goto("/mon-compte");
  await page.getByLabel("Nom de l’outil").fill("Suivi");
  await page.getByLabel("Lire les demandes et les habilitations").check({ force: true });
  await page.getByRole("button", { name: "Connecter cet outil" }).click();
  await page.getByLabel("client_secret", { exact: true }).waitFor();
  assert.equal(await overflow(page), 0);
  await page.mouse.move(0, 0); // off whatever has come under it
  assert.deepEqual(await axe(page), []);
  await shot(page, "account-phone");
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await overflow(page), 0);

  await page.route("**/api/me/sessions", (route) => route.fulfill({ status: 500, body: "" }));
  await page.reload();
  await page.getByText("Les informations n’ont pas pu être chargées").waitFor();
  await page.unroute("**/api/me/sessions");
  await page.getByRole("button", { name: "Réessayer" }).click();
  await page.getByText("Cette session").waitFor();
});
