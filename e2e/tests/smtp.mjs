/** Mails by SMTP, to a server of another make (aiosmtpd). */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startServer } from "../support/server.mjs";

const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const SERVER = fileURLToPath(new URL("../support/smtp_server.py", import.meta.url));

const files = mkdtempSync(join(tmpdir(), "datapass-smtp-"));
after(() => rmSync(files, { recursive: true, force: true }));

/** A certificate for a server of that name, signed by itself: a file that its key follows. */
function certificate(name) {
  const [file, key] = [join(files, `${name}.pem`), join(files, `${name}.key`)];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-addext", "basicConstraints=critical,CA:FALSE",
    "-keyout", key, "-out", file], { stdio: "pipe" });
  appendFileSync(file, readFileSync(key));
  return file;
}

/** A mail server with these options (see smtp_server.py), and the mails that it reads. */
async function mailServer(options = {}) {
  const child = spawn(PYTHON, [SERVER, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  after(() => child.kill());
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, "line");
  const mails = [];
  lines.on("line", (line) => mails.push(JSON.parse(line)));
  const { port } = JSON.parse(first);
  return { mails, port, url: `smtp://127.0.0.1:${port}` };
}

/** How to reach a server by TLS, signed in. */
const secureUrl = (tls, port) =>
  tls === "smtps" ? `smtps://datapass:p%40ss@localhost:${port}` : `smtp://datapass:p%40ss@localhost:${port}?tls=required`;

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
  const { mails, url } = await mailServer();
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
  await until("subjects are read with their accents", () => mails.some((mail) => /[éèàâ’]/.test(mail.headers.subject)));
  const [head, body] = mail.parts["text/html"].split("<body>");
  assert.match(head, /^<!doctype html>\r?\n<html lang="fr">/);
  assert.deepEqual(words(read(body)), words(mail.parts["text/plain"]), "both say the same");
  await server.stop();
});

test("a mail over which the server breaks off arrives later, the same", async () => {
  const { mails, url } = await mailServer({ breaks: 1 });
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

for (const tls of ["smtps", "starttls"]) {
  const login = { login: "datapass", password: "p@ss" };

  test(`mails leave by TLS (${tls}) where the operator trusts the server`, async () => {
    const file = certificate("localhost");
    const { mails, port } = await mailServer({ tls, certificate: file, ...login });
    const server = await startServer({ env: { SMTP_URL: secureUrl(tls, port), SSL_CERT_FILE: file } });
    await until("a mail arrives", () => mails[0]);
    await server.stop();
  });

  for (const [why, name, trusted] of [["nobody trusts", "localhost", false], ["is another server’s", "autre.exemple", true]]) {
    test(`no mail leaves by TLS (${tls}) to a server whose certificate ${why}`, async () => {
      const file = certificate(name);
      const { mails, port } = await mailServer({ tls, certificate: file, ...login });
      const trust = trusted ? { SSL_CERT_FILE: file } : {};
      const server = await startServer({ env: { SMTP_URL: secureUrl(tls, port), ...trust } });
      const log = await until("the log says why", () => server.logs().split("\n").find((line) => /is put off/.test(line)));
      assert.match(log, /son certificat n’est pas accepté/);
      assert.ok(!log.includes("p@ss"), log);
      assert.deepEqual(mails, []);
      await server.stop();
    });
  }
}

test("no mail leaves in the clear where TLS is required", async () => {
  const { mails, port } = await mailServer();
  const server = await startServer({ env: { SMTP_URL: `smtp://localhost:${port}?tls=required` } });
  await until("the log says so", () => /is put off/.test(server.logs()));
  assert.deepEqual(mails, []);
  await server.stop();
});

test("a mail to an address that the server does not know is tried once, and the others arrive", async () => {
  const { mails, url } = await mailServer({ refused: "user@yopmail.com" });
  const server = await startServer({ env: { SMTP_URL: url } });
  const line = await until("it is given up", () => server.logs().split("\n").find((line) => /is given up/.test(line)));
  assert.match(line, /SMTP a répondu 550/);
  await until("another mail arrives", () => mails[0]);
  assert.ok(!/is put off/.test(server.logs()), "no refusal is tried again");
  await server.stop();
});
