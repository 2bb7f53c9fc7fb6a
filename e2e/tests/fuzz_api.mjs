/**
 * The API against its own description: Schemathesis calls every operation with what the document allows and with what it
 * forbids. No answer is a 5xx, or of a status, media type or schema that the document does not name. `just fuzz-api` adds
 * calls that chance makes.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openBrowser, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const PROGRAM = fileURLToPath(new URL("../.venv/bin/st", import.meta.url));
const CONFIG = fileURLToPath(new URL("../schemathesis.toml", import.meta.url));
// The limits of what the document says, or also as many calls of each operation that only chance makes.
const CALLS = process.env.EXAMPLES
  ? ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", process.env.EXAMPLES]
  : ["--phases", "coverage", "--seed", "1"];
const APPLICANT = "user@yopmail.com";
const QUOTAS = ["QUOTA_DRAFTS", "QUOTA_NEW_REQUESTS", "QUOTA_UPLOADS", "QUOTA_MESSAGES"];
const env = { DNS_SERVERS: "off", ...Object.fromEntries(QUOTAS.map((name) => [name, "1000000"])) };

/** A server of its own, since what one changes is seen by the others, and a page that is signed in there. */
async function signedIn(email) {
  const server = await startServer({ env });
  const page = await (await openBrowser(server.url)).newPage();
  await signIn(page, email);
  return { server, page };
}

async function cookie(page) {
  const [session] = (await page.context().cookies()).filter(({ name }) => name === "datapass_session");
  return `Cookie: datapass_session=${session.value}`;
}

async function token(page) {
  const data = { name: "Essai", scopes: ["enrollments:read", "enrollments:write"] };
  const tool = await (await page.request.post("/api/me/api_clients", { data })).json();
  const form = { grant_type: "client_credentials", client_id: tool.api_client.id, client_secret: tool.secret };
  const answer = await (await page.request.post("/api/oauth/token", { form })).json();
  return `Authorization: Bearer ${answer.access_token}`;
}

async function fuzz({ url, dataDir }, header) {
  const args = ["--config-file", CONFIG, "--no-color", "run", `${url}/api/openapi.json`, "--header", header, ...CALLS];
  const child = spawn(PROGRAM, args, { cwd: dataDir, stdio: ["ignore", "pipe", "pipe"] });
  let report = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (report += text));
  const [status] = await once(child, "close");
  assert.equal(status, 0, report);
  assert.match(report, /[1-9]\d* generated/, report);
  return report.match(/\d+ generated.*/)[0];
}

for (const [who, email, header] of [
  ["an applicant", APPLICANT, cookie],
  ["an instructor", "api-particulier@yopmail.com", cookie],
  ["an administrator", "datapass@yopmail.com", cookie],
  ["a tool", APPLICANT, token],
]) {
  test(`the API answers ${who} as its document says`, async (t) => {
    const { server, page } = await signedIn(email);
    t.diagnostic(await fuzz(server, await header(page)));
    const session = await page.request.get("/api/session");
    assert.equal((await session.json()).user?.email, email, "the session did not last");
  });
}
