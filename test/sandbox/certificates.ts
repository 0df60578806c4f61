// Node can sign but not write X.509, and the sandbox may not need openssl: so the few structures of a certificate
// (RFC 5280) are put together here in DER by hand.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** PEM key pairs of one throw-away cluster: its authority, its API server and its administrator. */
export interface ClusterCertificates {
  readonly authority: string;
  readonly server: KeyAndCertificate;
  readonly administrator: KeyAndCertificate;
}

const tag = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, utf8: 0x0c, utcTime: 0x17 };
const sequenceTag = 0x30;
const setTag = 0x31;
const dnsName = 0x82;
const ipAddress = 0x87;

const oids = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  organization: [0x55, 0x04, 0x0a],
  keyUsage: [0x55, 0x1d, 0x0f],
  subjectAlternativeName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuthentication: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
  clientAuthentication: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
} as const;

function element(type: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

const sequence = (...contents: readonly Uint8Array[]) => element(sequenceTag, ...contents);
const oid = (bytes: readonly number[]) => element(tag.oid, Buffer.from(bytes));
const tagged = (number: number, ...contents: readonly Uint8Array[]) => element(0xa0 + number, ...contents);
const signatureAlgorithm = sequence(oid(oids.ecdsaWithSha256));

interface Subject {
  readonly commonName: string;
  readonly organization?: string;
}

function distinguishedName({ commonName, organization }: Subject): Buffer {
  const attribute = (type: readonly number[], value: string) =>
    element(setTag, sequence(oid(type), element(tag.utf8, Buffer.from(value))));
  return sequence(
    ...(organization === undefined ? [] : [attribute(oids.organization, organization)]),
    attribute(oids.commonName, commonName),
  );
}

function validity(now: Date): Buffer {
  const time = (date: Date) =>
    element(tag.utcTime, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
  const day = 24 * 3600 * 1000;
  return sequence(time(new Date(now.getTime() - day)), time(new Date(now.getTime() + 30 * day)));
}

function extension(type: readonly number[], value: Buffer): Buffer {
  return sequence(oid(type), element(tag.octetString, value));
}

const authorityExtensions = [
  extension(oids.basicConstraints, sequence(element(0x01, Buffer.from([0xff])))),
  extension(oids.keyUsage, element(tag.bitString, Buffer.from([0x01, 0x06]))),
];

const serverExtensions = (names: readonly string[]) => [
  extension(oids.extendedKeyUsage, sequence(oid(oids.serverAuthentication))),
  extension(
    oids.subjectAlternativeName,
    sequence(
      ...names.map((name) =>
        isIPv4(name)
          ? element(ipAddress, Buffer.from(name.split(".").map(Number)))
          : element(dnsName, Buffer.from(name)),
      ),
    ),
  ),
];

const clientExtensions = [extension(oids.extendedKeyUsage, sequence(oid(oids.clientAuthentication)))];

interface Request {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function issue({ subject, publicKey, extensions }: Request, issuer: Subject, issuerKey: KeyObject): string {
  const serialNumber = Buffer.concat([Buffer.from([0x01]), randomBytes(8)]);
  const toBeSigned = sequence(
    tagged(0, element(tag.integer, Buffer.from([2]))),
    element(tag.integer, serialNumber),
    signatureAlgorithm,
    distinguishedName(issuer),
    validity(new Date()),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...extensions)),
  );
  const signature = sign("sha256", toBeSigned, issuerKey);
  const certificate = sequence(
    toBeSigned,
    signatureAlgorithm,
    element(tag.bitString, Buffer.concat([Buffer.from([0]), signature])),
  );
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/**
 * Makes a certificate authority and what it signs: a server, on 127.0.0.1 unless other names or IPv4 addresses are given, and
 * an administrator (system:masters).
 */
export function createCertificates(names: readonly string[] = ["localhost", "127.0.0.1"]): ClusterCertificates {
  const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const authority = keyPair();
  const issuer = { commonName: "sandbox-ca" };
  const signed = (subject: Subject, extensions: readonly Buffer[]): KeyAndCertificate => {
    const { publicKey, privateKey } = keyPair();
    return {
      key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      certificate: issue({ subject, publicKey, extensions }, issuer, authority.privateKey),
    };
  };
  return {
    authority: issue(
      { subject: issuer, publicKey: authority.publicKey, extensions: authorityExtensions },
      issuer,
      authority.privateKey,
    ),
    server: signed({ commonName: "kube-apiserver" }, serverExtensions(names)),
    administrator: signed({ commonName: "kubernetes-admin", organization: "system:masters" }, clientExtensions),
  };
}
