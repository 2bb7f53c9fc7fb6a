/** An API manager that signs people in with our provider, made with npm's `openid-client`. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import * as client from "openid-client";
import { freePort, program } from "./server.mjs";

export const SCOPE = "openid email profile organizations offline_access";

/** `datapass client …`, as the operator of that server types it. */
export function datapass(server, ...args) {
  const env = { PATH: process.env.PATH, DATA_DIR: server.dataDir };
  return execFileSync(program("datapass"), ["client", ...args], { env, encoding: "utf8" });
}

/**
 * Registers a manager with our provider, and serves it: /login, /callback, /logout and /bye. `answer` may answer what else
 * it is asked: it gets the request, the response, the address and the manager, and returns true where it has answered.
 */
export async function startManager(server, { metadata, method, userinfo, port: own, answer: more }) {
  const port = own ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const told = datapass(server, "add", "Gestion des API", "--redirect-uri", `${url}/callback`, "--post-logout-redirect-uri",
    `${url}/bye`, "--auth-method", method, "--userinfo", userinfo, "--scopes", SCOPE.replaceAll(" ", ","));
  const [, id, secret] = /^CLIENT_ID=(.+)\nCLIENT_SECRET=(.+)\n$/.exec(told);
  const shown = method === "client_secret_basic" ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
  const config = await client.discovery(new URL(server.url), id, metadata, shown,
    { execute: [client.allowInsecureRequests] });
  const manager = { url, id, config, tokens: undefined };
  let expected;

  const pages = {
    async "/login"(here) {
      const verifier = client.randomPKCECodeVerifier();
      expected = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
      return client.buildAuthorizationUrl(config, {
        redirect_uri: `${url}/callback`,
        scope: SCOPE,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        state: expected.expectedState,
        nonce: expected.expectedNonce,
        ...Object.fromEntries(here.searchParams), // `prompt`, say
      });
    },
    async "/callback"(here) {
      manager.tokens = await client.authorizationCodeGrant(config, here, expected);
      const { sub } = manager.tokens.claims();
      return JSON.stringify(await client.fetchUserInfo(config, manager.tokens.access_token, sub));
    },
    "/logout": () => client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: `${url}/bye`,
      id_token_hint: manager.tokens.id_token,
      state: "au-revoir",
    }),
    "/bye": (here) => `Au revoir ${here.search}`,
  };
  const listener = createServer(async (request, response) => {
    const here = new URL(request.url, url);
    try {
      if (await more?.(request, response, here, manager)) return;
      const answer = await pages[here.pathname]?.(here);
      if (answer instanceof URL) response.writeHead(302, { location: answer.href }).end();
      else if (answer === undefined) response.writeHead(404).end();
      else response.setHeader("content-type", "text/plain; charset=utf-8").end(answer);
    } catch (error) {
      response.writeHead(500).end(`${error.message} ${error.cause ?? ""}`);
    }
  }).listen(port, "127.0.0.1");
  await once(listener, "listening");
  manager.close = () => listener.close();
  return manager;
}
