/** Signing in with another issuer, npm's `oidc-provider`: as most do, and as ProConnect does. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import Provider from "oidc-provider";
import { openBrowser, shot } from "../support/browser.mjs";
import { freePort, startServer } from "../support/server.mjs";

const SECRET = "un secret: de bonne longueur/%"; // what form-encoding is for

const listeners = [];
after(() => listeners.forEach((listener) => listener.close()));

const CLAIMS = {
  email: "jean@mairie.example",
  email_verified: true,
  given_name: "Jean",
  family_name: "Valjean",
  usual_name: "VALJEAN",
  phone_number: "0102030405",
  siret: "21920023500014",
  organizations: [{ id: 1, siret: "21920023500014", label: "Commune de Clamart", is_external: false }],
};

/** An issuer, and DataPass that signs people in with it. `registered` is what the issuer knows of DataPass beyond the usual. */
async function start({ claims, registered, pkce, env }) {
  const [port, issuerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "datapass",
      client_secret: SECRET,
      redirect_uris: [`${url}/api/sign_in/callback`],
      post_logout_redirect_uris: [`${url}/api/sign_out/callback`],
      ...registered,
    }],
    claims,
    cookies: { keys: ["essai"] },
    conformIdTokenClaims: true,
    features: { devInteractions: { enabled: true }, jwtUserinfo: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...CLAIMS }) }),
    pkce: { required: () => pkce },
  });
  const requests = [];
  provider.use(async (context, next) => {
    requests.push(new URL(context.url, issuer));
    await next();
  });
  const listener = provider.listen(issuerPort, "127.0.0.1");
  listeners.push(listener);
  await once(listener, "listening");
  const server = await startServer({
    env: { PORT: String(port), OIDC_ISSUER: issuer, OIDC_CLIENT_ID: "datapass",
      OIDC_CLIENT_SECRET: SECRET, ...env },
  });
  const page = await (await openBrowser(server.url)).newPage();
  return { server, issuer, page, requests };
}

/** Through the issuer's own pages. */
async function signIn({ page, server, issuer }) {
  await page.goto("/api/sign_in?return_to=/demandes");
  assert.ok(page.url().startsWith(issuer), page.url());
  await page.locator('input[name="login"]').fill("jean");
  await page.locator('input[name="password"]').fill("peu importe");
  await page.locator('button[type="submit"]').click();
  await page.getByRole("button", { name: /continue/i }).click();
  await page.waitForURL(`${server.url}/demandes`);
  return page.evaluate(async () => (await fetch("/api/session")).json());
}

/** Signs out as a page of ours does, confirms at the issuer, and is home again. */
async function signOut({ page, server, issuer, requests }) {
  const { location } = await page.evaluate(async () => (await fetch("/api/sign_out", { method: "POST" })).json());
  const asked = new URL(location);
  assert.equal(asked.origin, issuer);
  assert.ok(asked.searchParams.get("id_token_hint"));
  assert.ok(asked.searchParams.get("state").length >= 32);
  await page.goto(location);
  await page.getByRole("button", { name: /yes/i }).click();
  await page.waitForURL(`${server.url}/`);
  assert.ok(requests.some((request) => request.pathname === "/session/end/confirm"));
  assert.doesNotMatch(server.logs(), /state that was not sent/);
  const session = await page.evaluate(async () => (await fetch("/api/session")).json());
  assert.equal(session.user, null);
  await page.goto("/api/sign_in");
  await page.locator('input[name="login"]').waitFor(); // the issuer’s session has ended, too
}

test("an issuer as most are: PKCE, secret in the header, api-auth’s claims", async () => {
  const scene = await start({
    claims: { email: ["email", "email_verified"], profile: ["given_name", "family_name"], organizations: ["organizations"] },
    registered: {},
    pkce: true,
    env: {},
  });
  const { user } = await signIn(scene);
  assert.equal(user.email, CLAIMS.email);
  assert.equal(user.email_verified, true);
  assert.equal(user.family_name, "Valjean");
  assert.deepEqual(user.organizations.map(({ siret }) => siret), [CLAIMS.siret]);
  await shot(scene.page, "issuer");
  const own = await fetch(`${scene.server.url}/.well-known/openid-configuration`);
  assert.doesNotMatch(own.headers.get("content-type") ?? "", /json/); // our own provider is off
  await signOut(scene);
});

test("an issuer as ProConnect is: secret in the body, no PKCE, signed userinfo, its own claims", async () => {
  const scene = await start({
    claims: { email: ["email"], given_name: ["given_name"], usual_name: ["usual_name"], siret: ["siret"],
      phone: ["phone_number"] },
    registered: { token_endpoint_auth_method: "client_secret_post", userinfo_signed_response_alg: "RS256" },
    pkce: false,
    env: { OIDC_SCOPES: "openid given_name usual_name email siret phone", OIDC_AUTH_METHOD: "post", OIDC_PKCE: "off",
      OIDC_SIGNED_USERINFO: "on", OIDC_CLAIMS: "family_name=usual_name", OIDC_EXTRA_PARAMS: "acr_values=eidas1" },
  });
  const { user } = await signIn(scene);
  assert.equal(user.family_name, "VALJEAN");
  assert.equal(user.phone_number, CLAIMS.phone_number);
  assert.equal(user.email_verified, true); // an administration vouches for its people
  const asked = scene.requests.find((request) => request.pathname === "/auth").searchParams;
  assert.equal(asked.get("scope"), "openid given_name usual_name email siret phone");
  assert.equal(asked.get("acr_values"), "eidas1");
  assert.equal(asked.get("code_challenge"), null);
  await signOut(scene);
});
