/** The open data of the register, as tools of other makes read it: frictionless, feedparser. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "../support/server.mjs";

const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const READER = fileURLToPath(new URL("../support/open_data.py", import.meta.url));
const run = promisify(execFile);

test("frictionless reads the CSV with its schema, feedparser the feed", async () => {
  const server = await startServer();
  const directory = mkdtempSync(join(tmpdir(), "datapass-open-data-"));
  try {
    const files = { "register.csv": "public.csv?state=all", "schema.json": "public/schema.json", "feed.atom": "public.atom" };
    for (const [name, path] of Object.entries(files)) {
      const answer = await fetch(`${server.url}/api/enrollments/${path}`);
      assert.equal(answer.status, 200, path);
      writeFileSync(join(directory, name), Buffer.from(await answer.arrayBuffer()));
    }
    const { stdout } = await run(PYTHON, [READER, ...Object.keys(files).map((name) => join(directory, name))]);
    const found = JSON.parse(stdout);
    assert.deepEqual(found.errors, []);
    assert.equal(found.fields[0], "Fournisseur de l'API ou service");
    const states = found.rows.map((row) => row["État"]);
    assert.ok(states.includes("En vigueur") && states.includes("Révoquée"), `the samples hold both: ${states}`);
    assert.equal(found.malformed, "");
    assert.equal(found.version, "atom10");
    const grants = found.entries.filter(([, title]) => title.includes("délivrée"));
    assert.equal(grants.length, found.rows.length, "each authorisation is told of once");
    assert.equal(new Set(found.entries.map(([id]) => id)).size, found.entries.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
