import { z } from "zod";

/** The end of the year 9999: what is later has no date that people or calendars can write. */
const LAST = Date.UTC(10_000, 0) - 1;

/** Epoch milliseconds, wherever somebody names a time. */
export const Moment = z.int().min(0).max(LAST, "must be before the year 10000");
