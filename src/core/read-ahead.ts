/** Asks for the first part at once, and for each next one while the last is being used. One reader. */
export function readAhead<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = () => {
    const asked = iterator.next();
    // An error is heard when it is its turn; nobody may be waiting yet.
    asked.catch(() => undefined);
    return asked;
  };
  let next = ask();
  return {
    async *[Symbol.asyncIterator]() {
      for (let part = await next; !part.done; part = await next) {
        next = ask();
        yield part.value;
      }
    },
  };
}
