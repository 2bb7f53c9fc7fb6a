/**
 * The real binary, on data of its own.
 *
 *   const server = await startServer();        // serve --demo, a fresh DATA_DIR, a free PORT
 *   await fetch(`${server.url}/api/ping`);
 *   await server.kill();                       // kill -9, as a crash would
 *   await server.restart();                    // on the same data and port
 *   await server.stop();                       // ends it and removes its data; done for you after the last test
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const BINARY = process.env.DATAPASS_BIN ?? program("datapass");
const START_SECONDS = 60;

/** Where cargo puts a program of the dev profile. */
export function program(name) {
  return join(TARGET, "debug", name);
}

/** What no line of a log may hold: an e-mail address, the secret of a webhook, a bearer token. */
const LEAK = /[\w.+-]+@[\w-]+\.[a-z]{2}|whsec_|bearer [\w-]{20}/i;

/** None of the servers outlives the tests, however they end: with a `stop`, a failure, or a signal. */
const servers = new Set();
after(() => Promise.all([...servers].map((server) => server.stop())));
const running = new Map(); // process → its data directory
process.once("exit", () => {
  for (const [child, dataDir] of running) {
    child.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  }
});
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]]) process.once(signal, () => process.exit(code));

// One address makes all the calls of a test.
const CALLS = Object.fromEntries(["CALLS", "SEARCHES", "VISITOR_CALLS", "SIGN_IN_PAGES", "SIGN_UPS", "MAILS"]
  .map((name) => [`QUOTA_${name}`, "1000000"]));

/** Starts DataPass; `args` follow `serve --demo`, `env` adds to a small clean environment. */
export async function startServer({ args = [], env = {} } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "datapass-e2e-"));
  const port = env.PORT ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  let child;
  let logs = ""; // all that it wrote
  let log = ""; // what it wrote into the log

  async function start() {
    child = spawn(BINARY, ["serve", "--demo", ...args], {
      cwd: dataDir, // where no .env is
      env: { PATH: process.env.PATH, HOME: dataDir, RUST_LOG: process.env.RUST_LOG ?? "info", HOST: "127.0.0.1",
        DATA_DIR: dataDir, PORT: String(port), PUBLIC_URL: url, ...CALLS, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const started = child;
    running.set(started, dataDir);
    started.once("close", () => running.delete(started));
    let failure;
    started.once("error", (error) => (failure = error.message));
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (logs += text));
    started.stderr.on("data", (text) => (log += text));
    for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end; await sleep(50)) {
      if (failure) break;
      if (started.exitCode !== null || started.signalCode !== null) {
        failure = `ended with ${started.exitCode ?? started.signalCode}`;
        break;
      }
      const answer = await fetch(`${url}/api/ping`).catch(() => undefined);
      if (answer?.status === 200) return;
    }
    await end("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
    throw new Error(`${BINARY} does not answer on ${url}: ${failure ?? `waited ${START_SECONDS} s`}\n${logs}`);
  }

  async function end(signal) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await closed;
    clearTimeout(timer);
  }

  await start();
  const server = {
    url,
    dataDir,
    /** All that it wrote, over every restart. */
    logs: () => logs,
    /** kill -9: nothing is put away first. */
    kill: () => end("SIGKILL"),
    /** Asks it to end, and waits until it has. */
    terminate: () => end("SIGTERM"),
    /** Ends it if it runs, and starts it again on the same data and port. */
    async restart() {
      await end("SIGTERM");
      await start();
    },
    async stop() {
      servers.delete(server);
      await end("SIGTERM");
      rmSync(dataDir, { recursive: true, force: true });
      const leaks = log.split("\n").filter((line) => LEAK.test(line));
      assert.deepEqual(leaks, [], "the log holds addresses or secrets");
    },
  };
  servers.add(server);
  return server;
}

/** Lets eleven minutes pass since everybody gave their password. */
export function minutesPass(server) {
  const then = new Date(Date.now() - 11 * 60_000).toISOString().replace("T", " ").replace("Z", "");
  const update = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=20) as database:
    for table in ("sessions", "provider_sessions"):
        database.execute(f"UPDATE {table} SET authenticated_at = ?", (sys.argv[2],))
`;
  execFileSync("python3", ["-c", update, join(server.dataDir, "datapass.sqlite"), then]);
}

/** A port that nobody listens on at this moment. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
