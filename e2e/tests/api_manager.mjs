/** An API manager, made with npm's `openid-client`, signs people in with our provider: one password for both. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { axe, openBrowser, overflow, shot, signIn, signInByHand } from "../support/browser.mjs";
import { datapass, startManager } from "../support/manager.mjs";
import { startServer } from "../support/server.mjs";

const EMAIL = "user@yopmail.com";

let server, browser, basic, signed;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  basic = await startManager(server, { metadata: {}, method: "client_secret_basic", userinfo: "plain" });
  const metadata = { userinfo_signed_response_alg: "RS256" };
  signed = await startManager(server, { metadata, method: "client_secret_post", userinfo: "signed" });
});
after(() => [basic, signed].forEach((manager) => manager?.close()));

const text = (page) => page.locator("body").textContent();

test("who is signed in to DataPass opens the manager without a second password", async () => {
  const page = await browser.newPage();
  await signInByHand(page, EMAIL);
  for (const manager of [basic, signed]) {
    await page.goto(`${manager.url}/login`);
    assert.equal(new URL(page.url()).origin, manager.url);
    const claims = JSON.parse(await text(page));
    assert.equal(claims.email, EMAIL);
    assert.equal(claims.email_verified, true);
    assert.match(claims.organizations[0].siret, /^\d{14}$/);
    assert.equal(typeof claims.organizations[0].id, "number");
  }
});

test("who begins at the manager gives the password once, and DataPass then asks for none", async () => {
  const page = await browser.newPage();
  await page.goto(`${basic.url}/login`);
  assert.equal(new URL(page.url()).origin, server.url);
  assert.deepEqual(await axe(page), []);
  await shot(page, "sso-sign-in");
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "sso-sign-in-375");
  await page.locator('input[name="email"]').fill(EMAIL);
  await page.locator('input[name="password"]').fill("faux");
  await page.keyboard.press("Enter");
  await page.getByText("incorrect").first().waitFor();
  await page.locator('input[name="password"]').fill(EMAIL);
  await page.keyboard.press("Enter"); // a browser holds `form-action` against the redirection, too
  await page.waitForURL(`${basic.url}/callback?*`);
  assert.equal(JSON.parse(await text(page)).email, EMAIL);

  await page.goto("/api/sign_in");
  await page.locator("#app h1").first().waitFor();
  const session = await page.evaluate(async () => (await fetch("/api/session")).json());
  assert.equal(session.user.email, EMAIL);
});

test("the manager has one of several organisations chosen, and is told of it first", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto(`${basic.url}/login?prompt=select_organization`);
  await page.getByRole("group", { name: "Pour quelle organisation agissez-vous" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Continuer" }).click();
  assert.equal(new URL(page.url()).origin, server.url); // nothing is chosen yet: the browser says so
  await page.keyboard.press("Space"); // on the answer that it brought the focus to
  await page.keyboard.press("ArrowDown");
  await shot(page, "select-organization");
  const chosen = await page.locator('input[name="siret"]:checked').getAttribute("value");
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "select-organization-375");
  await page.getByRole("button", { name: "Continuer" }).click(); // `form-action` lets it lead to the manager
  await page.waitForURL(`${basic.url}/callback?*`);
  const { organizations } = JSON.parse(await text(page));
  assert.equal(organizations[0].siret, chosen);
  assert.ok(organizations.length > 1);

  await page.goto(`${basic.url}/login?prompt=update_userinfo`);
  await page.getByRole("textbox", { name: "Fonction" }).fill("Cheffe de projet");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${basic.url}/callback?*`);
  assert.equal(JSON.parse(await text(page)).job, "Cheffe de projet");
});

test("the manager refreshes, asks about and revokes its tokens", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto(`${basic.url}/login`);
  const { config, tokens } = basic;
  const next = await client.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.equal(next.claims().sub, tokens.claims().sub);
  assert.equal((await client.tokenIntrospection(config, next.access_token)).active, true);
  await client.tokenRevocation(config, next.refresh_token);
  assert.equal((await client.tokenIntrospection(config, next.access_token)).active, false);
  await assert.rejects(client.refreshTokenGrant(config, next.refresh_token), { error: "invalid_grant" });
});

test("signing out at the manager ends the session at the provider and comes back", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  await page.goto(`${basic.url}/login`);
  await page.goto(`${basic.url}/logout`);
  assert.equal(page.url(), `${basic.url}/bye?state=au-revoir`);
  await page.goto(`${basic.url}/login`);
  await page.locator('input[name="password"]').waitFor();
});

test("a manager that was shut out signs nobody in any more", async () => {
  const page = await browser.newPage();
  await signIn(page, EMAIL);
  assert.match(datapass(server, "list"), new RegExp(signed.id));
  datapass(server, "remove", signed.id);
  await page.goto(`${signed.url}/login`);
  assert.equal(new URL(page.url()).origin, server.url);
  await page.getByText("n’est pas connu").waitFor();
  assert.deepEqual(await axe(page), []);
});
