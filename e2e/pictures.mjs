/** The three pictures of the README, from the samples of the demonstration: `just pictures`. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openBrowser, settled, signIn } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

const FOLDER = fileURLToPath(new URL("pictures/", import.meta.url));

async function first(page, path) {
  const { items } = await (await page.request.get(path)).json();
  if (!items?.length) throw new Error(`nothing at ${path}`);
  return items[0].id;
}

async function take(page, address, name) {
  await page.goto(address);
  await page.locator("h1").first().waitFor();
  await settled(page);
  await page.screenshot({ path: `${FOLDER}${name}.png` });
}

mkdirSync(FOLDER, { recursive: true });
const server = await startServer();
const browser = await openBrowser(server.url);
try {
  const applicant = await browser.newPage({ height: 860, steps: true });
  await signIn(applicant, "user@yopmail.com");
  const draft = await first(applicant, "/api/enrollments?mine=true&status=draft");
  await take(applicant, `/demandes/${draft}/modifier`, "form");

  const instructor = await browser.newPage({ height: 860 });
  await signIn(instructor, "api-particulier@yopmail.com");
  const submitted = await first(instructor, "/api/enrollments?status=submitted");
  await take(instructor, `/demandes/${submitted}`, "instruction");

  const granted = await first(instructor, "/api/enrollments/public?target_api=api_particulier");
  await take(instructor, `/public/H${granted}`, "authorisation");
} finally {
  await browser.close();
  await server.stop();
}
