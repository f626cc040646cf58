/**
 * Where to go after signing in, from the address of the sign-in page. Only a path of this origin
 * counts: "//evil.example" and "/\evil.example" are other servers to a browser.
 */
export function safeReturnPath(asked: string | undefined | null): string {
  if (!asked || !/^\/(?![/\\])/.test(asked)) return "/";
  for (const character of asked) if (character <= " ") return "/";
  return /^\/(?:sign-in|setup)(?:[/?#]|$)/.test(asked) ? "/" : asked;
}

export function signInPath(from: string): string {
  return from === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(from)}`;
}
