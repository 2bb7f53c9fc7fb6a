/** On paper: an authorisation is a document of two pages at most, and no page of a request is left half empty. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { before, test } from "node:test";
import { fits, openBrowser, settled, signIn } from "../support/browser.mjs";
import { REQUEST } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const MARGIN = 38; // a centimetre, in pixels
const PAPER = { width: 794 - 2 * MARGIN, height: 1123 - 2 * MARGIN }; // A4

let server, browser, applicant, instructor;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  [applicant, instructor] = await Promise.all(["user@yopmail.com", "api-particulier@yopmail.com"].map(async (email) => {
    const page = await browser.newPage();
    await signIn(page, email);
    return page;
  }));
});

/** A granted request for all the data of an API that goes together: its number, and that of the authorisation. */
async function granted() {
  const call = async (page, method, path, data) => {
    const answer = await page.request[method](path, data && { data });
    assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
    return answer.json();
  };
  const { scopes } = await call(applicant, "get", "/api/policies/api_particulier");
  const draft = { ...REQUEST, scopes: scopes.map(({ id }) => id), description: `${REQUEST.description} `.repeat(12).trim() };
  const { id } = await call(applicant, "post", "/api/enrollments", draft);
  await call(applicant, "patch", `/api/enrollments/${id}/change_state`, { event: "submit" });
  const { authorisations } = await call(instructor, "patch", `/api/enrollments/${id}/change_state`, { event: "validate", comment: "Conforme." });
  return { id, number: authorisations[0].id, count: scopes.length };
}

/** How many pages the page takes on paper, and how many it would fill if none had a hole. */
async function printed(page, name) {
  const margin = `${MARGIN}px`;
  const pdf = await page.pdf({ format: "A4", margin: { top: margin, bottom: margin, left: margin, right: margin } });
  if (process.env.SHOTS) {
    mkdirSync(new URL("../.tmp/shots/", import.meta.url), { recursive: true });
    writeFileSync(new URL(`../.tmp/shots/${name}.pdf`, import.meta.url), pdf);
  }
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize(PAPER);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.emulateMedia({ media: null }); // otherwise the next file would be as on a screen
  await page.setViewportSize({ width: 1280, height: 900 });
  return { pages: pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length, full: height / PAPER.height };
}

test("an authorisation is printed on two pages at most, with all of its data and its people", async () => {
  const { number, count } = await granted();
  await applicant.goto(`/public/H${number}`);
  await settled(applicant);
  assert.ok(count > 25, `${count} pieces of data are few`);
  assert.equal(await applicant.getByRole("region", { name: "Données accordées" }).getByRole("listitem").count(), count);
  for (const part of ["Finalité", "Conditions", "Personnes"]) await applicant.getByRole("heading", { level: 2, name: part }).waitFor();
  await fits(applicant, "authorisation-document");
  const { pages } = await printed(applicant, "authorisation");
  assert.ok(pages <= 2, `${pages} pages`);
  // What prints it stands beside the title.
  const [title, print] = [applicant.getByRole("heading", { level: 1 }), applicant.getByRole("button", { name: "Imprimer" })];
  const [{ y, height }, box] = [await title.boundingBox(), await print.boundingBox()];
  assert.ok(box.y < y + height && box.y + box.height > y, JSON.stringify({ y, height, box }));
  assert.deepEqual(applicant.problems, []);
});

test("no page of a request is left half empty on paper", async () => {
  const { id } = await granted();
  for (const [page, path] of [[applicant, `/demandes/${id}`], [instructor, `/demandes/${id}`], [applicant, "/demandes/8"]]) {
    await page.goto(path);
    await settled(page);
    const { pages, full } = await printed(page, `request-${path.split("/").at(-1)}`);
    assert.ok(pages <= Math.ceil(full + 0.5), `${path}: ${pages} pages for ${full.toFixed(1)}`);
  }
});
