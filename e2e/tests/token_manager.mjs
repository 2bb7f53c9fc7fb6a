/** One person, one account: what the token manager opens for an authorisation waits for who signs in there with us. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, signIn } from "../support/browser.mjs";
import { startManager } from "../support/manager.mjs";
import { freePort, startServer } from "../support/server.mjs";

const KEY = "clef-d-essai";
const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";

/** What API Particulier asks for. */
const REQUEST = {
  target_api: "api_particulier",
  siret: "13002526500013",
  intitule: "Tarification de la cantine",
  description: "Calculer le tarif de la cantine d’après le quotient familial.",
  scopes: ["cnaf_quotient_familial"],
  technical_team_type: "internal_team",
  data_recipients: "Agents du service enfance",
  data_retention_period: 12,
  fondement_juridique_title: "Article L114-8 du CRPA",
  fondement_juridique_url: "https://www.legifrance.gouv.fr/codes/article_lc/X",
  cgu_approved: true,
  dpo_is_informed: true,
  team_members: ["responsable_traitement", "delegue_protection_donnees", "responsable_technique"].map((type) => ({
    type, given_name: "Camille", family_name: "Exemple", email: `${type.replaceAll("_", "-")}@exemple.fr`,
    phone_number: "06 12 34 56 78", job: "Direction",
  })),
};

const accesses = new Map(); // number of the request → what DataPass has asked for
let server, browser, manager, policies;
before(async () => {
  policies = mkdtempSync(join(tmpdir(), "datapass-policies-"));
  const policy = readFileSync(new URL("../../shared/policies/api_particulier.toml", import.meta.url), "utf8");
  writeFileSync(join(policies, "api_particulier.toml"), policy.replace('["webhook"]', '["token_manager"]'));
  const port = await freePort();
  const env = { TOKEN_MANAGER_URL: `http://127.0.0.1:${port}`, TOKEN_MANAGER_KEY: KEY, POLICIES_DIR: policies };
  server = await startServer({ env });
  browser = await openBrowser(server.url);
  manager = await startManager(server, { metadata: {}, method: "client_secret_basic", userinfo: "plain", port, answer });
});
after(() => {
  manager?.close();
  rmSync(policies, { recursive: true, force: true });
});

/** The contract of a token manager, and the page where its users find their tokens. */
async function answer(request, response, here, manager) {
  if (here.pathname === "/tokens") {
    const { sub } = manager.tokens.claims();
    const own = [...accesses.values()].filter(({ account }) => account.sub === sub);
    response.setHeader("content-type", "text/plain; charset=utf-8");
    response.end(own.map(({ authorisation, application }) => `${authorisation} ${application.name}`).join("\n"));
    return true;
  }
  const [, id] = /^\/accesses\/(\d+)$/.exec(here.pathname) ?? [];
  if (!id) return false;
  const send = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.headers.authorization !== `Bearer ${KEY}`) send(401, {});
  else if (request.method === "PUT") {
    let body = "";
    for await (const chunk of request) body += chunk;
    accesses.set(id, JSON.parse(body));
    send(200, { id, link: `${manager.url}/tokens` });
  } else if (request.method === "DELETE") {
    accesses.delete(id);
    response.writeHead(204).end();
  } else if (accesses.has(id)) send(200, { active: true, scopes: accesses.get(id).application.scopes });
  else send(404, {});
  return true;
}

async function ok(answer) {
  assert.ok(answer.ok(), await answer.text());
  return answer.json();
}

test("who was granted an access signs in at the manager with us and finds it, until it is revoked", async () => {
  const applicant = await browser.newPage();
  await signIn(applicant, APPLICANT);
  const instructor = await browser.newPage();
  await signIn(instructor, INSTRUCTOR);
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data: REQUEST }));
  const step = (page, event) =>
    page.request.patch(`/api/enrollments/${id}/change_state`, { data: { event, comment: "Essai." } });
  await ok(await step(applicant, "submit"));
  await ok(await step(instructor, "validate"));
  const access = async () => (await ok(await applicant.request.get(`/api/enrollments/${id}`))).authorisations[0].provisionings[0];
  const until = async (state) => {
    for (const end = Date.now() + 20_000; ; await new Promise((done) => setTimeout(done, 50))) {
      const found = await access();
      if (found?.state === state) return found;
      assert.ok(Date.now() < end, `not ${state}: ${JSON.stringify(found)}`);
    }
  };
  const { link } = await until("open");

  // The same person, who has never been there: the account is theirs.
  await applicant.goto(`${manager.url}/login`);
  await applicant.waitForURL(`${manager.url}/callback?*`);
  await applicant.goto(link);
  assert.match(await applicant.locator("body").textContent(), /^H\d+ Tarification de la cantine$/m);
  // Somebody else finds nothing.
  const other = await browser.newPage();
  await signIn(other, INSTRUCTOR);
  await other.goto(`${manager.url}/login`);
  await other.waitForURL(`${manager.url}/callback?*`);
  await other.goto(link);
  assert.doesNotMatch(await other.locator("body").textContent(), /Tarification de la cantine/);

  const administrator = await browser.newPage();
  await signIn(administrator, "datapass@yopmail.com");
  await ok(await step(administrator, "revoke"));
  await until("withdrawn");
  assert.equal(accesses.has(String(id)), false);
});
