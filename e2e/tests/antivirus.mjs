/** The antivirus as people see it: a file waits for it, is opened, or is refused; nobody reloads a page for that. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, shot, signIn } from "../support/browser.mjs";
import { EICAR, clamd } from "../support/clamd.mjs";
import { startServer } from "../support/server.mjs";

const pdf = (text) => Buffer.from(`%PDF-1.4\n% ${text}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`);

const antivirus = clamd();
let server, browser, page;
before(async () => {
  server = await startServer({ env: { CLAMAV_URL: antivirus.url } });
  browser = await openBrowser(server.url);
  page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
});
after(async () => {
  await antivirus.stop();
  assert.deepEqual(page.problems, []);
});

test("a file waits for the antivirus, then is opened or refused, and the form goes on meanwhile", async () => {
  const data = { target_api: "api_particulier", siret: "21920023500014" };
  const begun = await page.request.post("/api/enrollments", { data, headers: { Origin: server.url } });
  const { id } = await begun.json();
  await page.goto(`/demandes/${id}/modifier`);
  const input = page.getByLabel(/^Maquette du projet/);
  const file = page.locator(".dp-file", { has: input });
  await input.setInputFiles({ name: "maquette.pdf", mimeType: "application/pdf", buffer: pdf("maquette") });
  await file.getByText("Vérification antivirus en cours").waitFor();
  assert.equal(await file.getByRole("link", { name: "maquette.pdf" }).count(), 0, "nobody opens it yet");
  await page.getByLabel(/^Nom du projet|^Intitulé/).first().fill("Cantine");
  await page.waitForResponse((response) => response.request().method() === "PATCH" && response.ok());
  await shot(page, "antivirus-waiting");
  assert.deepEqual(await axe(page, { include: ".dp-file" }), []);
  const reading = await page.request.get(`/api/enrollments/${id}/documents/MaquetteProjet`);
  assert.equal(reading.status(), 409);

  await antivirus.start();
  const link = file.getByRole("link", { name: "maquette.pdf" });
  await link.waitFor();
  assert.equal((await page.request.get(await link.getAttribute("href"))).status(), 200);
  assert.equal(await file.getByText("Vérification antivirus en cours").count(), 0);

  await input.setInputFiles({ name: "virus.pdf", mimeType: "application/pdf", buffer: pdf(EICAR) });
  await file.getByText("Refusé : contient un virus").waitFor();
  assert.equal(await file.getByRole("link").count(), 0);
  await shot(page, "antivirus-refused");
  assert.deepEqual(await axe(page, { include: ".dp-file" }), []);
  await page.goto(`/demandes/${id}`);
  await page.getByText("Refusé : contient un virus").waitFor();
  await shot(page, "antivirus-refused-read");
});
