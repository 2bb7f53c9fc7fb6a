import { openBrowser, signIn } from "/var/tmp/w/split/e2e/support/browser.mjs";
import { startServer } from "/var/tmp/w/split/e2e/support/server.mjs";
import { test } from "node:test";
test("x", async () => {
const server = await startServer();
const browser = await openBrowser(server.url);
const page = await browser.newPage();
page.on("console", (m) => console.log("console", m.type(), m.text()));
page.on("pageerror", (e) => console.log("pageerror", e.stack));
page.on("requestfailed", (r) => console.log("failed", r.url(), r.failure()?.errorText));
page.on("response", (r) => console.log(r.status(), r.url()));
await signIn(page, "user@yopmail.com");
await page.goto("/");
await new Promise((r) => setTimeout(r, 3000));
console.log((await page.locator("#app").innerHTML()).slice(0, 600));
await server.stop?.();
});
