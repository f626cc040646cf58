/** Prometheus's own tool, the other side of what we write and answer: `promtool`, from Debian's package. */

export interface Ran {
  status: number;
  stdout: string;
  stderr: string;
}

export async function promtool(args: string[], stdin = ""): Promise<Ran> {
  const child = Bun.spawn(["promtool", ...args], {
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status, stdout, stderr };
}
