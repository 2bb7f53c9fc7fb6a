/**
 * One Chromium for a test file, and what every test wants of it.
 *
 *   const browser = await openBrowser(server.url);
 *   const page = await browser.newPage({ width: 375, dark: true });
 *   await signIn(page, "user@yopmail.com");    // no page is open yet
 *   await page.goto("/mes-demandes");
 *   await settled(page);                       // all is there, and drawn
 *   assert.deepEqual(await axe(page), []);
 *   assert.deepEqual(page.problems, []);       // Chromium is closed for you after the last test
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import axeCore from "axe-core";
import { chromium } from "playwright-core";

const SHOTS = fileURLToPath(new URL("../.tmp/shots/", import.meta.url));
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/google-chrome"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const TIMEOUT = 30_000; // for what takes a second, on a machine that does other things

let chrome; // a promise, so that two who ask at once get the same
after(async () => (await chrome)?.close());

function launch() {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium: run `just setup-test`, or name one in CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS, headless: true });
}

/** Starts Chromium, or takes the one that runs; `baseURL` is what relative addresses start from. */
export async function openBrowser(baseURL) {
  const browser = await (chrome ??= launch());
  return {
    /**
     * A page in a browser context of its own: no cookie in common with any other.
     * A form shows all its parts on one page, as who prefers that has it, unless `steps` leaves it as it is at first.
     * `page.problems` fills with what the console and the page report as errors, and with failed requests.
     */
    async newPage({ width = 1280, height = 900, dark = false, steps = false, ...options } = {}) {
      const context = await browser.newContext({
        baseURL,
        locale: "fr-FR",
        timezoneId: "Europe/Paris",
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
        viewport: { width, height },
        ...options,
      });
      context.setDefaultTimeout(TIMEOUT);
      if (!steps) await context.addInitScript(() => location.protocol.startsWith("http") && localStorage.setItem("datapass.formulaire", "une-page"));
      const page = await context.newPage();
      page.problems = [];
      page.on("console", (message) => message.type() === "error" && page.problems.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => page.problems.push(`page: ${error.message}`));
      page.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText;
        if (reason !== "net::ERR_ABORTED") page.problems.push(`${reason}: ${request.url()}`); // aborted: left the page
      });
      page.asked = 0;
      page.waiting = new Set();
      page.on("request", (request) => page.waiting.add(request) && page.asked++);
      for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => page.waiting.delete(request));
      return page;
    },
    close: () => browser.close(),
  };
}

/** Signs in as anybody would: from the home page, through the identity form. A demonstration password is the e-mail. */
export async function signInByHand(page, email, password = email) {
  await page.goto("/");
  const name = /se connecter/i;
  await page.getByRole("link", { name }).or(page.getByRole("button", { name })).first().click();
  await page.locator('input[name="email"]').fill(email);
  const field = page.locator('input[name="password"]');
  if (!(await field.isVisible())) await page.locator('input[name="email"]').press("Enter"); // one at a time
  await field.fill(password);
  await field.press("Enter");
  await page.locator("#app h1").first().waitFor(); // back in the application: the identity pages have no #app
}

/** Signs in by the same form, and draws no page: where signing in is not what is tested. */
export async function signIn(page, email) {
  const form = await (await page.request.get("/api/sign_in?return_to=/api/session")).text();
  const fields = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
  const hidden = Object.fromEntries(fields.map(([, name, value]) => [name, plain(value)]));
  const answer = await page.request.post("/connexion", { form: { ...hidden, email, password: email } });
  assert.match(answer.headers()["content-type"], /json/, `signing in leads to ${answer.status()} ${answer.url()}`);
  assert.equal((await answer.json()).user?.email, email);
}

/** Gives the password on the page of the provider, where the address may be known already. */
export async function givePassword(page, email) {
  await page.locator('input[name="password"]').waitFor();
  const address = page.locator('input[name="email"]');
  if ((await address.getAttribute("type")) !== "hidden") await address.fill(email);
  await page.locator('input[name="password"]').fill(email);
  await page.keyboard.press("Enter");
}

/** What an attribute says. */
const plain = (html) => html.replaceAll("&#x2f;", "/").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

/** Waits until the page has an answer to all that it asked for, and has drawn it: the application, or a page of the server. */
export async function settled(page) {
  await page.locator("#app h1, body:not(:has(#app)) h1").first().waitFor();
  const end = Date.now() + TIMEOUT;
  for (let asked; asked !== page.asked; ) {
    for (; page.waiting.size > 0; await sleep(10)) {
      assert.ok(Date.now() < end, `no answer: ${[...page.waiting].map((request) => request.url())}`);
    }
    asked = page.asked;
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  }
}

/** Accessibility faults by WCAG 2.1 A and AA, one readable line each. */
export async function axe(page, { include } = {}) {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axeCore.source);
  const violations = await page.evaluate(async ([where, tags]) => {
    const { violations } = await window.axe.run(where, { runOnly: tags, resultTypes: ["violations"] });
    return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes }));
  }, [include ?? { exclude: [] }, WCAG]);
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`),
  );
}

/** How many pixels the page is wider than its window: anything but 0 is a fault. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Keeps a picture of the whole page in e2e/.tmp/shots/NAME.png, if SHOTS is set: few runs have anybody to look at it. */
export async function shot(page, name) {
  if (!process.env.SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Nothing is wrong with the page, wide and on a phone. */
export async function fits(page, name) {
  await settled(page);
  assert.deepEqual(await axe(page), []);
  await shot(page, name);
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await axe(page), []);
  await shot(page, `${name}-375`);
  await page.setViewportSize({ width: 1280, height: 900 });
}
