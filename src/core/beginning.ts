/** What a server says when it refuses is short: the first 64 KiB or so of an answer, as text. */
const most = 64 * 1024;

export async function beginningOf(answer: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
