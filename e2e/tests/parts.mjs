/** The application comes in parts: one that does not come, a new version under an open page, nothing that moves, what each asks for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { start } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

/** A form with a title that is typed and not yet sent; what else is fetched of the application is answered by `answer`. */
async function writing(answer, options) {
  const page = await browser.newPage(options);
  await signIn(page, APPLICANT);
  const { id } = await (await page.request.post("/api/enrollments", { data: { target_api: "api_particulier" } })).json();
  await page.goto(`/demandes/${id}/modifier`);
  await settled(page);
  await page.route("**/assets/*.wasm", answer);
  await page.getByLabel(/^Nom du projet/).fill("Cantine de l’école");
  return { page, id };
}

const account = async (page) => {
  const menu = page.getByRole("button", { name: "Menu" });
  if (await menu.isVisible()) await menu.click();
  await page.locator('a[href="/mon-compte"]').filter({ visible: true }).first().click();
};

for (const width of [1280, 320]) {
  test(`a part that does not come is asked for again, and what was typed stays: ${width} px`, async () => {
    const { page, id } = await writing((route) => route.abort(), { width });
    await account(page);
    const alert = page.getByRole("alert").filter({ hasText: "n’a pas pu être chargée" });
    await alert.waitFor();
    assert.equal(await page.getByLabel(/^Nom du projet/).inputValue(), "Cantine de l’école");
    assert.match(page.url(), new RegExp(`/demandes/${id}/modifier$`));
    assert.deepEqual(await axe(page), []);
    assert.equal(await overflow(page), 0);
    await shot(page, `part-missing-${width}`);
    // Still nothing: the offer stays.
    await alert.getByRole("button", { name: "Réessayer" }).click();
    await alert.getByRole("button", { name: "Réessayer" }).waitFor();

    await page.unroute("**/assets/*.wasm");
    await alert.getByRole("button", { name: "Réessayer" }).click();
    await page.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
    await alert.waitFor({ state: "detached" });
    assert.match(page.url(), /\/mon-compte$/);
    await page.goBack();
    await page.getByLabel(/^Nom du projet/).waitFor();
    assert.equal(await page.getByLabel(/^Nom du projet/).inputValue(), "Cantine de l’école");
  });
}

test("another page may be asked for instead of the one that did not come", async () => {
  const { page } = await writing((route) => route.abort());
  await account(page);
  const alert = page.getByRole("alert").filter({ hasText: "n’a pas pu être chargée" });
  await alert.waitFor();
  await page.unroute("**/assets/*.wasm");
  await page.getByRole("link", { name: "Mes demandes" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Mes demandes" }).waitFor();
  await alert.waitFor({ state: "detached" });
});

test("a page that is open while a new version is put in its place goes on", async () => {
  let isOld = true;
  const { page, id } = await writing((route) => (isOld ? route.fulfill({ status: 404 }) : route.continue()));
  // Answers of the new server: it has none of the old files.
  const gone = await page.request.get("/assets/account-0-0000000000000000.wasm");
  assert.equal(gone.status(), 404);
  page.on("request", (request) => request.isNavigationRequest() && (isOld = false));
  page.on("dialog", (dialog) => dialog.accept());
  await account(page);
  await page.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
  assert.equal(isOld, false, "the browser has loaded the new version");
  await page.goto(`/demandes/${id}/modifier`);
  await settled(page);
  assert.equal(await page.getByLabel(/^Nom du projet/).inputValue(), "Cantine de l’école");
});

test("a first page whose part is of another version does not load again and again", async () => {
  const page = await browser.newPage();
  await signIn(page, APPLICANT);
  let loads = 0;
  page.on("request", (request) => request.isNavigationRequest() && loads++);
  await page.route(/\/assets\/(account|shared)-.*\.wasm/, (route) => route.fulfill({ status: 404 }));
  await page.goto("/mon-compte");
  await page.getByRole("button", { name: "Réessayer" }).waitFor();
  assert.equal(loads, 1);
});

const { parts } = JSON.parse(readFileSync(new URL("../../frontend/dist/manifest.json", import.meta.url)));

/** Pages of which the rest comes after them: the files of the rest alone, a link to a place in it, and that place. */
async function withRest(page, which) {
  const own = parts[`${which}_rest`].filter((path) => !parts[which].includes(path));
  const file = (url) => own.includes(url.pathname);
  if (which === "form") {
    await signIn(page, APPLICANT);
    const { id } = await (await page.request.post("/api/enrollments", { data: { target_api: "api_particulier" } })).json();
    const link = page.locator('.dp-sidemenu a[href$="?partie=description"]');
    return { path: `/demandes/${id}/modifier`, file, link, place: "#partie-description" };
  }
  await signIn(page, INSTRUCTOR);
  const { id } = (await (await page.request.get("/api/enrollments?status=submitted")).json()).items[0];
  const link = page.getByRole("link", { name: "Prendre une décision" });
  return { path: `/demandes/${id}`, file, link, place: "#decision" };
}

for (const which of ["request", "form"]) {
  test(`a link to the rest of a page waits for it, and the focus goes there: ${which}`, async () => {
    const page = await browser.newPage();
    const { path, file, link, place } = await withRest(page, which);
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await page.route(file, (route) => released.then(() => route.continue()));
    await page.goto(path);
    await link.click();
    assert.equal(await page.locator(place).count(), 0, "its rest is not there yet");
    release();
    await page.waitForFunction((place) => document.activeElement?.matches(place), place);
    assert.deepEqual(page.problems, []);
  });

  test(`the rest of a page that does not come is asked for again: ${which}`, async () => {
    const page = await browser.newPage();
    const { path, file, place } = await withRest(page, which);
    await page.route(file, (route) => route.abort());
    await page.goto(path);
    const retry = page.getByRole("alert").getByRole("button", { name: "Réessayer" });
    await retry.waitFor();
    assert.match(await page.locator("h1").innerText(), /\S/);
    assert.deepEqual(await axe(page), []);
    await page.unroute(file);
    await retry.click();
    await page.locator(place).waitFor();
    await retry.waitFor({ state: "detached" });
  });
}

/** The pages whose reader waits for them, with who reads. */
async function pages() {
  const page = await browser.newPage();
  await signIn(page, APPLICANT);
  const { id } = await (await page.request.post("/api/enrollments", { data: { target_api: "api_particulier" } })).json();
  const { items } = await (await page.request.get("/api/enrollments?mine=true&limit=100")).json();
  const granted = items.find((row) => row.status === "validated").id;
  await page.context().close();
  const other = await browser.newPage();
  await signIn(other, INSTRUCTOR);
  const submitted = (await (await other.request.get("/api/enrollments?status=submitted")).json()).items[0].id;
  await other.context().close();
  return [
    [APPLICANT, ["/", `/demandes/${id}/modifier`, `/demandes/${granted}`, "/mon-compte"]],
    [INSTRUCTOR, ["/instruction", `/demandes/${submitted}`, "/mes-demandes"]],
    [ADMINISTRATOR, ["/administration", "/personnes", "/developpeurs", "/journal", "/envois", "/services"]],
  ];
}

test("nothing shifts on any page while it comes", async () => {
  const shifts = [];
  for (const [who, paths] of await pages()) {
    for (const width of [1280, 375]) {
      const page = await browser.newPage({ width });
      await page.addInitScript(() => {
        window.shifts = [];
        const seen = ({ value, sources }) => window.shifts.push([value, ...sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? "").slice(0, 120))]);
        new PerformanceObserver((list) => list.getEntries().forEach(seen)).observe({ type: "layout-shift", buffered: true });
      });
      await signIn(page, who);
      // Each step is seen by itself, as on a slow line.
      await page.route(/\/api\/|\.wasm/, (route) => sleep(120).then(() => route.continue()));
      for (const path of paths) {
        await page.goto(path);
        await settled(page);
        const seen = await page.evaluate(() => window.shifts);
        // Three decimals, as browsers and Lighthouse tell it.
        if (seen.reduce((sum, [value]) => sum + value, 0) >= 0.0005) shifts.push([path, width, ...seen]);
      }
      await page.context().close();
    }
  }
  assert.deepEqual(shifts, []);
});

