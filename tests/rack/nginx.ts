/** Debian's nginx as something to check: forty pages, a redirect, a status that is wrong. One process, no service. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNginx } from "../support/system-tools.ts";
import { until } from "../support/until.ts";
import { ENDS_WITH_US } from "./network.ts";

const config = (folder: string, port: number) => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  default_type text/plain;
  server {
    listen 127.0.0.1:${port};
    location /page/ { return 200 "all is well at $uri\\n"; }
    location /moved/ { return 302 /page/moved; }
    location /state { default_type application/json; return 200 '{"disks":[{"free":1200}]}'; }
    location /broken { return 500; }
  }
}
`;

export class Nginx {
  readonly #folder = mkdtempSync(join(tmpdir(), "pulse-nginx-"));
  readonly port: number;
  #process: Bun.Subprocess | undefined;

  constructor(port: number) {
    this.port = port;
    writeFileSync(join(this.#folder, "nginx.conf"), config(this.#folder, port));
  }

  async start(): Promise<void> {
    const program = findNginx();
    if (!program) throw new Error("no nginx found: install one (Debian: apt-get install nginx)");
    const words = ["-p", this.#folder, "-e", "error.log", "-c", join(this.#folder, "nginx.conf")];
    this.#process = Bun.spawn([...ENDS_WITH_US, program, ...words], { stdout: "ignore", stderr: "inherit" });
    const answers = () =>
      fetch(`http://127.0.0.1:${this.port}/page/1`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(answers, { what: "nginx answers" });
  }

  /** Nobody listens on its port any more. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#process?.exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
