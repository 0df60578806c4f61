import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { ObjectStore } from "../../sandbox/object-store/object-store.ts";

const credentials = { accessKeyId: "admin", secretAccessKey: "secret" };
const store = new ObjectStore("velero", credentials);
const clientWith = (identity: typeof credentials) =>
  new S3Client({
    endpoint: `http://127.0.0.1:${store.port}`,
    region: "minio",
    forcePathStyle: true,
    credentials: identity,
    maxAttempts: 1,
  });
let client: S3Client;
before(async () => {
  await store.listen();
  store.start();
  client = clientWith(credentials);
});
after(async () => {
  client.destroy();
  await store.close();
});

const Bucket = "velero";

test("the AWS client writes, lists in pages, reads and deletes", async () => {
  for (const Key of ["backups/a/a b+c.gz", "backups/b/b.gz", "restores/c", "loose"]) {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: `content of ${Key}` }));
  }
  await client.send(new HeadBucketCommand({ Bucket }));
  const folders = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
  assert.deepEqual(
    folders.CommonPrefixes?.map(({ Prefix }) => Prefix),
    ["backups/", "restores/"],
  );
  assert.deepEqual(
    folders.Contents?.map(({ Key }) => Key),
    ["loose"],
  );
  const first = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 3 }));
  assert.equal(first.IsTruncated, true);
  const second = await client.send(
    new ListObjectsV2Command({ Bucket, MaxKeys: 3, ContinuationToken: first.NextContinuationToken }),
  );
  assert.deepEqual([first.KeyCount, second.KeyCount, second.IsTruncated], [3, 1, false]);
  const read = await client.send(new GetObjectCommand({ Bucket, Key: "backups/a/a b+c.gz" }));
  assert.equal(await read.Body?.transformToString(), "content of backups/a/a b+c.gz");
  await client.send(new DeleteObjectCommand({ Bucket, Key: "loose" }));
  assert.deepEqual(store.keys("l"), []);
});

test("what S3 refuses, it refuses by S3's names", async () => {
  const get = (by: S3Client, bucket: string, Key: string) => by.send(new GetObjectCommand({ Bucket: bucket, Key }));
  await assert.rejects(get(client, Bucket, "nothing"), { name: "NoSuchKey" });
  await assert.rejects(get(client, "other", "nothing"), { name: "NoSuchBucket" });
  const stranger = clientWith({ ...credentials, accessKeyId: "stranger" });
  await assert.rejects(get(stranger, Bucket, "nothing"), { name: "InvalidAccessKeyId" });
  const forger = clientWith({ ...credentials, secretAccessKey: "wrong" });
  await assert.rejects(get(forger, Bucket, "nothing"), { name: "SignatureDoesNotMatch" });
  stranger.destroy();
  forger.destroy();
});

test("a store that is halted answers nobody and forgets everything", async () => {
  store.halt();
  await assert.rejects(client.send(new HeadBucketCommand({ Bucket })));
  store.start();
  assert.deepEqual(store.keys(), []);
});

test("it sends a range of the object that is meant, and refuses it when it is another one", async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: "ranged", Body: "0123456789" }));
  const get = (more: { Range?: string; IfMatch?: string }) =>
    client.send(new GetObjectCommand({ Bucket, Key: "ranged", ...more }));
  const whole = await get({});
  const rest = await get({ Range: "bytes=4-", IfMatch: whole.ETag ?? "" });
  assert.deepEqual(
    [rest.$metadata.httpStatusCode, rest.ContentRange, rest.ContentLength, await rest.Body?.transformToString()],
    [206, "bytes 4-9/10", 6, "456789"],
  );
  const some = await get({ Range: "bytes=2-3" });
  assert.deepEqual([some.ContentRange, await some.Body?.transformToString()], ["bytes 2-3/10", "23"]);
  await assert.rejects(get({ IfMatch: '"another"' }), { name: "PreconditionFailed" });
  await assert.rejects(get({ Range: "bytes=10-" }), { name: "InvalidRange" });
});
