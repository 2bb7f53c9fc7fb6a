/**
 * The server is killed again and again while it calls a webhook: each event arrives at least once, with one number, and
 * those of a request arrive in order. `just kills` kills 200 times.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openBrowser, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const KILLS = Number(process.env.KILLS ?? 4);
const REQUESTS_FOR_EACH = 3;
const APPLICANT = "user@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const REQUEST = { target_api: "franceconnect", siret: "13002526500013", intitule: "Essai" };

const arrived = []; // what the receiver was told, in order
let server, browser, receiver, url;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    // Slow enough for a kill to come in between.
    await sleep(Math.random() * 100);
    arrived.push({ id: request.headers["webhook-id"], ...JSON.parse(body) });
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  url = `http://127.0.0.1:${receiver.address().port}/`;
});
after(() => receiver?.close());

async function ok(answer) {
  assert.ok(answer.ok(), await answer.text());
  return answer.json();
}

test("a server that is killed delivers each event at least once, with one number, in order", async () => {
  const administrator = await browser.newPage();
  await signIn(administrator, ADMINISTRATOR);
  const applicant = await browser.newPage();
  await signIn(applicant, APPLICANT);
  const webhook = { target_api: "franceconnect", url, events: ["create", "update", "delete"] };
  await ok(await administrator.request.post("/api/webhooks", { data: webhook }));

  const expected = new Map(); // number of a request → how many events were acknowledged
  for (let kill = 0; kill < KILLS; kill++) {
    for (let index = 0; index < REQUESTS_FOR_EACH; index++) {
      const { id } = await ok(await applicant.request.post("/api/enrollments", { data: REQUEST }));
      await ok(await applicant.request.patch(`/api/enrollments/${id}`, { data: { description: `Essai ${kill}.` } }));
      expected.set(id, 2);
    }
    await sleep(Math.random() * 150);
    await server.kill();
    await server.restart();
  }
  const numbers = (id) => new Set(arrived.filter(({ data }) => data.pass.id === id).map((told) => told.id));
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    const missing = [...expected].filter(([id, count]) => numbers(id).size < count);
    if (missing.length === 0) break;
    assert.ok(Date.now() < end, `not all of these arrived: ${missing}`);
  }
  for (const [id, count] of expected) {
    const own = arrived.filter(({ data }) => data.pass.id === id);
    const first = [...new Map(own.map((told) => [told.id, told])).values()]; // each number once, as it came first
    assert.equal(first.length, count, `request ${id}`);
    assert.deepEqual(first.map(({ event }) => event), ["create", "update"], `request ${id}`);
    for (const told of own) assert.equal(told.delivery_id, told.id);
    const bodies = new Map();
    for (const told of own) {
      assert.deepEqual(bodies.get(told.id) ?? told, told, "the same body each time");
      bodies.set(told.id, told);
    }
  }
});
