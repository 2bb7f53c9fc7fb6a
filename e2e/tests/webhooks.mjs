/** A developer has a service told of what happens, checks both signatures, and finds out what went wrong. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { axe, fits, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { REQUEST } from "../support/form.mjs";
import { freePort, startServer } from "../support/server.mjs";

const DEVELOPER = "api-entreprise@yopmail.com";
const APPLICANT = "user@yopmail.com";

let server, browser, receiver, page, applicant, instructor, administrator, secret;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  receiver = await startReceiver();
  [page, applicant, instructor, administrator] = await Promise.all(
    [DEVELOPER, APPLICANT, "api-particulier@yopmail.com", "datapass@yopmail.com"].map(async (email) => {
      const page = await browser.newPage();
      await signIn(page, email);
      return page;
    }),
  );
  await giveRole(DEVELOPER);
});
after(() => {
  receiver?.close();
  assert.deepEqual(page.problems.filter((problem) => !/status of 422/.test(problem)), []);
});

/** The service of the API: keeps what it is told. */
async function startReceiver() {
  const port = await freePort();
  const calls = [];
  const http = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    calls.push({ headers: request.headers, text: body, body: JSON.parse(body) });
    response.writeHead(200, { "content-type": "application/json" }).end('{"token_id": "jeton-1"}');
  });
  http.listen(port, "127.0.0.1");
  await once(http, "listening");
  return { url: `http://127.0.0.1:${port}/datapass`, calls, close: () => (http.close(), http.closeAllConnections()) };
}

/** v1's signature, by hand; that of Standard Webhooks, by its own library. */
const hub = (call, secret) => `sha256=${createHmac("sha256", secret).update(call.text).digest("hex")}`;
const verify = (call, secret) => new Webhook(secret).verify(call.text, call.headers);

async function ok(answer) {
  assert.ok(answer.ok(), await answer.text());
  return answer.json();
}

async function giveRole(email) {
  const data = { email, role: "api_particulier:developer", granted: true, reason: "Essai" };
  await ok(await administrator.request.post("/api/users/roles", { data }));
}

const step = async (who, id, event) =>
  ok(await who.request.patch(`/api/enrollments/${id}/change_state`, { data: { event, comment: "Conforme." } }));

async function submitted() {
  const { id } = await ok(await applicant.request.post("/api/enrollments", { data: REQUEST }));
  await step(applicant, id, "submit");
  return id;
}

/** Waits for what happens without us. */
async function until(said, find) {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < end, `waited for ${said}`);
  }
}

const called = (count) => until(`${count} calls`, () => receiver.calls.length >= count && receiver.calls);

/** Asks for the log again until it says so. */
async function logSays(text) {
  await until(text, async () => {
    await page.getByRole("button", { name: "Actualiser" }).click();
    await settled(page);
    return page.getByRole("region", { name: "Envois" }).getByText(text).first().isVisible();
  });
}

