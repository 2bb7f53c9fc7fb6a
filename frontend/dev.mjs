/**
 * The front end while it is being worked on: rebuilds it at every change and reloads the page.
 *
 *   node frontend/dev.mjs BACKEND_URL [PORT]      # from the root of the repository
 *
 * What the build made is served from frontend/dist; all the rest comes from the backend, which may be far away: the API, the
 * pages that it draws for anybody, and for each page of the application its own build, which gives way to ours. To the
 * browser both are one site: redirects to the backend come back here, so signing in works, if the backend signs in by
 * itself (an external OpenID provider would send the browser to the backend's own address).
 */
import { spawn } from "node:child_process";
import { readFileSync, statSync, watch } from "node:fs";
import http from "node:http";
import https from "node:https";
import { extname, join, normalize } from "node:path";

const backend = new URL(process.argv[2] ?? "http://localhost:8080");
const port = Number(process.argv[3] ?? 8081);
const here = `http://localhost:${port}`;
const dist = "frontend/dist";

const WATCHED = ["frontend/src", "frontend/style", "frontend/index.html", "shared/src", "shared/policies"];
const BUILD = "cargo build --target wasm32-unknown-unknown -p frontend && cargo run --quiet -p bundle -- --dev";
const TYPES = { ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
/** Served as /dev.js: reloads when told to. */
const RELOAD = `new EventSource("/dev-events").onmessage = () => location.reload();`;

const listeners = new Set();
let building = false;
let stale = false;

/** One build at a time; a change during one starts another. */
function build() {
  if (building) return void (stale = true);
  [building, stale] = [true, false];
  spawn("bash", ["-c", BUILD], { stdio: "inherit" }).on("close", (code) => {
    building = false;
    if (stale) return build();
    console.log(code === 0 ? `Ready: ${here}` : "The build failed; waiting for a change.");
    if (code === 0) for (const listener of listeners) listener.write("data: built\n\n");
  });
}

/** A file of the build, if the path names one. */
function built(path) {
  const file = normalize(join(dist, path));
  const exists = file.startsWith(dist) && statSync(file, { throwIfNoEntry: false })?.isFile();
  return exists ? { body: readFileSync(file), type: TYPES[extname(file)] ?? "application/octet-stream" } : undefined;
}

/** The page, made to reload. */
function page() {
  const index = built("index.html")?.body.toString() ?? "<p>Building…</p></head>";
  return index.replace("</head>", `<script src="/dev.js"></script></head>`);
}

function forward(request, response) {
  const headers = { ...request.headers, host: backend.host, "accept-encoding": "identity" };
  for (const name of ["origin", "referer"]) {
    if (headers[name]) headers[name] = headers[name].replace(here, backend.origin);
  }
  const { request: send } = backend.protocol === "https:" ? https : http;
  const onward = send(new URL(request.url, backend), { method: request.method, headers }, (answer) => {
    const { statusCode, headers } = answer;
    if (headers.location) headers.location = headers.location.replace(backend.origin, "");
    if (!/html/.test(headers["content-type"] ?? "")) {
      response.writeHead(statusCode, headers);
      return void answer.pipe(response);
    }
    // The backend's own build of the application gives way to ours; its other pages are left as they are.
    const chunks = [];
    answer.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
      const html = Buffer.concat(chunks).toString();
      const body = html.includes(`id="app"`) ? page() : html;
      for (const name of ["content-length", "etag", "last-modified", "link", "transfer-encoding"]) delete headers[name];
      response.writeHead(statusCode, headers).end(body);
    });
  });
  onward.on("error", (error) => response.writeHead(502, { "content-type": "text/plain" }).end(`${backend}: ${error.message}\n`));
  request.pipe(onward);
}

http
  .createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, here).pathname);
    if (path === "/dev.js") return response.writeHead(200, { "content-type": TYPES[".js"] }).end(RELOAD);
    if (path === "/dev-events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      listeners.add(response);
      return request.on("close", () => listeners.delete(response));
    }
    const file = path.startsWith("/assets/") && built(path);
    if (!file) return forward(request, response);
    response.writeHead(200, { "content-type": file.type, "cache-control": "no-cache" }).end(file.body);
  })
  .listen(port, "localhost", () => console.log(`${here} shows the front end, with the API of ${backend}`));

let timer;
for (const path of WATCHED) {
  watch(path, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(build, 200);
  });
}
build();
