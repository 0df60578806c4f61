import assert from "node:assert/strict";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import type { Credentials } from "../../../src/kube/credentials.ts";
import { createCertificates } from "../../sandbox/certificates.ts";
import { transportTo } from "./local-server.ts";

const certificates = createCertificates();
const { key, certificate: cert } = certificates.server;

/** Answers with the common name of the client's certificate. */
async function secureServer(t: TestContext): Promise<string> {
  const options = { key, cert, ca: certificates.authority, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate() ?? {};
    response.end(JSON.stringify({ name: subject?.CN ?? "nobody" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(t: TestContext, tls: Partial<Credentials["tls"]>): Promise<{ name: string }> {
  const credentials: Credentials = { tls: { rejectUnauthorized: true, ...tls }, headers: async () => ({}) };
  const transport = await transportTo(t, await secureServer(t), { credentials });
  return transport.json<{ name: string }>({ method: "GET", path: "/" });
}

test("a client certificate says who asks", async (t) => {
  const { certificate, key: own } = certificates.administrator;
  const answer = await ask(t, { ca: certificates.authority, cert: certificate, key: own });
  assert.deepEqual(answer, { name: "kubernetes-admin" });
});

test("a server whose CA is unknown is not trusted, which waiting does not change", async (t) => {
  await assert.rejects(ask(t, {}), {
    reason: "Untrusted",
    sentence:
      "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
  });
});

test("a certificate for another name is not trusted", async (t) => {
  await assert.rejects(ask(t, { ca: certificates.authority, servername: "elsewhere.example" }), {
    reason: "Untrusted",
    message: /x509: certificate is valid for localhost, not elsewhere\.example$/,
  });
});

test("the check can be turned off", async (t) => {
  assert.deepEqual(await ask(t, { rejectUnauthorized: false }), { name: "nobody" });
});

test("a login that brings another client certificate is followed at the next request", async (t) => {
  const tls: Credentials["tls"] = { rejectUnauthorized: true, ca: certificates.authority };
  const { certificate, key: own } = certificates.administrator;
  let asked = 0;
  const headers = async () => {
    if (++asked === 3) Object.assign(tls, { cert: certificate, key: own });
    return {};
  };
  const transport = await transportTo(t, await secureServer(t), { credentials: { tls, headers } });
  const names = [];
  for (let request = 0; request < 4; request++) {
    names.push((await transport.json<{ name: string }>({ method: "GET", path: "/" })).name);
  }
  assert.deepEqual(names, ["nobody", "nobody", "kubernetes-admin", "kubernetes-admin"]);
});
