import { StringDecoder } from "node:string_decoder";

/** A line that is longer comes in pieces, so that no file can fill the memory with one. */
const longest = 1024 * 1024;

/**
 * The lines of a text, without their ends, in batches as its bytes come. Bytes that are no UTF-8 become U+FFFD. A last line
 * that nothing ends counts as one.
 */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    while (rest.length > longest) {
      lines.push(rest.slice(0, longest));
      rest = rest.slice(longest);
    }
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== "") yield [rest];
}
