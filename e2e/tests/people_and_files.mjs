/** Several people of one kind, people named before, and files: chosen, dropped, refused, stopped, removed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, overflow, shot, signIn } from "../support/browser.mjs";
import { saved } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
const CLAMART = "21920023500014";

let server, browser, page;
before(async () => {
  server = await startServer();
  browser = await openBrowser(server.url);
  page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
});
after(() => assert.deepEqual(page.problems, []));

/** Starts a request and opens its form. Returns its number. */
async function open(target_api) {
  const answer = await page.request.post("/api/enrollments", { data: { target_api, siret: CLAMART }, headers: { Origin: server.url } });
  assert.equal(answer.status(), 201, await answer.text());
  const { id } = await answer.json();
  await page.goto(`/demandes/${id}/modifier`);
  await page.getByRole("heading", { level: 1, name: /Demande n°/ }).waitFor();
  return id;
}

const kept = async (id) => (await page.request.get(`/api/enrollments/${id}`)).json();
const hasFocus = (locator) => locator.and(page.locator(":focus")).waitFor();

/** What a user drags from their desktop. */
const dragged = (...names) =>
  page.evaluateHandle(([names, bytes]) => {
    const transfer = new DataTransfer();
    for (const name of names) transfer.items.add(new File([new Uint8Array(bytes)], name));
    return transfer;
  }, [names, [...PDF]]);

test("several people are added and removed, and the focus is never lost", async () => {
  const id = await open("aidants_connect");
  const add = page.getByRole("button", { name: "Ajouter une personne : Aidant" });
  const aidants = page.getByRole("group", { name: /^Aidant \d/ });
  assert.equal(await aidants.count(), 0, "none is asked for");
  for (const [index, name] of ["Benali", "Durand", "Martin"].entries()) {
    await add.click();
    await hasFocus(aidants.nth(index).getByLabel(/^Prénom/));
    await aidants.nth(index).getByLabel(/^Nom/).fill(name);
  }
  await aidants.nth(0).getByLabel(/^Adresse électronique/).fill("accueil@commune-exemple.fr");
  await page.getByText("Une adresse personnelle est préférable").waitFor();
  await saved(page);
  await aidants.nth(1).getByRole("button", { name: "Retirer : Aidant 2" }).click();
  await hasFocus(aidants.nth(0).getByLabel(/^Prénom/));
  await page.waitForResponse((response) => response.request().method() === "PATCH");
  const names = (await kept(id)).team_members.filter(({ type }) => type === "aidant").map(({ family_name }) => family_name);
  assert.deepEqual(names, ["Benali", "Martin"]);

  await add.click();
  await aidants.nth(2).getByRole("button", { name: /^C’est moi/ }).click();
  assert.equal(await aidants.nth(2).getByLabel(/^Nom/).inputValue(), "Exemple");
  await shot(page, "people");
  assert.deepEqual(await axe(page), []);
  for (const left of [2, 1, 0]) {
    await aidants.nth(0).getByRole("button", { name: /^Retirer/ }).click();
    await hasFocus(add);
    assert.equal(await aidants.count(), left);
  }
});

test("a person named in another request is taken over", async () => {
  await open("api_particulier");
  const technician = page.getByRole("group", { name: "Responsable technique" });
  const reuse = technician.getByRole("button", { name: /^Reprendre une personne déjà désignée/ });
  await reuse.click();
  const dialog = page.getByRole("dialog", { name: /Reprendre une personne/ });
  const first = dialog.getByRole("listitem").first().getByRole("button");
  await first.waitFor();
  assert.match(await first.textContent(), /Responsable technique/);
  await shot(page, "people-known");
  assert.deepEqual(await axe(page), []);
  await first.click();
  await hasFocus(reuse);
  assert.match(await technician.getByLabel(/^Adresse électronique/).inputValue(), /@/);
});

test("a file is chosen or dropped, refused when it is none, stopped and removed", async () => {
  const id = await open("api_particulier");
  const input = page.getByLabel(/^Maquette du projet/);
  const frame = page.locator(".dp-drop", { has: input });
  await input.setInputFiles({ name: "faux.pdf", mimeType: "application/pdf", buffer: Buffer.from("du texte") });
  await frame.getByText(/porte le nom d’un PDF mais n’en est pas un/).waitFor();
  await input.setInputFiles({ name: "maquette.pdf", mimeType: "application/pdf", buffer: PDF });
  await page.getByText("« maquette.pdf » est joint à la demande.").waitFor();

  await frame.dispatchEvent("drop", { dataTransfer: await dragged("a.pdf", "b.pdf") });
  await frame.getByText("Déposez un seul fichier à la fois.").waitFor();
  const transfer = await dragged("deposee.pdf");
  await frame.dispatchEvent("dragover", { dataTransfer: transfer });
  await frame.getByText("Lâchez le fichier pour le joindre.").waitFor();
  await frame.dispatchEvent("drop", { dataTransfer: transfer });
  await page.getByText("« deposee.pdf » est joint à la demande.").waitFor();
  assert.deepEqual((await kept(id)).documents.map(({ filename }) => filename), ["deposee.pdf"]);

  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 });
  await input.setInputFiles({ name: "grande.pdf", mimeType: "application/pdf", buffer: Buffer.concat([PDF, Buffer.alloc(4_000_000, " ")]) });
  await page.getByRole("progressbar", { name: /Envoi de « grande.pdf » : [1-9]\d? %/ }).waitFor();
  await shot(page, "file-progress");
  assert.deepEqual(await axe(page, { include: ".dp-file" }), []);
  await page.getByRole("button", { name: "Annuler l’envoi" }).click();
  await page.getByText("L’envoi est annulé.").waitFor();
  await hasFocus(input);
  await network.detach();

  await page.getByRole("button", { name: "Retirer le fichier deposee.pdf" }).click();
  await page.getByRole("button", { name: "Retirer le fichier", exact: true }).click();
  await page.getByText("Le fichier est retiré de la demande.").waitFor();
  await hasFocus(input);
  assert.deepEqual((await kept(id)).documents, []);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await overflow(page), 0);
});
