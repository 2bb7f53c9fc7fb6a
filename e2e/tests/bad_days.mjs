/** A network that fails, two tabs, an expired session, a crash: nothing that was typed or decided is lost. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { axe, openBrowser, shot, signIn } from "../support/browser.mjs";
import { saved, start } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
});

const title = (page) => page.getByLabel(/^Nom du projet/);
/** A line to a server, which loses the requests that `cut` names. */
async function cuttableLine() {
  let target;
  const proxy = createServer((request, response) => {
    if (line.cut(request)) return request.destroy();
    const { method, headers } = request;
    const onward = ask(new URL(request.url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.once("error", () => response.destroy());
    request.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const line = {
    url: `http://127.0.0.1:${proxy.address().port}`,
    cut: () => false,
    leadTo: (url) => (target = url),
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
  return line;
}

const stored = async (page, id) => (await (await page.request.get(`/api/enrollments/${id}`)).json()).intitule;

test("what is typed without network is kept, told, and sent when it is back", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);
  await page.context().setOffline(true);
  await title(page).fill("Tapé hors connexion");
  await page.getByText(/Hors connexion – vos modifications sont gardées/).first().waitFor();
  await shot(page, "offline");
  assert.deepEqual(await axe(page), []);
  await page.context().setOffline(false);
  await saved(page);
  assert.equal(await stored(page, id), "Tapé hors connexion");
});

test("what could not be sent survives a reload", async () => {
  // Cut between browser and server: what a page sends as it is left escapes a route of the browser's.
  const line = await cuttableLine();
  const behind = await startServer({ env: { PUBLIC_URL: line.url } });
  line.leadTo(behind.url);
  const page = await (await openBrowser(line.url)).newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);
  page.on("dialog", (dialog) => dialog.accept()); // « Quitter la page ? »
  line.cut = (request) => request.method === "PATCH";
  await title(page).fill("Avant le rechargement");
  await page.getByText(/vos modifications sont gardées/).first().waitFor();
  await page.reload();
  await page.getByText(/Vos dernières modifications ont été retrouvées/).waitFor();
  assert.equal(await title(page).inputValue(), "Avant le rechargement");
  line.cut = () => false;
  await title(page).press("End");
  await title(page).pressSequentially(" !");
  await saved(page);
  assert.equal(await stored(page, id), "Avant le rechargement !");
  await page.context().close();
  line.close();
});

test("two tabs that write the same field are told apart, and neither text is lost", async () => {
  const one = await browser.newPage();
  await signIn(one, "user@yopmail.com");
  const id = await start(one);
  const two = await one.context().newPage();
  await two.goto(one.url());
  await title(two).waitFor();
  await title(one).fill("Écrit dans un onglet");
  await saved(one);
  await title(two).fill("Écrit dans l’autre");
  await two.getByText(/Conflit/).first().waitFor();
  await two.getByText("Écrit dans un onglet").first().waitFor();
  await shot(two, "conflict");
  assert.deepEqual(await axe(two), []);
  await two.getByRole("button", { name: "Garder ma version" }).click();
  await saved(two);
  assert.equal(await stored(two, id), "Écrit dans l’autre");
});

test("an expired session keeps what was typed, and one signs in again beside it", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);
  await page.context().clearCookies({ name: "datapass_session" });
  await title(page).fill("Après l’expiration");
  const dialog = page.getByRole("dialog", { name: "Votre session a pris fin" });
  await dialog.waitFor();
  await shot(page, "session-expired");
  assert.deepEqual(await axe(page), []);
  const [beside] = await Promise.all([page.waitForEvent("popup"), dialog.getByRole("button", { name: "Se reconnecter" }).click()]);
  if (!beside.isClosed()) await beside.waitForEvent("close"); // the provider still knew them, and the window ends itself
  await dialog.waitFor({ state: "hidden" });
  await saved(page);
  assert.equal(await title(page).inputValue(), "Après l’expiration");
  assert.equal(await stored(page, id), "Après l’expiration");
});

