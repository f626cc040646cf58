/** What an actor answers as JSON already, to be passed on as it is: large, and of no interest on the way. */
export interface ReadyJson<Said> {
  json: string;
  /** Never there; it remembers the type of what the JSON says. */
  says?: Said;
}
