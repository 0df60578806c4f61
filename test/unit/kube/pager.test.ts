import assert from "node:assert/strict";
import { test } from "node:test";
import { type AskPage, eachPage, type ObjectList, wholeList } from "../../../src/kube/pager.ts";
import { ExpiredFailure } from "../../../src/kube/server-failure.ts";

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
const object = (key: string): Named => {
  const [namespace, name] = key.includes("/") ? key.split("/") : [undefined, key];
  return { metadata: { name: name ?? "", ...(namespace === undefined ? {} : { namespace }) } };
};
const page = (keys: string[], next?: string): ObjectList<Named> => ({
  items: keys.map(object),
  ...(next === undefined ? {} : { metadata: { continue: next } }),
});
const expired = (rest?: string) => new ExpiredFailure("too old", { reason: "Expired" }, rest);

/** Answers in order; remembers what was asked as "limit continue". */
function asking(...answers: (ObjectList<Named> | Error)[]): { ask: AskPage<Named>; asked: string[] } {
  const asked: string[] = [];
  const ask: AskPage<Named> = async ({ limit, continue: next }) => {
    asked.push(`${limit ?? "all"} ${next ?? ""}`.trim());
    const answer = answers[asked.length - 1];
    if (answer === undefined) throw new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ask, asked };
}
const nameOf = ({ metadata }: Named) => metadata.name;
const pagesOf = async (ask: AskPage<Named>) => (await Array.fromAsync(eachPage(ask))).map((items) => items.map(nameOf));

test("a list is read to its last page", async () => {
  const whole = asking(page(["a", "b"], "t"), page(["c"]));
  assert.deepEqual((await wholeList(whole.ask)).map(nameOf), ["a", "b", "c"]);
  assert.deepEqual(whole.asked, ["500", "500 t"]);
  const paged = asking(page(["a", "b"], "t"), page(["c"]));
  assert.deepEqual(await pagesOf(paged.ask), [["a", "b"], ["c"]]);
  assert.deepEqual(paged.asked, whole.asked);
});

test("a whole list that grew too old is read afresh in one piece, whatever way on is offered", async () => {
  const { ask, asked } = asking(page(["a"], "t"), expired("rest"), page(["a", "b", "c"]));
  assert.deepEqual((await wholeList(ask)).map(nameOf), ["a", "b", "c"]);
  assert.deepEqual(asked, ["500", "500 t", "all"]);
});

test("pages go on by the server's own way, where it offers one", async () => {
  const { ask, asked } = asking(page(["a", "b"], "t"), expired("rest"), page(["c"], "u"), expired("more"), page(["d"]));
  assert.deepEqual(await pagesOf(ask), [["a", "b"], ["c"], ["d"]]);
  assert.deepEqual(asked, ["500", "500 t", "500 rest", "500 u", "500 more"]);
});

test("pages go on behind the last object, where no way on is offered: nothing is lost and nothing comes twice", async () => {
  // b was deleted meanwhile, aa and c were created.
  const { ask, asked } = asking(page(["a", "b"], "t"), expired(), page(["a", "aa", "c", "d"]));
  assert.deepEqual(await pagesOf(ask), [
    ["a", "b"],
    ["c", "d"],
  ]);
  assert.deepEqual(asked, ["500", "500 t", "all"]);
});

test("a way on that is too old itself is not taken again and again", async () => {
  const { ask, asked } = asking(page(["a"], "t"), expired("rest"), expired("rest"), page(["a", "b"]));
  assert.deepEqual(await pagesOf(ask), [["a"], ["b"]]);
  assert.deepEqual(asked, ["500", "500 t", "500 rest", "all"]);
});

test("objects of several namespaces are in the order of the server's keys", async () => {
  // The server compares "a-b/x" with "a/z" byte by byte, so namespace a-b comes first.
  const { ask } = asking(page(["a-b/x", "a/m"], "t"), expired(), page(["a-b/x", "a-b/y", "a/m", "a/n", "b/a"]));
  assert.deepEqual(await pagesOf(ask), [
    ["x", "m"],
    ["n", "a"],
  ]);
});

test("what is left of a large list still comes in pages", async () => {
  const keys = Array.from({ length: 1201 }, (_, at) => `n${String(at).padStart(5, "0")}`);
  const { ask } = asking(page(keys.slice(0, 1), "t"), expired(), page(keys));
  assert.deepEqual(
    (await pagesOf(ask)).map(({ length }) => length),
    [1, 500, 500, 200],
  );
});

test("a first page that is too old, and any other failure, is the caller's", async () => {
  for (const read of [wholeList, (ask: AskPage<Named>) => Array.fromAsync(eachPage(ask))]) {
    await assert.rejects(read(asking(expired("rest")).ask), { reason: "Expired" });
    await assert.rejects(read(asking(page(["a"], "t"), new Error("no")).ask), { message: "no" });
  }
});

test("a list of null is empty", async () => {
  const nothing: ObjectList<Named> = { items: null };
  assert.deepEqual(await wholeList(asking(nothing).ask), []);
  assert.deepEqual(await pagesOf(asking(nothing).ask), [[]]);
});
