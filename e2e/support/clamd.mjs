/** The antivirus: the real `clamd` (`just setup-test`), which knows the test file of EICAR and no virus. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** In two parts: as one, it would be found in this source. */
export const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].join("");

/** A place for it; `start` and `stop` it as you like. Ends with the process, and is removed with it. */
export function clamd() {
  const directory = mkdtempSync(join(tmpdir(), "datapass-clamd-"));
  const [socket, database] = [join(directory, "clamd.ctl"), join(directory, "database")];
  mkdirSync(database);
  writeFileSync(join(database, "eicar.ndb"), `Eicar-Test:0:*:${Buffer.from(EICAR).toString("hex")}\n`);
  const configuration = join(directory, "clamd.conf");
  writeFileSync(configuration, `LocalSocket ${socket}\nDatabaseDirectory ${database}\nForeground yes\n`);
  let child;
  process.once("exit", () => {
    child?.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  /** Whether it listens. */
  async function listens() {
    const probe = createConnection(socket);
    const event = await Promise.race(["connect", "error"].map(async (name) => (await once(probe, name).catch(() => {}), name)));
    probe.destroy();
    return event === "connect";
  }

  return {
    url: `unix:${socket}`,
    async start() {
      child = spawn("/usr/sbin/clamd", ["--config-file", configuration], { stdio: "ignore" });
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) if (await listens()) return;
      throw new Error("clamd does not listen");
    },
    async stop() {
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    },
  };
}
