/** A policy changes while a draft waits: on its next opening the draft moves to the new form and says what changed. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { axe, openBrowser, signIn } from "../support/browser.mjs";
import { saved } from "../support/form.mjs";
import { startServer } from "../support/server.mjs";

const POLICY = fileURLToPath(new URL("../../shared/policies/api_scolarite.toml", import.meta.url));

test("a draft moves to a new revision of its form", async (t) => {
  const policies = mkdtempSync(join(tmpdir(), "datapass-policies-"));
  t.after(() => rmSync(policies, { recursive: true, force: true }));
  const server = await startServer({ env: { POLICIES_DIR: policies } });
  const browser = await openBrowser(server.url);
  const page = await browser.newPage();
  await signIn(page, "user@yopmail.com");
  await page.goto("/nouvelle-demande/api_scolarite");
  await page.getByRole("radio", { name: "Commune de Clamart" }).check({ force: true });
  await page.getByRole("button", { name: "Commencer ma demande" }).click();
  await page.waitForURL(/\/modifier/);

  // Data is asked for one by one.
  const boxes = page.locator('input[id^="champ-scopes-"]');
  await boxes.first().waitFor({ state: "attached" });
  assert.equal(await page.getByRole("button", { name: /^Tout cocher/ }).count(), 0);
  for (const box of await boxes.all()) await box.check({ force: true });
  await page.getByLabel(/^Nom du projet/).fill("Transport scolaire");
  await saved(page);
  const draft = async () => (await page.request.get(page.url().replace(/.*\/demandes\/(\d+).*/, "/api/enrollments/$1"))).json();
  const before = await draft();
  assert.equal(before.scopes.length, 3);

  // The policy changes: a piece of data goes, another comes.
  const policy = readFileSync(POLICY, "utf8");
  writeFileSync(join(policies, "api_scolarite.toml"), policy.replace(/\{ id = "men_echelon_bourse".*\}/, '{ id = "men_niveau", label = "Niveau scolaire" }'));
  const administrator = await browser.newPage();
  await signIn(administrator, "datapass@yopmail.com");
  assert.equal((await administrator.request.post("/api/policies/reload")).status(), 200);

  await page.reload();
  const notice = page.locator(".fr-alert").filter({ hasText: "Le formulaire a changé depuis votre dernière visite" });
  await notice.getByText("Nouvelle donnée proposée : Niveau scolaire.").waitFor();
  await notice.getByText("Échelon de la bourse", { exact: true }).waitFor();
  assert.deepEqual(await axe(page), []);
  const after = await draft();
  assert.notEqual(after.policy_revision, before.policy_revision);
  assert.deepEqual(after.scopes, ["men_statut_boursier", "men_statut_scolarite"]);
  assert.equal(after.intitule, "Transport scolaire");
  await page.getByRole("checkbox", { name: "Niveau scolaire" }).waitFor({ state: "attached" });

  // It is said once, and put away by who has read it.
  await notice.getByRole("button", { name: "Masquer le message" }).click();
  await notice.waitFor({ state: "detached" });
  await page.reload();
  await page.getByLabel(/^Nom du projet/).waitFor();
  assert.equal(await notice.count(), 0);
  await server.stop();
});
