/** Applicant and instructor write to one another about a request; notes stay with the administration. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";
const REQUEST = 9; // « Accueil de loisirs », submitted
const LONG = "x".repeat(200);

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

const messages = (page) => page.getByRole("region", { name: "Messages", exact: true });
const notes = (page) => page.getByRole("region", { name: "Notes internes" });
const write = (page) => messages(page).getByRole("button", { name: "Écrire un message" });
const focused = (page, id) => page.waitForFunction((id) => document.activeElement.id === id, id);

async function visitor(email, options) {
  const page = await browser.newPage(options);
  await signIn(page, email);
  return page;
}

test("a message is written, noticed, read and answered", async () => {
  const applicant = await visitor(APPLICANT);
  const instructor = await visitor(INSTRUCTOR);

  // The form opens under its button, and closes; what was written stays.
  await applicant.goto(`/demandes/${REQUEST}`);
  await messages(applicant).getByText("Aucun message pour l’instant.").waitFor();
  assert.equal(await messages(applicant).getByRole("textbox").count(), 0);
  await write(applicant).focus();
  await applicant.keyboard.press("Enter");
  await focused(applicant, "message-texte");
  await applicant.keyboard.type("Bonjour");
  await messages(applicant).getByRole("button", { name: "Fermer" }).click();
  await focused(applicant, "message-texte-ouvrir");
  assert.equal(await messages(applicant).getByRole("textbox").count(), 0);
  await messages(applicant).getByRole("button", { name: "Reprendre le message commencé" }).click();
  assert.equal(await messages(applicant).getByLabel("Votre message").inputValue(), "Bonjour");

  // The applicant writes; nothing empty goes.
  await messages(applicant).getByLabel("Votre message").fill("");
  await messages(applicant).getByRole("button", { name: "Envoyer le message" }).click();
  await messages(applicant).getByText("Écrivez un texte avant de l’envoyer.").waitFor();
  await focused(applicant, "message-texte");
  await messages(applicant).getByLabel("Votre message").fill(`Bonjour <b>vous</b>,\n${LONG}`);
  await messages(applicant).getByLabel("Votre message").press("Control+Enter");
  await messages(applicant).getByText("Votre message est envoyé.").waitFor();
  await messages(applicant).getByText("Pas encore lu").waitFor();
  await messages(applicant).getByText("Bonjour <b>vous</b>,").waitFor();
  assert.equal(await messages(applicant).getByLabel("Votre message").inputValue(), "");
  assert.equal(await notes(applicant).count(), 0);
  assert.deepEqual(await axe(applicant), []);
  assert.equal(await overflow(applicant), 0);
  await shot(applicant, "messages-applicant");

  // The instructor sees that one waits: in the list, then at the top of the request; reading it is enough.
  await instructor.goto("/instruction");
  const row = instructor.getByRole("row").filter({ hasText: "Accueil de loisirs" });
  await row.getByText("1 message non lu").waitFor();
  await shot(instructor, "messages-list");
  await row.getByRole("link").click();
  await instructor.getByRole("link", { name: "1 message non lu" }).first().waitFor();
  await messages(instructor).getByText("Nouveau", { exact: true }).waitFor();
  assert.equal((await (await instructor.request.get(`/api/enrollments/${REQUEST}`)).json()).unread, 1, "not seen yet");
  await shot(instructor, "messages-unread");
  await instructor.getByRole("link", { name: "1 message non lu" }).first().click();
  await focused(instructor, "messages");
  await instructor.getByRole("link", { name: "1 message non lu" }).first().waitFor({ state: "detached" });
  await messages(instructor).getByText("Nouveau", { exact: true }).waitFor();

  // The instructor answers, and notes something apart.
  await write(instructor).click();
  await messages(instructor).getByLabel("Votre message").fill("Merci. Quand ouvrez-vous ?");
  await messages(instructor).getByRole("button", { name: "Envoyer le message" }).click();
  await messages(instructor).getByText("Votre message est envoyé.").waitFor();
  await notes(instructor).getByRole("button", { name: "Ajouter une note" }).click();
  await focused(instructor, "note-texte");
  await notes(instructor).getByText(/le demandeur ne la voit jamais/).waitFor();
  await notes(instructor).getByLabel("Votre note").fill(`À revoir avec le service juridique. ${LONG}`);
  await notes(instructor).getByRole("button", { name: "Ajouter la note" }).click();
  await notes(instructor).getByText("Votre note est ajoutée.").waitFor();
  await notes(instructor).locator("li").getByText(/À revoir/).waitFor();
  assert.equal(await messages(instructor).getByText(/À revoir/).count(), 0);
  assert.deepEqual(await axe(instructor), []);
  assert.equal(await overflow(instructor), 0);
  await shot(instructor, "messages-instructor");

  // The applicant is told by a mail, and by a link on the first page.
  await applicant.goto("/");
  await applicant.getByRole("link", { name: "1 message non lu" }).waitFor();
  assert.deepEqual(await axe(applicant), []);
  await shot(applicant, "messages-home");
  const { items } = await (await applicant.request.get("/api/mailbox?limit=100")).json();
  const mail = items.find((mail) => mail.to === APPLICANT && mail.subject.startsWith("Message au sujet"));
  const address = /https?:\S+#messages/.exec(mail.body)[0];
  assert.equal(address, `${server.url}/demandes/${REQUEST}#messages`);
  await applicant.goto(address);
  await focused(applicant, "messages");
  await messages(applicant).getByText("Merci. Quand ouvrez-vous ?").waitFor();
  await messages(applicant).getByText(/Lu le/).first().waitFor();
  await applicant.getByRole("link", { name: "1 message non lu" }).first().waitFor({ state: "detached" });
  assert.equal(await applicant.getByText(/À revoir/).count(), 0);
  assert.equal((await (await applicant.request.get(`/api/enrollments/${REQUEST}/messages`)).text()).includes("revoir"), false);

  for (const page of [applicant, instructor]) assert.deepEqual(page.problems, []);
});

test("on a phone nothing overflows and nothing is out of reach", async () => {
  for (const email of [APPLICANT, INSTRUCTOR]) {
    const page = await visitor(email, { width: 375, height: 800 });
    await page.goto(`/demandes/${REQUEST}#messages`);
    await focused(page, "messages");
    await messages(page).getByText("Merci. Quand ouvrez-vous ?").waitFor();
    await write(page).click();
    await focused(page, "message-texte");
    assert.deepEqual(await axe(page), []);
    assert.equal(await overflow(page), 0);
    await shot(page, `messages-phone-${email === APPLICANT ? "applicant" : "instructor"}`);
  }
});

test("a mail that is opened signed out leads to the messages all the same", async () => {
  const page = await browser.newPage();
  await page.goto(`/demandes/${REQUEST}#messages`);
  await page.locator("main").getByRole("link", { name: /Se connecter/ }).click();
  await page.locator('input[name="email"]').fill(APPLICANT);
  const password = page.locator('input[name="password"]');
  if (!(await password.isVisible())) await page.locator('input[name="email"]').press("Enter");
  await password.fill(APPLICANT);
  await password.press("Enter");
  await focused(page, "messages");
});

test("what is typed survives a lost network and a page that is left", async () => {
  const page = await visitor(APPLICANT);
  const text = "Ce texte ne doit pas se perdre.";
  await page.goto(`/demandes/${REQUEST}`);
  await write(page).click();
  await messages(page).getByLabel("Votre message").fill(text);
  await page.context().setOffline(true);
  await messages(page).getByRole("button", { name: "Envoyer le message" }).click();
  await messages(page).getByText("Le message n’a pas été envoyé").waitFor();
  assert.equal(await messages(page).getByLabel("Votre message").inputValue(), text);
  assert.deepEqual(await axe(page), []);
  await page.context().setOffline(false);
  await page.reload();
  // What was begun is open at once.
  await page.waitForFunction((text) => document.getElementById("message-texte")?.value === text, text);
  await messages(page).getByRole("button", { name: "Envoyer le message" }).click();
  await messages(page).getByRole("listitem").filter({ hasText: text }).waitFor();
  await page.reload();
  await messages(page).getByRole("listitem").filter({ hasText: text }).waitFor();
  await write(page).click();
  assert.equal(await messages(page).getByLabel("Votre message").inputValue(), "");

  // Near the limit it is said what is left; beyond, what is too much.
  await messages(page).getByLabel("Votre message").fill("é".repeat(9_990));
  await messages(page).getByText("Il reste 10 caractères au plus.").waitFor();
  await messages(page).getByLabel("Votre message").fill("é".repeat(10_001));
  await messages(page).getByText(/Le texte compte 10001 caractères/).waitFor();
});

test("what comes while the page is open is shown and announced", async () => {
  const page = await visitor(APPLICANT);
  await page.clock.install();
  await page.goto(`/demandes/${REQUEST}#messages`);
  await focused(page, "messages");
  const before = await messages(page).getByRole("listitem").count();
  const instructor = await visitor(INSTRUCTOR);
  const written = await instructor.request.post(`/api/enrollments/${REQUEST}/messages`, { data: { body: "Encore un mot." } });
  assert.equal(written.status(), 201);
  await page.clock.fastForward("01:01");
  await messages(page).getByRole("status").filter({ hasText: `1 nouveau message ; ${before + 1} en tout.` }).waitFor();
  await messages(page).getByRole("listitem").filter({ hasText: "Encore un mot." }).getByText("Nouveau", { exact: true }).waitFor();
});

test("where there are no messages, it is said where to write", async () => {
  const page = await visitor(APPLICANT);
  await page.goto("/demandes/5");
  await messages(page).getByText(/Cette API n’a pas de messagerie/).waitFor();
  assert.match(await messages(page).getByRole("link").getAttribute("href"), /^mailto:\S+@\S+$/);
  assert.equal(await messages(page).getByRole("textbox").count(), 0);
});