test("a session that has ended is told as soon as the page is used, whatever it asks for", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);
  await title(page).fill("Avant la fin");
  await saved(page);
  await page.context().clearCookies({ name: "datapass_session" });
  // The server was asked just now: it is not asked again at once.
  await page.keyboard.press("Shift");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.evaluate(() => { const now = Date.now; Date.now = () => now() + 60_000; });
  await page.keyboard.press("Shift");
  const dialog = page.getByRole("dialog", { name: "Votre session a pris fin" });
  await dialog.waitFor();
  assert.equal(await title(page).inputValue(), "Avant la fin");
  const [beside] = await Promise.all([page.waitForEvent("popup"), dialog.getByRole("button", { name: "Se reconnecter" }).click()]);
  if (!beside.isClosed()) await beside.waitForEvent("close");
  await dialog.waitFor({ state: "hidden" });
  await title(page).fill("Après la reconnexion");
  await saved(page);
  assert.equal(await stored(page, id), "Après la reconnexion");
});

test("who puts signing in again off finds the way later, and another account is told apart", async () => {
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  const id = await start(page);
  await page.context().clearCookies(); // at the provider, too
  await title(page).fill("Pas tout de suite");
  const dialog = page.getByRole("dialog", { name: "Votre session a pris fin" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await title(page).press("End");
  await title(page).pressSequentially(" !");
  await page.getByRole("button", { name: "Se reconnecter" }).click();
  const signInBeside = async (email) => {
    const [beside] = await Promise.all([page.waitForEvent("popup"), dialog.getByRole("button", { name: "Se reconnecter" }).click()]);
    await beside.locator('input[name="email"]').fill(email);
    await beside.locator('input[name="password"]').fill(email);
    await beside.locator('input[name="password"]').press("Enter");
    if (!beside.isClosed()) await beside.waitForEvent("close");
  };
  await signInBeside("api-particulier@yopmail.com");
  await dialog.getByText("Vous êtes connecté avec un autre compte").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.context().clearCookies();
  await signInBeside("user@yopmail.com");
  await dialog.waitFor({ state: "hidden" });
  await saved(page);
  assert.equal(await stored(page, id), "Pas tout de suite !");
});

test("a server that is down shows what to do, and a retry works", async () => {
  const page = await browser.newPage();
  await signIn(page, "api-particulier@yopmail.com");
  await page.route("**/api/enrollments?**", (route) => route.abort());
  await page.goto("/instruction");
  await page.getByRole("button", { name: /Réessayer/ }).waitFor();
  await shot(page, "list-error");
  assert.deepEqual(await axe(page), []);
  await page.unroute("**/api/enrollments?**");
  await page.getByRole("button", { name: /Réessayer/ }).click();
  await page.getByText("Accueil de loisirs").first().waitFor();
});

test("a comment survives a decision that somebody else made first", async () => {
  const page = await browser.newPage();
  await signIn(page, "api-particulier@yopmail.com");
  await page.goto("/demandes/10");
  await page.getByRole("button", { name: "Refuser" }).click();
  await page.getByRole("region", { name: "Décision" }).getByLabel(/Raison du refus/).fill("Un long texte qu’on ne veut pas perdre.");
  const other = await page.request.patch("/api/enrollments/10/change_state", { data: { event: "request_changes", comment: "Avant." } });
  assert.equal(other.status(), 200);
  await page.getByRole("region", { name: "Décision" }).getByRole("button", { name: "Refuser la demande" }).click();
  await page.getByText(/La demande a changé entre-temps|n’est plus possible/).first().waitFor();
  await page.getByText("Un long texte qu’on ne veut pas perdre.").or(page.locator("textarea")).first().waitFor();
  const kept = await page.evaluate(() => document.body.innerText + [...document.querySelectorAll("textarea")].map((t) => t.value).join());
  assert.ok(kept.includes("Un long texte qu’on ne veut pas perdre."));
});

test("a mail whose delivery a kill -9 cut off still goes, with the same id", async () => {
  const received = [];
  let answering = false;
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push(JSON.parse(body));
    if (answering) response.setHeader("content-type", "application/json").end('{"Messages":[{"Status":"success"}]}');
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const url = `http://127.0.0.1:${receiver.address().port}`;
  const env = { MAILJET_URL: url, MAILJET_API_KEY: "key", MAILJET_SECRET_KEY: "secret" };
  const crashing = await startServer({ env });
  try {
    for (let tries = 0; received.length === 0 && tries < 200; tries++) await sleep(50);
    assert.ok(received.length > 0, "a delivery has begun");
    const cutOff = received[0];
    await crashing.kill();
    answering = true;
    await crashing.restart();
    const again = () => received.slice(1).some((mail) => JSON.stringify(mail) === JSON.stringify(cutOff));
    for (let tries = 0; !again() && tries < 900; tries++) await sleep(100);
    assert.ok(again(), "the same mail, with the same CustomID");
    assert.ok(cutOff.Messages[0].CustomID.length > 30);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
    await crashing.stop();
  }
});

test("an administrator sees the mails that could not be delivered, and has them tried again", async () => {
  let works = false;
  let sender = "Inactive";
  const service = createServer((request, response) => {
    request.resume();
    if (request.method === "GET" && sender) {
      const known = { Email: "*@datapass.localhost", Status: sender };
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ Data: [known] }));
    }
    const answer = works ? { Messages: [{ Status: "success" }] } : {};
    response.writeHead(works ? 200 : 503, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  const MAILJET_URL = `http://127.0.0.1:${service.address().port}`;
  const { url } = await startServer({ env: { MAILJET_URL, MAILJET_API_KEY: "key", MAILJET_SECRET_KEY: "secret" } });
  const other = await openBrowser(url);
  const page = await other.newPage();
  await signIn(page, "datapass@yopmail.com");
  await page.goto("/envois");
  const items = page.getByRole("listitem").filter({ hasText: /En échec|Abandonné/ });
  await items.first().waitFor();
  await page.getByText(/Mailjet a répondu 503/).first().waitFor();
  await page.getByText("Expéditeur en attente de validation").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "outbox");
  await page.setViewportSize({ width: 375, height: 800 });
  await shot(page, "outbox-375");
  await page.setViewportSize({ width: 1280, height: 900 });

  sender = undefined;
  await page.reload();
  await page.getByText(/Mailjet ne répond pas/).waitFor();
  sender = "Active";
  await page.getByRole("button", { name: "Demander de nouveau" }).click();
  await page.getByText("Expéditeur validé").waitFor();
  // What was done is told where it was asked for.
  await items.first().getByRole("button", { name: /^Réessayer/ }).click();
  await items.first().getByText("L’envoi va être réessayé.").waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent.includes("va être réessayé"));
  works = true;
  await page.getByRole("button", { name: "Tout réessayer" }).click();
  await page.getByText(/envois vont être réessayés/).waitFor();
  for (const end = Date.now() + 20_000; ; await sleep(200)) {
    const { items } = await (await page.request.get("/api/outbox")).json();
    if (items.length === 0) break;
    assert.ok(Date.now() < end, JSON.stringify(items));
  }
  await page.reload();
  await page.getByText("Tout est remis").waitFor();
  assert.deepEqual(page.problems.filter((problem) => !/status of 502/.test(problem)), []);
  service.close();
});

