/** A request as its instructor reads and decides it: short, with what one does at hand. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const INSTRUCTOR = "api-particulier@yopmail.com";
const ADMINISTRATOR = "datapass@yopmail.com";
const SUBMITTED = 9; // « Accueil de loisirs »
const LONGEST = 2_900; // of the whole page, in pixels; it was more than 4 000

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

async function open(email, id, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  await page.goto(`/demandes/${id}`);
  await settled(page);
  await page.getByRole("heading", { name: "Historique" }).waitFor();
  return page;
}

const panel = (page) => page.getByRole("region", { name: "Décision" });
const answer = (page, field) => page.locator(`#champ-${field}`);
const ask = (page, field) => page.locator(`#signaler-champ-${field}`);
const opacity = (locator) => locator.evaluate((element) => getComputedStyle(element).opacity);

test("a request with all that belongs to it is short", async () => {
  const page = await open(INSTRUCTOR, SUBMITTED);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await shot(page, "reading");
  assert.ok(height <= LONGEST, `${height} px`);
  // A part that asks one thing is one line, and so is one where nothing is written yet.
  for (const [title, beside] of [["Équipe technique", "Notre propre équipe technique"], ["Notes internes", "Aucune note pour l’instant."]]) {
    const [heading, text] = [page.getByRole("heading", { name: title }), page.getByText(beside)];
    const [{ y, height }, line] = [await heading.boundingBox(), await text.boundingBox()];
    assert.ok(line.y >= y - 4 && line.y + line.height <= y + height + 4, `${title}: ${y} + ${height}, ${line.y} + ${line.height}`);
  }
  // The label stands beside the value.
  const [label, value] = [await answer(page, "description").locator("dt").boundingBox(), await answer(page, "description").locator("dd").boundingBox()];
  assert.ok(label.x + label.width <= value.x && Math.abs(label.y - value.y) < 2, JSON.stringify({ label, value }));
  assert.deepEqual(await axe(page), []);
});

test("answers that are empty are folded, and unfold where a link leads to one", async () => {
  const page = await open(INSTRUCTOR, SUBMITTED);
  const empty = page.locator(".dp-unanswered").first();
  const first = empty.locator(".dp-answer, .dp-person").first();
  assert.equal(await first.isVisible(), false);
  const id = await first.getAttribute("id");
  await page.evaluate((id) => { location.hash = id; }, id);
  await page.waitForFunction((id) => document.activeElement?.id === id, id);
  assert.equal(await first.isVisible(), true);
  await empty.locator("summary").click();
  assert.equal(await first.isVisible(), false);
  await empty.locator("summary").focus();
  await page.keyboard.press("Enter");
  await empty.locator(".dp-missing").first().waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "reading-unfolded");
  // On paper all of them are there, folded or not.
  await page.keyboard.press("Enter");
  assert.equal(await first.isVisible(), false);
  await page.emulateMedia({ media: "print" });
  assert.equal(await empty.locator(".dp-missing").first().isVisible(), true);
  await shot(page, "reading-print");
});

test("« Signaler un point » shows once one points at an answer: mouse, keyboard, touch", async () => {
  const page = await open(INSTRUCTOR, SUBMITTED);
  const button = ask(page, "data_recipients");
  assert.equal(await opacity(button), "0");
  await answer(page, "data_recipients").hover();
  assert.equal(await opacity(button), "1");
  await page.mouse.move(0, 0);
  assert.equal(await opacity(button), "0");
  await button.focus();
  assert.equal(await opacity(button), "1");
  await button.getByText("Signaler un point").waitFor();
  await shot(page, "reading-point");
  await page.keyboard.press("Enter");
  await page.getByLabel("Ce qui est à reprendre").waitFor();
  await page.getByRole("button", { name: "Annuler" }).click();
  // Whoever asks for changes has it beside every answer.
  await page.getByRole("button", { name: "Demander des modifications" }).click();
  assert.equal(await opacity(ask(page, "description")), "1");
  await shot(page, "reading-asking");

  const phone = await open(INSTRUCTOR, SUBMITTED, { width: 375, height: 800, hasTouch: true, isMobile: true });
  const touched = ask(phone, "data_recipients");
  assert.equal(await opacity(touched), "0");
  await answer(phone, "data_recipients").locator("dd").tap();
  assert.equal(await opacity(touched), "1");
  await touched.tap();
  await phone.getByLabel("Ce qui est à reprendre").waitFor();
  assert.equal(await overflow(phone), 0);
  await shot(phone, "reading-375");
});

test("what sends a decision is never below the fold of the panel", async () => {
  for (const [email, id, height] of [[INSTRUCTOR, SUBMITTED, 720], [INSTRUCTOR, SUBMITTED, 600], [ADMINISTRATOR, 4, 720]]) {
    const page = await open(email, id, { width: 1280, height });
    const names = await panel(page).getByRole("button").allTextContents();
    assert.ok(names.length > 0);
    for (const name of names) {
      const choice = panel(page).getByRole("button", { name, exact: true });
      await choice.scrollIntoViewIfNeeded();
      await choice.click();
      const message = panel(page).getByRole("textbox");
      await message.fill("Voici pourquoi.\n".repeat(12));
      await settled(page);
      await panel(page).locator(".dp-mail, .fr-hint-text").first().waitFor();
      for (const act of await panel(page).locator(".dp-decision__act button").all()) {
        const box = await act.boundingBox();
        assert.ok(box.y >= 0 && box.y + box.height <= height, `${name}: ${box.y} + ${box.height} of ${height}`);
      }
      await panel(page).getByRole("button", { name: "Annuler" }).click();
    }
    await shot(page, `reading-panel-${id}-${height}`);
    assert.deepEqual(page.problems, []);
  }
});
