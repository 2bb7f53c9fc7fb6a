/** The tutorials do what they say: each block of code is taken from the text and run against the real program. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { REQUEST } from "../support/form.mjs";
import { freePort, startServer } from "../support/server.mjs";

const TEXT = readFileSync(new URL("../../backend/templates/tutoriels.md", import.meta.url), "utf8");
const KEY = "clef-d-essai";

let server, browser, directory, managerPort, applicant, instructor, administrator;
const running = new Set();
before(async () => {
  directory = mkdtempSync(join(tmpdir(), "datapass-tutorials-"));
  const policy = readFileSync(new URL("../../shared/policies/api_particulier.toml", import.meta.url), "utf8");
  writeFileSync(join(directory, "api_particulier.toml"), policy.replace('["webhook"]', '["webhook", "token_manager"]'));
  managerPort = await freePort();
  const env = { TOKEN_MANAGER_URL: `http://127.0.0.1:${managerPort}`, TOKEN_MANAGER_KEY: KEY, POLICIES_DIR: directory };
  server = await startServer({ env });
  browser = await openBrowser(server.url);
  [applicant, instructor, administrator] = await Promise.all(["user", "api-particulier", "datapass"].map(async (name) => {
    const page = await browser.newPage();
    await signIn(page, `${name}@yopmail.com`);
    return page;
  }));
});
after(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

/** The one block in that language of the part under that heading. */
function block(heading, language) {
  const part = TEXT.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const found = [...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, name]) => name === language);
  assert.equal(found.length, 1, `${heading}, ${language}`);
  return found[0][2];
}

/** Runs a block; what it writes grows in `output`. */
function start(heading, language, variables) {
  const file = join(directory, `programme-${language}`);
  writeFileSync(file, block(heading, language));
  const [command, ...args] = language === "python" ? ["python3", file] : ["sh", "-eu", file];
  const env = { PATH: process.env.PATH, HOME: directory, PYTHONIOENCODING: "utf8", DATAPASS: server.url, ...variables };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const program = { child, output: "", errors: "" };
  child.stdout.on("data", (text) => (program.output += text));
  child.stderr.on("data", (text) => (program.errors += text));
  child.once("close", () => running.delete(child));
  return program;
}

/** Runs a block to its end. */
async function run(heading, language, variables) {
  const program = start(heading, language, variables);
  const [status] = await once(program.child, "close");
  return { status, ...program };
}

/** Runs a block that serves on that port, and waits until it does. */
async function serve(heading, port, variables) {
  const program = start(heading, "python", { PORT: String(port), ...variables });
  await until(`a server on ${port}`, async () => {
    assert.equal(program.child.exitCode, null, program.errors);
    const socket = connect(port, "127.0.0.1");
    const [answered] = await Promise.race([once(socket, "connect").then(() => [true]), once(socket, "error").then(() => [false])]).catch(() => [false]);
    socket.destroy();
    return answered;
  });
  return program;
}

async function until(said, find) {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `waited for ${said}`);
  }
}

async function ok(answer) {
  assert.ok(answer.ok(), await answer.text());
  return answer.json();
}

const step = async (who, id, event) =>
  ok(await who.request.patch(`/api/enrollments/${id}/change_state`, { data: { event, comment: "Conforme." } }));

async function granted() {
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data: REQUEST }));
  await step(applicant, id, "submit");
  await step(instructor, id, "validate");
  return id;
}

test("the page can be read", async () => {
  const page = await browser.newPage();
  await page.goto("/tutoriels");
  await page.getByRole("heading", { level: 1, name: "Tutoriels pour les développeurs" }).waitFor();
  assert.equal(await page.locator("pre").count(), 6);
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await axe(page), []);
    assert.equal(await overflow(page), 0);
    await shot(page, `tutorials-${width}`);
  }
  assert.deepEqual(page.problems, []);
});

test("from nothing to three calls, in shell and in Python", async () => {
  const first = "De zéro à un premier appel";
  const data = { name: "Tutoriel", scopes: ["enrollments:read"] };
  const { api_client, secret } = await ok(await applicant.request.post("/api/me/api_clients", { data }));
  const variables = { CLIENT_ID: api_client.id, CLIENT_SECRET: secret };
  const expected = (await ok(await applicant.request.get("/api/enrollments?limit=100"))).items.map(({ id }) => id);
  assert.ok(expected.length > 5, "more than one page");
  const events = await ok(await applicant.request.get(`/api/enrollments/${expected[0]}/events`));

  const shell = await run(first, "sh", variables);
  assert.equal(shell.status, 0, shell.errors);
  const [list, one, history] = shell.output.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(list.items.map(({ id }) => id), expected.slice(0, 5));
  assert.deepEqual([one.id, history.length], [expected[0], events.length]);
  const python = await run(first, "python", variables);
  assert.equal(python.status, 0, python.errors);
  const lines = python.output.trim().split("\n");
  assert.equal(lines.pop(), `Demande ${expected[0]} : ${events.length} événements`);
  assert.deepEqual(lines.map((line) => Number(line.split(" ")[0])), expected);
  const refused = await run(first, "python", { ...variables, CLIENT_SECRET: "faux" });
  assert.notEqual(refused.status, 0);
});

