/** A second factor, without JavaScript: turned on, asked for at the sign-in, and required of those who instruct. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { before, test } from "node:test";
import { axe, givePassword, openBrowser, overflow, settled, shot, signIn } from "../support/browser.mjs";
import { program, startServer } from "../support/server.mjs";

const APPLICANT = "user@yopmail.com";
const INSTRUCTOR = "api-particulier@yopmail.com";

let server, browser, reader;
before(async () => {
  server = await startServer({ env: { REQUIRE_MFA: "on" } });
  browser = await openBrowser(server.url);
  reader = await browser.newPage();
});

/** The code of RFC 6238 that an application shows `steps` half minutes from now. */
function code(key, steps) {
  const bits = [...key].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  const secret = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", secret).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A page in order: nothing for axe, which needs JavaScript and so a copy, to say; and no wider than a telephone. */
async function inOrder(page, name) {
  const body = await page.content();
  await reader.route((url) => url.href === page.url(), (route) => route.fulfill({ contentType: "text/html", body }));
  await reader.goto(page.url());
  assert.deepEqual(await axe(reader), []);
  await reader.unrouteAll();
  await shot(page, name);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, `${name}-320`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** From the page that explains it to the one with the recovery codes; the key and the codes. */
async function turnOn(page, email) {
  await page.getByLabel(/Mot de passe de votre compte/).fill(email);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Activer le second facteur" }).waitFor();
  const key = (await page.locator(".dp-key").textContent()).replaceAll(" ", "");
  await inOrder(page, "second-factor-key");
  await page.getByLabel(/^Code/).fill("000000");
  await page.keyboard.press("Enter");
  await page.getByText(/n’est pas le bon/).first().waitFor();
  assert.equal(await page.locator(":focus").getAttribute("name"), "code");
  await page.getByLabel(/^Code/).fill(code(key, 0));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Mes codes de secours" }).waitFor();
  await inOrder(page, "recovery-codes");
  const codes = await page.locator("li .dp-key").allTextContents();
  assert.equal(codes.length, 10);
  return { key, codes };
}

test("one turns it on, signs out, and signs in with a code, then with a recovery code", async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto("/api/sign_in?return_to=/users/account/second-factor");
  await givePassword(page, APPLICANT);
  await page.getByRole("heading", { level: 1, name: "Second facteur" }).waitFor();
  await inOrder(page, "second-factor-off");
  const { key, codes } = await turnOn(page, APPLICANT);
  await page.getByRole("link", { name: /continuer/ }).click();
  await page.waitForURL("**/mon-compte#second-facteur"); // the application's page
  await page.goto("/users/account/second-factor");
  await inOrder(page, "second-factor-on");
  await page.getByRole("link", { name: /Désactiver/ }).click();
  await inOrder(page, "second-factor-again");

  for (const typed of [() => code(key, 1), () => codes[0]]) {
    await page.goto("/users/account/second-factor");
    await page.getByRole("button", { name: "Se déconnecter" }).first().click();
    await page.goto("/api/sign_in?return_to=/users/account/second-factor");
    await givePassword(page, APPLICANT);
    await page.getByRole("heading", { level: 1, name: /code de votre application/ }).waitFor();
    await inOrder(page, "sign-in-code");
    await page.getByLabel(/^Code/).fill(typed());
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Second facteur" }).waitFor();
  }
  // Without JavaScript, the browser blocks the scripts of the application's page, and says so.
  assert.deepEqual(page.problems.filter((problem) => !/422|^csp: .*\/assets\//.test(problem)), []);
});

test("who instructs is led to set one up before anything else", async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto("/api/sign_in?return_to=/users/organizations");
  await givePassword(page, INSTRUCTOR);
  await page.getByText("Votre rôle demande un second facteur").waitFor();
  await inOrder(page, "second-factor-required");
  await turnOn(page, INSTRUCTOR);
  await page.getByRole("link", { name: /continuer/ }).click();
  await page.getByRole("heading", { level: 1, name: "Mes organisations" }).waitFor();
  await inOrder(page, "organizations");
});

test("turning it on ends the sessions elsewhere, and not the one at hand", async () => {
  const own = await startServer();
  const chrome = await openBrowser(own.url);
  const [page, elsewhere] = [await chrome.newPage(), await chrome.newPage()];
  for (const one of [page, elsewhere]) await signIn(one, APPLICANT);
  await page.goto("/mon-compte");
  const state = page.getByRole("region", { name: "Second facteur" });
  await state.getByText("Désactivé").waitFor();
  const beside = await page.context().newPage();
  await beside.goto("/users/account/second-factor");
  await turnOn(beside, APPLICANT);
  // The page that was open goes on, without signing in.
  await page.getByLabel("Nom de l’outil").fill("Suivi");
  await page.getByRole("button", { name: "Connecter cet outil" }).click();
  await page.getByText("Choisissez au moins un droit.").waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.reload();
  await state.getByText("Activé", { exact: true }).waitFor();
  await state.getByText("Il vous reste 10 codes de secours.").waitFor();
  await shot(page, "account-second-factor");
  assert.equal((await (await elsewhere.request.get("/api/session")).json()).user, null);
  await beside.getByRole("link", { name: /continuer/ }).click();
  await beside.getByRole("heading", { level: 1, name: "Mon compte" }).waitFor();
});

test("one deletes one’s account, once all is said", async () => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  const email = "rapporteur@yopmail.com";
  await page.goto("/api/sign_in?return_to=/users/account/delete");
  await givePassword(page, email);
  await page.getByRole("heading", { level: 1, name: /Supprimer mon compte/ }).waitFor();
  await inOrder(page, "delete-account");
  await page.getByLabel(/Mot de passe de votre compte/).fill(email);
  await page.getByRole("button", { name: "Supprimer mon compte" }).click();
  await page.getByRole("heading", { level: 1, name: "Votre compte est supprimé" }).waitFor();
  await page.goto("/users/password");
  await givePassword(page, email);
  await page.getByText(/mot de passe est incorrect/).first().waitFor();
});

test("a role that is given meanwhile opens nothing without a second factor, and the page says so", async () => {
  const own = await startServer({ env: { REQUIRE_MFA: "on" } });
  const page = await (await openBrowser(own.url)).newPage();
  await signIn(page, APPLICANT);
  await page.goto("/");
  await settled(page);
  assert.equal(await page.getByText("Votre rôle demande un second facteur").count(), 0);
  const given = ["role", APPLICANT, "api_particulier:instructor", "--reason", "Nouvelle équipe."];
  execFileSync(program("datapass"), given, { env: { DATA_DIR: own.dataDir } });
  await page.reload();
  const notice = page.getByRole("region", { name: "Second facteur nécessaire" });
  await notice.waitFor();
  await settled(page);
  assert.equal((await (await page.request.get("/api/session")).json()).user.roles.length, 0);
  assert.deepEqual(await axe(page), []);
  await shot(page, "second-factor-notice");
  await page.setViewportSize({ width: 320, height: 800 });
  assert.equal(await overflow(page), 0);
  await shot(page, "second-factor-notice-320");
  await notice.getByRole("link", { name: "Ajouter un second facteur" }).click();
  await page.waitForURL("**/users/account/second-factor");
});
