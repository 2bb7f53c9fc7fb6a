/** One person, one account: what the token manager opens for an authorisation waits for who signs in there with us. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fits, openBrowser, signIn } from "../support/browser.mjs";
import { REQUEST } from "../support/form.mjs";
import { startManager } from "../support/manager.mjs";
import { freePort, startServer } from "../support/server.mjs";

const KEY = "clef-d-essai";
const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";

const accesses = new Map(); // number of the request → what DataPass has asked for
let server, browser, manager, policies;
let isBroken = false;
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
  else if (isBroken) send(503, {});
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

test("a manager that fails is seen by whoever reads the request, and called again by who instructs it", async () => {
  const [applicant, instructor, administrator] = await Promise.all([APPLICANT, INSTRUCTOR, "datapass@yopmail.com"].map(async (email) => {
    const page = await browser.newPage();
    await signIn(page, email);
    return page;
  }));
  const step = async (page, id, event) =>
    ok(await page.request.patch(`/api/enrollments/${id}/change_state`, { data: { event, comment: "Essai." } }));
  const read = async (id) => (await ok(await applicant.request.get(`/api/enrollments/${id}`))).authorisations[0];
  const until = async (id, is) => {
    for (const end = Date.now() + 20_000; ; await new Promise((done) => setTimeout(done, 50))) {
      const authorisation = await read(id);
      if (is(authorisation.provisionings[0])) return authorisation.id;
      assert.ok(Date.now() < end, JSON.stringify(authorisation));
    }
  };
  // The accesses of the samples were asked for before the manager was there.
  const issues = async () => (await ok(await administrator.request.get("/api/provisionings"))).items;
  for (const end = Date.now() + 20_000; (await issues()).length > 0; await new Promise((done) => setTimeout(done, 100))) {
    assert.ok(Date.now() < end, JSON.stringify(await issues()));
    await ok(await administrator.request.post("/api/outbox/retry"));
  }
  await administrator.goto("/envois");
  await administrator.getByText("Rien à vérifier").waitFor();
  await fits(administrator, "accesses-none");

  isBroken = true;
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data: REQUEST }));
  await step(applicant, id, "submit");
  await step(instructor, id, "validate");
  const authorisation = await until(id, (access) => access?.error);
  await applicant.goto(`/demandes/${id}`);
  await applicant.getByText("Gestionnaire de jetons : accès en cours d’ouverture").waitFor();
  await applicant.getByText(/En échec depuis le .*503/).waitFor();
  assert.equal(await applicant.getByRole("button", { name: "Réessayer" }).count(), 0);
  await fits(applicant, "access-failing");
  await applicant.goto(`/public/H${authorisation}`);
  await applicant.getByText(/En échec depuis le/).waitFor();
  await administrator.goto("/envois");
  const issue = administrator.getByRole("region", { name: "Accès à vérifier" }).getByRole("listitem").filter({ hasText: `Demande n° ${id}` }).first();
  await issue.getByText(/En échec depuis le/).waitFor();
  await administrator.getByText("Ouverture de l’accès, habilitation").first().waitFor();
  await fits(administrator, "accesses-failing");
  await issue.getByRole("link").click();
  await administrator.getByRole("button", { name: "Réessayer" }).waitFor();

  isBroken = false;
  await instructor.goto(`/demandes/${id}`);
  await instructor.getByRole("button", { name: "Réessayer" }).focus();
  await instructor.keyboard.press("Enter");
  await instructor.getByText("Le gestionnaire est rappelé.").waitFor();
  await until(id, (access) => access.state === "open" && !access.failing_since);
  await applicant.goto(`/demandes/${id}`);
  await applicant.getByText(/Gestionnaire de jetons\s: accès ouvert le/).waitFor();
  assert.equal(await applicant.getByRole("link", { name: "Continuer – Gestionnaire de jetons" }).getAttribute("href"), `${manager.url}/tokens`);
  await fits(applicant, "access-open");
  await applicant.goto(`/public/H${authorisation}`);
  await applicant.getByText(/accès ouvert le/).waitFor();
  await fits(applicant, "access-authorisation");

  await step(administrator, id, "revoke");
  await until(id, (access) => access.state === "withdrawn");
  await applicant.goto(`/public/H${authorisation}`);
  await applicant.getByText("Gestionnaire de jetons : accès retiré").waitFor();
});
