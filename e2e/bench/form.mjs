/**
 * How long the browser takes over a form: one line each for `just bench`. It measures; it fails nothing.
 *
 * - one validation of the largest policy, in the WASM that is shipped;
 * - the first drawing of the largest form, from the arrival of its data to the frame after its first section, and to the one
 *   after its end, and how many elements its page has then: by steps, as it is at first, and on one page.
 */
import { openBrowser, settled, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const ROUNDS = 9;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const server = await startServer();
const browser = await openBrowser(server.url);
const page = await browser.newPage({ steps: true });
await signIn(page, "user@yopmail.com");
await page.goto("/");

// The largest: what the applicant has to go through, as the JSON that travels.
let largest = { size: 0 };
for (const { target_api } of await (await page.request.get("/api/policies")).json()) {
  const text = await (await page.request.get(`/api/policies/${target_api}`)).text();
  const start = await page.request.post("/api/enrollments", { data: { target_api } });
  if (start.ok() && text.length > largest.size) largest = { target_api, size: text.length, text, id: (await start.json()).id };
}
console.log(`largest policy: ${largest.target_api}, ${Math.round(largest.size / 1024)} kB of JSON`);

const validation = await page.evaluate(async ([policy, rounds]) => {
  const { validation } = await import(document.querySelector('link[rel="modulepreload"]').href);
  const { scopes } = JSON.parse(policy);
  const draft = { intitule: "Cantine", description: "Texte. ".repeat(100), scopes: scopes.map((scope) => scope.id) };
  const errors = await validation(policy, JSON.stringify({ draft, documents: [], nom_raison_sociale: "Commune", previous: null }));
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let time = 0; time < 200; time++) errors();
    times.push((performance.now() - start) / 200);
  }
  return times;
}, [largest.text, ROUNDS]);
console.log(`one validation in WASM, errors written as JSON: ${median(validation).toFixed(3)} ms (goal 1)`);

async function drawing(page, name) {
  await page.addInitScript(() => {
    // The last answer of the API before the form is there is that of its data.
    let arrived;
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now() - arrived))));
    const observer = new MutationObserver(() => {
      if (!window.section && document.querySelector("form.dp-form section")) {
        const answers = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/api/"));
        arrived = Math.max(...answers.map((entry) => entry.responseEnd));
        window.section = drawn();
      }
      if (!window.whole && document.querySelector(".dp-savebar")) window.whole = drawn();
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  const sections = [], wholes = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto("about:blank");
    await page.goto(`/demandes/${largest.id}/modifier`);
    await page.locator(".dp-savebar").waitFor();
    sections.push(await page.evaluate(() => window.section));
    wholes.push(await page.evaluate(() => window.whole));
  }
  await settled(page);
  const elements = await page.locator("#app *").count();
  const [section, whole] = [sections, wholes].map((times) => median(times).toFixed(0));
  console.log(`its form after its data, ${name}: first section ${section} ms (goal 50), all ${whole} ms, ${elements} elements`);
}

await drawing(page, "by steps");
const whole = await browser.newPage();
await signIn(whole, "user@yopmail.com");
await drawing(whole, "on one page");
await browser.close();
await server.stop();
