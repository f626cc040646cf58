/** A name server over UDP that answers from a list: real packets, names of nobody. */
import { createSocket } from "node:dgram";
import { findBytes } from "../../server/lib/egress/address.ts";

const TYPES = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28, SRV: 33 } as const;
export type ZoneType = keyof typeof TYPES;

export interface NameServer {
  port: number;
  /** Names that were asked for. */
  asked: string[];
  /** `"nas.lan A"` to what the zone file would say; several answers are several entries. */
  zone: Record<string, string[]>;
  /** How the next questions are answered: a code of DNS, or not at all. */
  mood: "answers" | "silent" | "servfail" | "refused";
  close(): void;
}

const CODES = { servfail: 2, refused: 5, unknownName: 3 };

export async function startNameServer(zone: Record<string, string[]>): Promise<NameServer> {
  const socket = createSocket("udp4");
  const ready = Promise.withResolvers<void>();
  socket.bind(0, "127.0.0.1", () => ready.resolve());
  await ready.promise;
  const server: NameServer = {
    port: socket.address().port,
    asked: [],
    zone,
    mood: "answers",
    close: () => socket.close(),
  };
  socket.on("message", (question, from) => {
    const { name, type, end } = readQuestion(question);
    server.asked.push(name);
    if (server.mood === "silent") return;
    const known = Object.entries(TYPES).find(([, code]) => code === type)?.[0] as ZoneType | undefined;
    const found = server.mood === "answers" && known ? (server.zone[`${name} ${known}`] ?? []) : [];
    const code = server.mood === "answers" ? (found.length > 0 ? 0 : CODES.unknownName) : CODES[server.mood];
    const head = Buffer.from(question.subarray(0, 12));
    head.writeUInt16BE(0x8180 | code, 2); // an answer; recursion wanted and offered
    head.writeUInt16BE(found.length, 6);
    head.fill(0, 8, 12);
    const answers = found.map((text) => answer(known!, text));
    socket.send(Buffer.concat([head, question.subarray(12, end), ...answers]), from.port, from.address);
  });
  return server;
}

function readQuestion(packet: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (packet[at]! > 0) {
    labels.push(packet.toString("latin1", at + 1, at + 1 + packet[at]!));
    at += 1 + packet[at]!;
  }
  return { name: labels.join(".").toLowerCase(), type: packet.readUInt16BE(at + 1), end: at + 5 };
}

function answer(type: ZoneType, text: string): Buffer {
  const data = dataOf(type, text);
  const head = Buffer.from([
    0xc0,
    12,
    0,
    TYPES[type],
    0,
    1,
    0,
    0,
    0,
    60,
    data.length >> 8,
    data.length & 0xff,
  ]);
  return Buffer.concat([head, data]);
}

function dataOf(type: ZoneType, text: string): Buffer {
  const words = text.split(" ");
  const numbers = (count: number) =>
    words.slice(0, count).flatMap((word) => [Number(word) >> 8, Number(word) & 0xff]);
  switch (type) {
    case "A":
    case "AAAA":
      return Buffer.from(findBytes(text)!);
    case "TXT":
      return Buffer.from([text.length, ...Buffer.from(text)]);
    case "MX":
      return Buffer.concat([Buffer.from(numbers(1)), nameOf(words[1]!)]);
    case "SRV":
      return Buffer.concat([Buffer.from(numbers(3)), nameOf(words[3]!)]);
    case "NS":
    case "CNAME":
      return nameOf(text);
  }
}

function nameOf(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
