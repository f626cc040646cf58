/** Calls one HTTP request may carry; a request of more is refused whole. */
export const CALLS_PER_REQUEST = 10;
