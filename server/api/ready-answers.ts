/**
 * Answers that come out of an actor as JSON. tRPC makes JSON of whatever a procedure gives, and to make it of a long
 * range again, after taking it apart to carry it between threads, costs more than to read it. So the procedure gives
 * a mark, a word that nobody can guess, and where the answer leaves the marks are replaced by what they stand for. What
 * a check after the procedure keeps back has no mark in the answer, and is not told. The answer is one text:
 * `http/edge-guard` lets nobody ask for it line by line.
 */
import type { ReadyJson } from "../contract/ready-json.ts";
import { randomBase32 } from "../lib/random-id.ts";

export class ReadyAnswers {
  #mark = "";
  /** By the number in their mark; as many as one request carries calls. */
  readonly #answers: string[] = [];

  /** What the procedure gives in its place. */
  put<Said>({ json }: ReadyJson<Said>): Said {
    this.#mark ||= randomBase32(40);
    return `${this.#mark}-${this.#answers.push(json) - 1}` as Said;
  }

  async into(response: Response): Promise<Response> {
    if (this.#answers.length === 0) return response;
    const marks = new RegExp(`"${this.#mark}-(\\d+)"`, "g");
    const text = (await response.text()).replace(
      marks,
      (_, number) => this.#answers[Number(number)] ?? "null",
    );
    return new Response(text, { status: response.status, headers: response.headers });
  }
}
