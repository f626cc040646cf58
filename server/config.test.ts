import { describe, expect, test } from "bun:test";
import { readConfig } from "./config.ts";
import { ConfigError, type Surroundings } from "./surroundings.ts";

function read(environment: Record<string, string | undefined> = {}, around: Partial<Surroundings> = {}) {
  return readConfig({
    environment,
    cores: 2,
    isRoot: false,
    isTerminal: false,
    checkout: undefined,
    ...around,
  });
}

test("without any setting everything has its default", () => {
  expect(read({}, { checkout: "/somewhere" })).toEqual({
    dataDir: "/somewhere/orgs-data",
    host: "0.0.0.0",
    port: 7655,
    publicUrl: undefined,
    multiTenant: false,
    setupToken: undefined,
    licensePublicKey: undefined,
    secretKeyFile: undefined,
    watchThisMachine: true,
    shards: 1,
    trustedProxies: [],
    outboundAllow: [],
    metricsToken: undefined,
    logLevel: "info",
    logFormat: "json",
    unknown: [],
  });
});

/** Whose private key nobody has. */
const RAW_KEY = "VYXSFyUk9yvocLB2DOc9TH7ooA8MxiaA8epIM1Xatbg";
const DER_KEY = `MCowBQYDK2VwAyEA${RAW_KEY}=`;
const PEM_KEY = `-----BEGIN PUBLIC KEY-----\n${DER_KEY}\n-----END PUBLIC KEY-----\n`;

const GOOD: [variable: string, text: string, field: keyof ReturnType<typeof read>, value: unknown][] = [
  ["PULSE_DATA_DIR", "/srv/pulse", "dataDir", "/srv/pulse"],
  ["PULSE_HOST", "::1", "host", "::1"],
  ["PULSE_HOST", "pulse-1.lan", "host", "pulse-1.lan"],
  ["PULSE_PORT", "0", "port", 0],
  ["PULSE_PORT", "65535", "port", 65_535],
  ["PULSE_PUBLIC_URL", "https://pulse.example.org/", "publicUrl", "https://pulse.example.org"],
  ["PULSE_PUBLIC_URL", "http://10.0.0.1:7655", "publicUrl", "http://10.0.0.1:7655"],
  ["PULSE_MULTI_TENANT_ENABLED", "TRUE", "multiTenant", true],
  ["PULSE_MULTI_TENANT_ENABLED", "false", "multiTenant", false],
  ["PULSE_SETUP_TOKEN", "sixteen letters!", "setupToken", "sixteen letters!"],
  ["PULSE_LICENSE_PUBLIC_KEY", RAW_KEY, "licensePublicKey", RAW_KEY],
  ["PULSE_LICENSE_PUBLIC_KEY", DER_KEY, "licensePublicKey", DER_KEY],
  ["PULSE_LICENSE_PUBLIC_KEY", PEM_KEY, "licensePublicKey", PEM_KEY],
  [
    "PULSE_LICENSE_PUBLIC_KEY",
    PEM_KEY.replaceAll("\n", "\\n"),
    "licensePublicKey",
    PEM_KEY.replaceAll("\n", "\\n"),
  ],
  ["PULSE_SECRET_KEY_FILE", "/run/secrets/pulse", "secretKeyFile", "/run/secrets/pulse"],
  ["PULSE_LOCAL_AGENT", "false", "watchThisMachine", false],
  ["PULSE_SHARDS", "4", "shards", 4],
  ["PULSE_TRUSTED_PROXIES", " 10.0.0.0/8, ::1 ,,", "trustedProxies", ["10.0.0.0/8", "::1"]],
  ["PULSE_METRICS_TOKEN", "sixteen letters!", "metricsToken", "sixteen letters!"],
  ["PULSE_LOG_LEVEL", "debug", "logLevel", "debug"],
  ["PULSE_LOG_FORMAT", "pretty", "logFormat", "pretty"],
];

describe("is understood:", () => {
  for (const [variable, text, field, value] of GOOD) {
    test(`${variable}=${text}`, () => expect(read({ [variable]: text })[field]).toEqual(value as never));
  }

  test("a variable that is empty is one that is not set", () => {
    for (const [variable, , field] of GOOD) expect(read({ [variable]: "" })[field]).toEqual(read()[field]);
  });
});