async function confirm(button) {
  await page.getByRole("button", { name: button }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Confirmer" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await dialog.getByRole("button", { name: "Confirmer" }).click();
}

async function tried() {
  const before = receiver.calls.length;
  await page.getByRole("button", { name: "Envoyer un appel d’essai" }).click();
  await page.getByText("Votre service a accepté l’appel").waitFor();
  return (await called(before + 1)).at(-1);
}

const focused = (id) => page.waitForFunction((id) => document.activeElement?.id === id, id);
const shownSecret = async () => {
  await focused("secret");
  return page.getByRole("textbox", { name: "Secret", exact: true }).inputValue();
};

/** As `fits`, on a very small screen in the dark, too. */
async function fitsEverywhere(name) {
  await fits(page, name);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await axe(page), []);
  await shot(page, `${name}-320`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("a webhook is created by keyboard, and its secret is shown once", async () => {
  await page.goto("/");
  await page.getByRole("link", { name: "Espace développeur" }).click();
  await page.getByText("Aucun webhook").waitFor();
  await fitsEverywhere("developers-empty");

  const address = page.getByRole("textbox", { name: "Adresse à appeler" });
  await page.getByRole("button", { name: "Créer ce webhook" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Indiquez l’adresse à appeler.").waitFor();
  await focused("webhook-url");
  await page.keyboard.type("http://exemple.fr/");
  await page.keyboard.press("Enter");
  await page.getByText("doit commencer par https://").waitFor();
  assert.equal(await address.getAttribute("aria-invalid"), "true");
  await focused("webhook-url");
  await fitsEverywhere("developers-error");
  await page.keyboard.press("Control+A");
  await page.keyboard.type(receiver.url);
  for (let box = 0; box < 3; box++) await page.keyboard.press("Tab"); // to « Demande soumise »
  await page.keyboard.press("Space");
  assert.ok(await page.getByRole("checkbox", { name: /^Demande soumise/ }).isChecked());
  await page.keyboard.press("Enter");
  secret = await shownSecret();
  assert.match(secret, /^whsec_/);
  await fitsEverywhere("developers-secret");
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();
  await focused("liste");
  assert.equal(await page.getByText(secret).count(), 0);

  await page.reload();
  const card = page.getByRole("listitem").filter({ hasText: receiver.url });
  await card.getByText("Demande soumise ; Habilitation accordée ; Habilitation révoquée").waitFor();
  await card.getByText("Actif").waitFor();
  await fitsEverywhere("developers");
  await card.getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: "Webhook" }).waitFor();
  await page.getByText("Aucun envoi pour l’instant").waitFor();
  await fitsEverywhere("webhook-new");
});

test("a call is tried, and what happens to a request is told with both signatures", async () => {
  const call = await tried();
  assert.deepEqual([call.body.event, call.body.model_type], ["test", "enrollment/api_particulier"]);
  await page.getByText(/Réponse 200 en \d+\sms/).waitFor();
  await fits(page, "webhook-tried");

  receiver.calls.length = 0;
  const id = await submitted();
  await step(instructor, id, "validate");
  const calls = await called(2);
  assert.deepEqual(calls.map(({ body }) => body.event), ["submit", "approve"]);
  for (const call of calls) {
    assert.equal(call.headers["x-hub-signature-256"], hub(call, secret));
    assert.equal(verify(call, secret).data.pass.id, id);
    assert.throws(() => verify({ ...call, text: `${call.text} ` }, secret));
  }
  await logSays("Habilitation accordée");
  const log = page.getByRole("region", { name: "Envois" });
  const grant = log.getByRole("listitem").filter({ hasText: "Habilitation accordée" }).first();
  await until("the call in the log", async () => {
    await page.getByRole("button", { name: "Actualiser" }).click();
    await settled(page);
    return (await grant.getByText("Remis").isVisible()) && (await grant.getByText(/Réponse 200 en \d+\sms/).isVisible());
  });
  await grant.getByText(`demande n° ${id}`).first().waitFor();
  await grant.getByText("Corps de l’appel").click();
  const body = await grant.locator("details pre").textContent();
  assert.match(body, /"event": "approve"/);
  assert.match(body, /"email": "…"/);
  assert.doesNotMatch(body, /exemple\.fr|yopmail|cantine/);
  assert.equal(await log.locator('a[href^="/demandes"]').count(), 0); // developers read no request
  await fitsEverywhere("webhook-deliveries");
});

test("the secret is renewed while the service runs", async () => {
  await confirm("Renouveler le secret");
  const renewed = await shownSecret();
  assert.notEqual(renewed, secret);
  await page.getByText("Deux secrets sont en usage.").waitFor();
  await fits(page, "webhook-rotated");
  await page.getByRole("button", { name: "J’ai copié le secret" }).click();
  await focused("reglages");
  let call = await tried();
  verify(call, secret);
  verify(call, renewed);
  assert.equal(call.headers["x-hub-signature-256"], hub(call, secret));

  await confirm("Retirer l’ancien secret");
  await page.getByText("L’ancien secret est retiré.").waitFor();
  await focused("reglages");
  call = await tried();
  verify(call, renewed);
  assert.throws(() => verify(call, secret));
  assert.equal(call.headers["x-hub-signature-256"], hub(call, renewed));
  secret = renewed;
});

test("what was told is told again, one and a span, under the same numbers", async () => {
  const [grant, submission] = (await ok(await page.request.get(`/api/webhooks/${new URL(page.url()).pathname.split("/").pop()}/deliveries`))).items;
  receiver.calls.length = 0;
  await page.getByRole("button", { name: /^Rejouer\s*:\s*Habilitation accordée/ }).click();
  await page.getByText("Un envoi est rejoué.").waitFor();
  const [again] = await called(1);
  assert.equal(again.headers["webhook-id"], grant.id);
  assert.equal(again.body.delivery_id, grant.id);
  verify(again, secret);

  receiver.calls.length = 0;
  await page.getByRole("button", { name: "Rejouer cette période" }).click();
  await page.getByText("Indiquez au moins une date.").waitFor();
  await focused("rejouer-du");
  assert.deepEqual(await axe(page), []);
  await page.getByLabel("Du", { exact: false }).first().fill(grant.created_at.slice(0, 10));
  await page.getByRole("button", { name: "Rejouer cette période" }).click();
  await page.getByText("2 envois sont rejoués.").waitFor();
  const calls = await called(2);
  assert.deepEqual(calls.map(({ headers }) => headers["webhook-id"]), [submission.id, grant.id]);
});

test("suspended, it waits; switched on, it goes on where it stopped", async () => {
  await confirm("Suspendre");
  await page.getByText("Le webhook est suspendu.", { exact: true }).waitFor();
  receiver.calls.length = 0;
  const id = await submitted();
  await logSays(`demande n° ${id}`);
  await page.getByRole("region", { name: "Envois" }).getByText("En attente").waitFor();
  assert.equal(receiver.calls.length, 0);
  await fits(page, "webhook-suspended");
  await confirm("Réactiver");
  await page.getByText("il reprend là où il s’est arrêté").first().waitFor();
  assert.equal((await called(1))[0].body.data.pass.id, id);
});

test("its settings are changed in a dialog that keeps what is wrong", async () => {
  const dialog = page.getByRole("dialog", { name: "Modifier ce webhook" });
  await page.getByRole("button", { name: "Modifier" }).click();
  const address = dialog.getByRole("textbox", { name: "Adresse à appeler" });
  assert.equal(await address.inputValue(), receiver.url);
  await address.fill("https://10.0.0.1/");
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await dialog.locator("#webhook-url-error").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "webhook-change");
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await overflow(page), 0);
  await shot(page, "webhook-change-320");
  await page.setViewportSize({ width: 1280, height: 900 });
  await address.fill(receiver.url);
  await dialog.getByText("le nom de la première version").click();
  await dialog.getByRole("button", { name: "Enregistrer" }).click();
  await page.getByText("Les réglages sont enregistrés.").waitFor();
  receiver.calls.length = 0;
  await step(instructor, await submitted(), "validate");
  assert.deepEqual((await called(2)).map(({ body }) => body.event), ["submit", "validate"]);
});