test("a call that does not come hides nothing of its page for long", async () => {
  const page = await browser.newPage();
  await signIn(page, ADMINISTRATOR);
  const call = /\/api\/outbox(\?|$)/;
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(call, (route) => released.then(() => route.continue()));
  await page.goto("/envois");
  const other = page.locator("#acces-a-verifier");
  await other.waitFor({ state: "attached" });
  assert.equal(await other.isVisible(), false, "it would move");
  await other.waitFor();
  await page.getByText("Rien à vérifier").waitFor();
  release();
  await page.getByText("Tout est remis").waitFor();
  assert.deepEqual(page.problems, []);
});

test("the catalogue is asked for where it is shown, and comes compressed", async () => {
  for (const [who, paths] of await pages()) {
    for (const path of paths) {
      const page = await browser.newPage();
      await signIn(page, who);
      const [asked, bytes, policies] = [[], [], []];
      page.on("response", (answer) => {
        if (!new URL(answer.url()).pathname.startsWith("/api/")) return;
        if (new URL(answer.url()).pathname === "/api/policies") asked.push(answer);
        if (/^\/api\/policies\/./.test(new URL(answer.url()).pathname)) policies.push(answer.url());
        bytes.push(answer.body().then((body) => brotliCompressSync(body).length, () => 0));
      });
      await page.goto(path);
      await settled(page);
      const names = await page.getByText("API Particulier").count();
      if (asked.length > 0) assert.equal(await asked[0].headerValue("content-encoding"), "gzip");
      assert.ok(asked.length <= 1, `${path} asks ${asked.length} times`);
      if (/\/(administration|journal|services)$/.test(path)) assert.equal(asked.length, 0, path);
      if (path === "/") assert.ok(asked.length === 1 && names > 0, path);
      if (path.endsWith("/modifier")) assert.equal(policies.length, 1, `the form asks for one policy: ${policies}`);
      const json = (await Promise.all(bytes)).reduce((sum, length) => sum + length, 0);
      assert.ok(json <= (path.endsWith("/modifier") ? 14_000 : 16_000), `${path}: ${json} bytes of JSON in brotli`);
      await page.context().close();
    }
  }
});

test("the page where one signs in fetches the first part ahead", async () => {
  const page = await browser.newPage();
  await page.goto("/api/sign_in?return_to=/");
  await page.locator('input[name="email"]').waitFor();
  const ahead = await page.locator('link[rel="prefetch"]').evaluateAll((links) => links.map((link) => link.href));
  for (const name of [/frontend-.*\.wasm$/, /frontend-.*\.js$/, /parts-.*\.js$/, /start-.*\.js$/]) {
    const url = ahead.find((url) => name.test(url));
    assert.ok(url, `${name}`);
    await page.waitForFunction((url) => performance.getEntriesByName(url).length > 0, url);
  }
  assert.deepEqual(page.problems, []);
});
