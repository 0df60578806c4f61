import assert from "node:assert/strict";
import { test } from "node:test";
import { isOn, settingsFault } from "../../../src/velero/location-settings.ts";
import { storageCause } from "../../../src/velero/storage-cause.ts";
import type { BackupStorageLocation } from "../../../src/velero/types.ts";

type Spec = NonNullable<BackupStorageLocation["spec"]>;
const base: Spec = {
  provider: "aws",
  objectStorage: { bucket: "velero" },
  config: { region: "minio", s3Url: "http://minio.mke.svc:9000", s3ForcePathStyle: "true" },
};
const pem = Buffer.from("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").toString("base64");
const withConfig = (config: Record<string, string>): Spec => ({ ...base, config: { ...base.config, ...config } });

test("settings that the plugin takes have no fault", () => {
  for (const spec of [
    base,
    withConfig({ profile: "backup", checksumAlgorithm: "", insecureSkipTLSVerify: "F" }),
    { ...base, objectStorage: { bucket: "velero", prefix: "a/b", caCert: pem } },
    { provider: "aws", objectStorage: { bucket: "velero" } },
  ])
    assert.equal(settingsFault({ spec }), undefined);
});

const faults: readonly (readonly [what: string, spec: Spec, code: string])[] = [
  ["a key in the wrong case", withConfig({ S3Url: "http://a" }), "invalid-config"],
  ["a switch that is none", withConfig({ s3ForcePathStyle: "yes" }), "invalid-config"],
  ["a checksum that does not exist", withConfig({ checksumAlgorithm: "MD5" }), "invalid-config"],
  ["a path in the bucket", { ...base, objectStorage: { bucket: "a/b" } }, "invalid-config"],
  ["no bucket", { ...base, objectStorage: {} }, "invalid-config"],
  ["an address without http", withConfig({ s3Url: "minio.mke.svc:9000" }), "bad-url"],
  ["a CA that is none", { ...base, objectStorage: { bucket: "b", caCert: "Z2FyYmFnZQ==" } }, "bad-ca"],
  [
    "two CAs",
    { ...base, objectStorage: { bucket: "b", caCert: pem, caCertRef: { name: "a", key: "b" } } },
    "invalid-config",
  ],
];
for (const [what, spec, code] of faults) {
  test(`${what} is found before anybody is asked`, () => {
    assert.equal(storageCause(settingsFault({ spec }) ?? "")?.code, code);
  });
}

test("a switch is on as Go reads it", () => {
  assert.deepEqual(["true", "True", "1", "t", "false", "yes", "", undefined].map(isOn), [
    ...[true, true, true, true],
    ...[false, false, false, false],
  ]);
});