test("a receiver that is down shows on both pages", async () => {
  receiver.close();
  await submitted();
  await logSays("connexion impossible");
  await logSays("En échec, sera réessayé");
  await page.getByRole("button", { name: "Envoyer un appel d’essai" }).click();
  await page.getByText("L’appel a échoué").waitFor();
  await page.reload();
  await page.getByText(/Tous les appels échouent depuis le/).waitFor();
  await fitsEverywhere("webhook-failing");
  await page.getByRole("navigation", { name: /vous êtes ici/ }).getByRole("link", { name: "Espace développeur" }).click();
  await page.getByText(/En échec depuis le/).waitFor();
  await fits(page, "developers-failing");
});

test("a log that does not come can be asked for again", async () => {
  await page.route("**/deliveries*", (route) => route.abort());
  await page.getByRole("link", { name: receiver.url }).click();
  const log = page.getByRole("region", { name: "Envois" });
  await log.getByRole("button", { name: "Réessayer" }).waitFor();
  await page.unroute("**/deliveries*");
  await log.getByRole("button", { name: "Réessayer" }).click();
  await log.getByText("Demande soumise").first().waitFor();
  page.problems = page.problems.filter((problem) => !/ERR_FAILED/.test(problem));
});

test("a webhook is deleted with its log", async () => {
  await confirm("Supprimer");
  await page.getByText("Le webhook est supprimé.").waitFor();
  await page.getByText("Aucun webhook").waitFor();
});

test("the pages are for developers: others are told so, and who only develops arrives there", async () => {
  await applicant.goto("/developpeurs");
  await applicant.getByText("réservée aux développeurs").waitFor();
  await fits(applicant, "developers-refused");
  assert.equal(await applicant.getByRole("link", { name: "Espace développeur" }).count(), 0);
  // Where nobody opens an access, nothing is said of one.
  await applicant.goto("/demandes/4");
  await settled(applicant);
  await applicant.getByRole("link", { name: /^Habilitation H/ }).first().waitFor();
  assert.equal(await applicant.getByText(/accès (ouvert|en cours)/).count(), 0);
  await giveRole(APPLICANT);
  await applicant.goto("/");
  await applicant.getByRole("heading", { level: 1, name: "Espace développeur" }).waitFor();
  await administrator.goto("/developpeurs");
  await administrator.getByText("Aucun webhook").waitFor();
  await administrator.goto("/developpeurs/inconnu");
  await administrator.getByText("Cette page ne peut pas être affichée").waitFor();
  assert.deepEqual(await axe(administrator), []);
});
