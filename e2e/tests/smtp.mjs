/** Mails by SMTP, to a server of another make (aiosmtpd). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startServer } from "../support/server.mjs";

const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const SERVER = fileURLToPath(new URL("../support/smtp_server.py", import.meta.url));

/** A mail server that breaks off over the first mails, as many as `breaks` says, and the mails that it reads. */
async function mailServer(breaks) {
  const child = spawn(PYTHON, [SERVER, String(breaks)], { stdio: ["ignore", "pipe", "inherit"] });
  after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, "line");
  const mails = [];
  lines.on("line", (line) => mails.push(JSON.parse(line)));
  return { mails, url: `smtp://127.0.0.1:${JSON.parse(first).port}` };
}

async function until(what, found) {
  for (const end = Date.now() + 40_000; ; await sleep(50)) {
    const value = found();
    if (value) return value;
    assert.ok(Date.now() < end, what);
  }
}

/** What a reader reads of a text in HTML. */
function read(html) {
  const escaped = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#x2f;": "/", "&amp;": "&" };
  return html.replace(/<[^>]*>/g, "").replace(/&[#\w]+;/g, (text) => escaped[text]);
}

/** Its words, without what begins a line of a list. */
const words = (text) => text.split(/\s+/).filter((word) => word && word !== "-");

test("each mail arrives as text and as HTML, with its headers", async () => {
  const { mails, url } = await mailServer(0);
  const server = await startServer({ env: { SMTP_URL: url, MAIL_FROM: "Équipe DataPass <ne-pas-repondre@exemple.fr>" } });
  const mail = await until("a mail arrives", () => mails.find((mail) => /«.*»/s.test(mail.parts["text/plain"])));
  assert.equal(mail.type, "multipart/alternative");
  assert.equal(mail.to.length, 1);
  assert.equal(mail.headers.to, mail.to[0]);
  assert.match(mail.headers.from, /Équipe DataPass <ne-pas-repondre@exemple.fr>/);
  assert.match(mail.headers["message-id"], /^<[0-9a-f-]{36}@exemple.fr>$/);
  assert.equal(mail.headers["auto-submitted"], "auto-generated");
  assert.ok(mail.headers.date);
  assert.match(mail.headers["reply-to"], /@/);
  assert.ok(mails.some((mail) => /[éèàâ’]/.test(mail.headers.subject)), "subjects are read with their accents");
  const [head, body] = mail.parts["text/html"].split("<body>");
  assert.match(head, /^<!doctype html>\r?\n<html lang="fr">/);
  assert.deepEqual(words(read(body)), words(mail.parts["text/plain"]), "both say the same");
  await server.stop();
});

test("a mail over which the server breaks off arrives later, the same", async () => {
  const { mails, url } = await mailServer(1);
  const server = await startServer({ env: { SMTP_URL: url } });
  const broken = await until("the server breaks off over a mail", () => mails.find((mail) => mail.broken));
  const id = broken.headers["message-id"];
  const again = await until("it arrives", () => mails.find((mail) => !mail.broken && mail.headers["message-id"] === id));
  assert.deepEqual([again.to, again.headers.subject, again.parts], [broken.to, broken.headers.subject, broken.parts]);
  const why = await until("the log says why", () => server.logs().split("\n").find((line) => /is put off/.test(line)));
  assert.match(why, /SMTP/);
  assert.ok(!why.includes("@"), "without an address");
  await server.stop();
});