test("an address that sends mails back is told beside the person", async () => {
  const secret = "un-secret-de-plus-de-trente-deux-signes";
  const { url } = await startServer({ env: { MAILJET_EVENTS_SECRET: secret } });
  const other = await openBrowser(url);
  const page = await other.newPage();
  await signIn(page, "user@yopmail.com");
  const { items } = await (await page.request.get("/api/enrollments?mine=true")).json();
  const kind = "responsable_technique";
  const requests = await Promise.all(items.map(async ({ id }) => (await page.request.get(`/api/enrollments/${id}`)).json()));
  const named = (request) => request.team_members.find((member) => member.type === kind && member.email);
  const request = requests.find((request) => request.status === "submitted" && named(request));
  const event = { event: "bounce", time: Math.floor(Date.now() / 1_000), email: named(request).email, hard_bounce: true };
  const told = await fetch(`${url}/api/mailjet/events`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Basic ${btoa(`mailjet:${secret}`)}` },
    body: JSON.stringify([{ ...event, CustomID: "01980000-0000-7000-8000-000000000000" }]),
  });
  assert.equal(told.status, 200);
  await page.goto(`/demandes/${request.id}`);
  const person = page.locator(".dp-person").filter({ hasText: event.email }).first();
  await person.getByText("Cette adresse ne répond pas\u00a0: les messages reviennent. Vérifiez-la.").waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "unreachable");
  assert.deepEqual(page.problems, []);
});