const BAD: [variable: string, values: string[]][] = [
  ["PULSE_DATA_DIR", ["x".repeat(1_001)]],
  ["PULSE_HOST", ["a b", "http://a", "a/b", "<a>", "a".repeat(256)]],
  ["PULSE_PORT", ["-1", "65536", "80a", "1e3", "0x50", " 80", "8.0", "9".repeat(20)]],
  [
    "PULSE_PUBLIC_URL",
    [
      "pulse.example.org",
      "ftp://a",
      "https://",
      "https://a/path",
      "https://a?b",
      "https://a#b",
      "https://a:b@c",
      "javascript:alert(1)",
      "https://a b",
    ],
  ],
  ["PULSE_MULTI_TENANT_ENABLED", ["1", "yes", "on", "tru", " true"]],
  ["PULSE_SETUP_TOKEN", ["short", "x".repeat(201)]],
  [
    "PULSE_LICENSE_PUBLIC_KEY",
    [
      "/etc/pulse/license.pub",
      "not a key",
      RAW_KEY.slice(2),
      `${RAW_KEY}AAAA`,
      PEM_KEY.replaceAll("PUBLIC", "PRIVATE"),
      PEM_KEY.replace(RAW_KEY, RAW_KEY.repeat(6)),
      "A".repeat(1_001),
    ],
  ],
  ["PULSE_SECRET_KEY_FILE", ["x".repeat(1_001)]],
  ["PULSE_LOCAL_AGENT", ["0", "no"]],
  ["PULSE_SHARDS", ["0", "5", "two", "1.5"]],
  [
    "PULSE_TRUSTED_PROXIES",
    ["10.0.0.0/33", "::/129", "proxy.lan", "10.0.0.1/", "10.0.0.1/-1", "10.0.0.1/8/8", "0.0.0.0/x"],
  ],
  ["PULSE_METRICS_TOKEN", ["short", "x".repeat(201)]],
  ["PULSE_LOG_LEVEL", ["loud", "INFO", "trace"]],
  ["PULSE_LOG_FORMAT", ["xml", "JSON"]],
];

describe("stops the start with one line that names the variable, the problem and an example:", () => {
  for (const [variable, values] of BAD) {
    for (const text of values) {
      test(`${variable}=${text.slice(0, 30)}`, () => {
        let message = "";
        try {
          read({ [variable]: text });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          message = (error as Error).message;
        }
        const [problem = "", example = ""] = message.split(`, for example ${variable}=`);
        expect(problem).toMatch(new RegExp(`^${variable} .{5,}`));
        expect(message).not.toContain("\n");
        /* The example is one: it is taken. */
        expect(() => read({ [variable]: example })).not.toThrow();
        expect(example).not.toBe("");
      });
    }
  }

  test("every variable is tried here", () => {
    expect(BAD.map(([variable]) => variable).sort()).toEqual(
      [...new Set(GOOD.map(([variable]) => variable))].sort(),
    );
  });

  test("and a secret is not repeated in it", () => {
    for (const variable of ["PULSE_SETUP_TOKEN", "PULSE_METRICS_TOKEN"]) {
      expect(() => read({ [variable]: "hunter2" })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
      );
    }
  });
});

describe("a name nobody knows is told with the nearest that somebody does:", () => {
  const rows: [name: string, nearest: string][] = [
    ["PULSE_DATADIR", "PULSE_DATA_DIR"],
    ["PULSE_PROT", "PULSE_PORT"],
    ["PULSE_MULTITENANT_ENABLED", "PULSE_MULTI_TENANT_ENABLED"],
    ["PULSE_TRUSTED_PROXY", "PULSE_TRUSTED_PROXIES"],
    ["PULSE_LOGLEVEL", "PULSE_LOG_LEVEL"],
  ];
  for (const [name, nearest] of rows) {
    test(`${name} is nearest to ${nearest}`, () =>
      expect(read({ [name]: "x" }).unknown).toEqual([{ name, nearest }]));
  }

  test("and names of other programs are nobody's business", () => {
    expect(read({ PULSEAUDIO: "x", PORT: "x", pulse_port: "x", HOME: "x" }).unknown).toEqual([]);
  });
});

describe("the data directory", () => {
  test("of root is the system's, of anybody else their own, in a checkout the checkout's", () => {
    expect(read({}, { isRoot: true }).dataDir).toBe("/var/lib/pulse");
    expect(read({ XDG_DATA_HOME: "/x" }).dataDir).toBe("/x/pulse");
    expect(read({}, { isRoot: true, checkout: "/c" }).dataDir).toBe("/c/orgs-data");
  });
});

test("there is a shard per core beyond the first, from one to four", () => {
  expect([1, 2, 3, 5, 64].map((cores) => read({}, { cores }).shards)).toEqual([1, 1, 2, 4, 4]);
});

test("on a terminal the log is for people", () => {
  expect(read({}, { isTerminal: true }).logFormat).toBe("pretty");
  expect(read({ PULSE_LOG_FORMAT: "json" }, { isTerminal: true }).logFormat).toBe("json");
});