test("a receiver takes what is signed and nothing else", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/datapass`;
  const data = { target_api: "api_particulier", url, events: ["submit", "validate"] };
  const { webhook, secret } = await ok(await administrator.request.post("/api/webhooks", { data }));
  const receiver = await serve("Recevoir un webhook", port, { WEBHOOK_SECRET: secret });
  const tried = async () => ok(await administrator.request.post(`/api/webhooks/${webhook.id}/test`));
  assert.equal((await tried()).status, 200);
  const id = await granted();
  await until("both calls", () => receiver.output.includes(`approve ${id}`));
  assert.match(receiver.output, new RegExp(`submit ${id}\\napprove ${id}\\n`));
  // The token of its answer opens the access.
  await until("the access", async () => {
    const { authorisations } = await ok(await applicant.request.get(`/api/enrollments/${id}`));
    return authorisations[0].provisionings.some(({ manager, state }) => manager === "webhook" && state === "open");
  });
  // The same told again is no news.
  const before = receiver.output;
  const { items } = await ok(await administrator.request.get(`/api/webhooks/${webhook.id}/deliveries`));
  await ok(await administrator.request.post(`/api/webhooks/${webhook.id}/replay`, { data: { delivery: items[0].id } }));
  await until("the second call", async () => {
    const { items } = await ok(await administrator.request.get(`/api/webhooks/${webhook.id}/deliveries`));
    return items[0].attempts.length === 2 && items[0].state === "delivered";
  });
  assert.equal(receiver.output, before);

  const shell = await run("Recevoir un webhook", "sh", { PORT: String(port), WEBHOOK_SECRET: secret });
  assert.equal(shell.status, 0, shell.errors);
  await until("the call by hand", () => receiver.output.endsWith("test None\n"));
  const forged = await run("Recevoir un webhook", "sh", { PORT: String(port), WEBHOOK_SECRET: "whsec_QUFBQQ==" });
  assert.notEqual(forged.status, 0);
  const unsigned = await fetch(url, { method: "POST", body: "{}" });
  assert.equal(unsigned.status, 401);
  // While the secret changes, either will do.
  await ok(await administrator.request.post(`/api/webhooks/${webhook.id}/secret`));
  assert.equal((await tried()).status, 200);
  await ok(await administrator.request.delete(`/api/webhooks/${webhook.id}/previous_secret`));
  assert.equal((await tried()).status, 401);
});

test("a manager opens and withdraws the access", async () => {
  const manager = await serve("Ouvrir l’accès dans son gestionnaire", managerPort, { TOKEN_MANAGER_KEY: KEY });
  const id = await granted();
  const access = async () => {
    const { authorisations } = await ok(await applicant.request.get(`/api/enrollments/${id}`));
    return authorisations[0].provisionings.find(({ manager }) => manager === "token_manager");
  };
  const open = await until("the access", async () => {
    const found = await access();
    return found.state === "open" && found;
  });
  assert.equal(open.link, `http://127.0.0.1:${managerPort}/jetons`);
  assert.match(manager.output, new RegExp(`^ouvert ${id} ${REQUEST.siret}$`, "m"));

  const variables = { PORT: String(managerPort), TOKEN_MANAGER_KEY: KEY };
  const shell = await run("Ouvrir l’accès dans son gestionnaire", "sh", variables);
  assert.equal(shell.status, 0, shell.errors);
  assert.match(shell.output, /"active": true, "scopes": \["cnaf_quotient_familial"\]/);
  const refused = await run("Ouvrir l’accès dans son gestionnaire", "sh", { ...variables, TOKEN_MANAGER_KEY: "fausse" });
  assert.notEqual(refused.status, 0);

  await step(administrator, id, "revoke");
  await until("the withdrawal", async () => (await access()).state === "withdrawn");
  assert.match(manager.output, new RegExp(`^retiré ${id}$`, "m"));
});
