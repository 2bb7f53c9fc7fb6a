/** An API manager, made with npm's `openid-client`, signs people in with our provider: one password for both. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import * as client from "openid-client";
import { axe, openBrowser, overflow, shot, signIn, signInByHand } from "../support/browser.mjs";
import { freePort, program, startServer } from "../support/server.mjs";

const EMAIL = "user@yopmail.com";
const SCOPE = "openid email profile organizations offline_access";

let server, browser, basic, signed;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  basic = await startManager({ metadata: {}, method: "client_secret_basic", userinfo: "plain" });
  const metadata = { userinfo_signed_response_alg: "RS256" };
  signed = await startManager({ metadata, method: "client_secret_post", userinfo: "signed" });
});
after(() => [basic, signed].forEach((manager) => manager?.close()));

/** `datapass client …`, as an operator types it. */
function datapass(...args) {
  const env = { PATH: process.env.PATH, DATA_DIR: server.dataDir };
  return execFileSync(program("datapass"), ["client", ...args], { env, encoding: "utf8" });
}

/** Registers a manager with our provider, and serves it: /login, /callback, /logout and /bye. */
async function startManager({ metadata, method, userinfo }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const told = datapass("add", "Gestion des API", "--redirect-uri", `${url}/callback`, "--post-logout-redirect-uri",
    `${url}/bye`, "--auth-method", method, "--userinfo", userinfo, "--scopes", SCOPE.replaceAll(" ", ","));
  const [, id, secret] = /^CLIENT_ID=(.+)\nCLIENT_SECRET=(.+)\n$/.exec(told);
  const shown = method === "client_secret_basic" ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
  const config = await client.discovery(new URL(server.url), id, metadata, shown,
    { execute: [client.allowInsecureRequests] });
  const manager = { url, id, config, tokens: undefined };
  let expected;

  const pages = {
    async "/login"(here) {
      const verifier = client.randomPKCECodeVerifier();
      expected = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
      return client.buildAuthorizationUrl(config, {
        redirect_uri: `${url}/callback`,
        scope: SCOPE,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state: expected.expectedState,
        nonce: expected.expectedNonce,
        ...Object.fromEntries(here.searchParams), // `prompt`, say
      });
    },
    async "/callback"(here) {
      manager.tokens = await client.authorizationCodeGrant(config, here, expected);
      const { sub } = manager.tokens.claims();
      return JSON.stringify(await client.fetchUserInfo(config, manager.tokens.access_token, sub));
    },
    "/logout": () => client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: `${url}/bye`,
      id_token_hint: manager.tokens.id_token,
      state: "au-revoir",
    }),
    "/bye": (here) => `Au revoir ${here.search}`,
  };
  const listener = createServer(async (request, response) => {
    const here = new URL(request.url, url);
    try {
      const answer = await pages[here.pathname]?.(here);
      if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end();
      else if (answer === undefined) response.writeHead(404).end();
      else response.setHeader("content-type", "text/plain; charset=utf-8").end(answer);
    } catch (error) {
      response.writeHead(500).end(`${error.message} ${error.cause ?? ""}`);
    }
  }).listen(port, "127.0.0.1");
  await once(listener, "listening");
  manager.close = () => listener.close();
  return manager;
}

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
  assert.match(datapass("list"), new RegExp(signed.id));
  datapass("remove", signed.id);
  await page.goto(`${signed.url}/login`);
  assert.equal(new URL(page.url()).origin, server.url);
  await page.getByText("n’est pas connu").waitFor();
  assert.deepEqual(await axe(page), []);
});
