/**
 * One Chromium for a test file, and what every test wants of it.
 *
 *   const browser = await openBrowser(server.url);
 *   const page = await browser.newPage({ width: 375, dark: true });
 *   await signIn(page, "user@yopmail.com");
 *   assert.deepEqual(await axe(page), []);
 *   assert.deepEqual(page.problems, []);
 *   await browser.close();                     // done for you after the last test
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const SHOTS = fileURLToPath(new URL("../.tmp/shots/", import.meta.url));
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

const browsers = new Set();
after(() => Promise.all([...browsers].map((chrome) => chrome.close())));

/** Starts Chromium; `baseURL` is what relative addresses start from. */
export async function openBrowser(baseURL) {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium: run `just setup-test`, or name one in CHROMIUM");
  const chrome = await chromium.launch({ executablePath, args: FLAGS, headless: true });
  browsers.add(chrome);
  return {
    /**
     * A page in a browser context of its own: no cookie in common with any other.
     * `page.problems` fills with what the console and the page report as errors, and with failed requests.
     */
    async newPage({ width = 1280, height = 900, dark = false, ...options } = {}) {
      const context = await chrome.newContext({
        baseURL,
        locale: "fr-FR",
        timezoneId: "Europe/Paris",
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
        viewport: { width, height },
        ...options,
      });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      page.problems = [];
      page.on("console", (message) => message.type() === "error" && page.problems.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => page.problems.push(`page: ${error.message}`));
      page.on("requestfailed", (request) => {
        const reason = request.failure()?.errorText;
        if (reason !== "net::ERR_ABORTED") page.problems.push(`${reason}: ${request.url()}`); // aborted: left the page
      });
      return page;
    },
    close: () => chrome.close(),
  };
}

/** Signs in as anybody would: from the home page, through the identity form. A demonstration password is the e-mail. */
export async function signIn(page, email, password = email) {
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

/** Accessibility faults by WCAG 2.1 A and AA, one readable line each. */
export async function axe(page, { include, exclude } = {}) {
  let builder = new AxeBuilder({ page }).withTags(WCAG);
  if (include) builder = builder.include(include);
  if (exclude) builder = builder.exclude(exclude);
  const { violations } = await builder.analyze();
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${id} (${impact}): ${node.target.join(" ")}: ${node.failureSummary?.replace(/\s+/g, " ")}`),
  );
}

/** How many pixels the page is wider than its window: anything but 0 is a fault. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Keeps a picture of the whole page in e2e/.tmp/shots/NAME.png. */
export async function shot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  const path = join(SHOTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
