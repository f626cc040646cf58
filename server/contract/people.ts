import { z } from "zod";
import type { UserId } from "./ids.ts";
import { Email, PersonName } from "./session.ts";

export interface PersonInfo {
  id: UserId;
  email: string;
  name: string;
  operator: boolean;
  disabled: boolean;
  createdAt: number;
}

export const CreatePersonInput = z.strictObject({
  email: Email,
  name: PersonName.optional(),
  operator: z.boolean().optional(),
});
export type CreatePersonInput = z.infer<typeof CreatePersonInput>;

export const NamedPersonInput = z.strictObject({ email: Email });
export type NamedPersonInput = z.infer<typeof NamedPersonInput>;

/** Shown once, for whoever operates to hand over. */
export interface NewPassword {
  person: PersonInfo;
  password: string;
}
