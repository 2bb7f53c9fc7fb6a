/** Each policy in the browser: the engine says there what the server says, and each form can be used. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { program, startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
/** Forms of which a picture is kept, unlike one another. */
const PICTURES = ["api_entreprise", "api_particulier", "franceconnect", "aidants_connect", "hubee_portail_dila", "agent_connect_fs",
  "api_impot_particulier_unique", "api_r2p_sandbox", "api_impot_particulier_production", "api_declaration_cesu", "le_taxi", "api_ficoba_unique"];

let server, browser, page, policies;
before(async () => {
  // One draft of each, of one person.
  server = await startServer({ env: { QUOTA_DRAFTS: "100" } });
  browser = await openBrowser(server.url);
  page = await browser.newPage();
  await signIn(page, APPLICANT);
  policies = await (await page.request.get("/api/policies")).json();
});

test("the engine finds the same errors in the browser as on the server", async () => {
  const { stdout, stderr, status } = spawnSync(program("examples/validation_cases"), { encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr);
  const cases = stdout.trim().split("\n").map((line) => JSON.parse(line));
  await page.goto("/");
  const module = await page.evaluate(() => document.querySelector('link[rel="modulepreload"]').href);
  const seen = new Set();
  for (const { target_api } of policies) {
    const own = cases.filter((one) => one.target_api === target_api);
    if (own.length === 0) continue;
    const found = await page.evaluate(async ([module, target_api, cases]) => {
      const { validation } = await import(module);
      const policy = await (await fetch(`/api/policies/${target_api}`)).text();
      return Promise.all(cases.map(async (one) => {
        const errors = await validation(policy, JSON.stringify(one));
        return JSON.parse(errors());
      }));
    }, [module, target_api, own.map((one) => one.case)]);
    own.forEach((one, index) => assert.deepEqual(found[index], one.errors, `${target_api}, case ${index}`));
    seen.add(target_api);
  }
  assert.equal(seen.size, 75);
  assert.ok(cases.some((one) => one.errors.length === 0) && cases.some((one) => one.errors.length > 10));
});

test("each form opens, has no accessibility fault and fits on a phone", async () => {
  const faults = [];
  let opened = 0;
  for (const { target_api } of policies) {
    const started = await page.request.post("/api/enrollments", { data: { target_api } });
    // What is no longer offered says so where one would start.
    const path = started.status() === 403 ? `/nouvelle-demande/${target_api}` : `/demandes/${(await started.json()).id}/modifier`;
    opened += started.ok();
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(path);
    await settled(page);
    if (started.ok()) await page.locator("form.dp-form section").first().waitFor();
    if (PICTURES.includes(target_api)) await shot(page, `form-${target_api}`);
    faults.push(...(await axe(page)).map((fault) => `${target_api}: ${fault}`));
    await page.setViewportSize({ width: 375, height: 800 });
    if ((await overflow(page)) > 0) faults.push(`${target_api}: ${await overflow(page)} px too wide`);
    if (PICTURES.includes(target_api)) await shot(page, `form-${target_api}-phone`);
    faults.push(...page.problems.splice(0).map((problem) => `${target_api}: ${problem}`));
  }
  assert.deepEqual(faults, []);
  assert.equal(opened, 67);
});

test("the page of each API has no accessibility fault and fits on a phone", async () => {
  const page = await browser.newPage();
  const faults = [];
  for (const { target_api } of policies) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`/${target_api}`);
    faults.push(...(await axe(page)).map((fault) => `${target_api}: ${fault}`));
    await page.setViewportSize({ width: 375, height: 800 });
    if ((await overflow(page)) > 0) faults.push(`${target_api}: ${await overflow(page)} px too wide`);
    if (PICTURES.includes(target_api)) await shot(page, `api-${target_api}-phone`);
  }
  assert.deepEqual(faults, []);
});

test("the guide has no accessibility fault and fits on a phone", async () => {
  for (const options of [{}, { width: 375, height: 800 }, { dark: true }]) {
    const page = await browser.newPage(options);
    await page.goto("/raccordement");
    await shot(page, `guide-${options.width ?? (options.dark ? "dark" : "wide")}`);
    assert.deepEqual(await axe(page), []);
    assert.equal(await overflow(page), 0);
    const broken = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.hash.slice(1))).map((a) => a.hash));
    assert.deepEqual(broken, []);
  }
});
