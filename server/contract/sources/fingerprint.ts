import { z } from "zod";

/** SHA-256 of the one certificate that is trusted, whoever signed it; with colons or without. */
export const Fingerprint = z
  .string()
  .trim()
  .regex(
    /^(?:[0-9a-f]{2}:){31}[0-9a-f]{2}$|^[0-9a-f]{64}$/i,
    "must be a SHA-256 fingerprint: 32 pairs of hex digits",
  );
