/** Many kinds are asked for one. */
export const SERVER = { key: "server", label: "Server", input: "text" } as const;
