/** The server decides; this only spares a person the round trip for what is plainly wrong. */
const PASSWORD_MIN = 12;

export interface AccountFaults {
  email?: string;
  password?: string;
}

export function checkAccount(given: { email: string; password: string }): AccountFaults {
  const faults: AccountFaults = {};
  const email = emailFault(given.email);
  if (email) faults.email = email;
  const password = checkNewPassword(given.password);
  if (password) faults.password = password;
  return faults;
}

export function emailFault(email: string): string | undefined {
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? undefined : "Must look like name@example.org.";
}

export function checkNewPassword(password: string): string | undefined {
  const missing = PASSWORD_MIN - password.length;
  if (missing <= 0) return undefined;
  if (password.length === 0) return `Choose a password of at least ${PASSWORD_MIN} characters.`;
  return `${missing} more ${missing === 1 ? "character" : "characters"} needed: at least ${PASSWORD_MIN}.`;
}
