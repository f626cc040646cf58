import type { FormKind } from "../../forms/field.ts";
import { SERVER } from "./server.ts";

export const NTFY: FormKind = {
  label: "ntfy",
  words: "A topic that phones subscribe to, on ntfy.sh or a server of your own.",
  fields: [
    {
      key: "topic",
      label: "Topic",
      input: "text",
      help: "On ntfy.sh anybody who knows it can read it: choose one nobody guesses.",
    },
    { ...SERVER, optional: true, example: "https://ntfy.sh" },
    {
      key: "token",
      label: "Access token",
      input: "secret",
      optional: true,
      help: "Where the topic is protected: Account → Access tokens in its web app.",
    },
    {
      key: "user",
      label: "User",
      input: "text",
      optional: true,
      further: true,
      help: "With a password, instead of a token.",
    },
    { key: "password", label: "Password", input: "secret", optional: true, further: true },
  ],
};

export const GOTIFY: FormKind = {
  label: "Gotify",
  words: "An application of a Gotify server.",
  fields: [
    { ...SERVER, example: "https://gotify.example.org" },
    {
      key: "token",
      label: "Application token",
      input: "secret",
      help: "In Gotify: Apps → Create application.",
    },
  ],
};

export const PUSHOVER: FormKind = {
  label: "Pushover",
  words: "Phones with the Pushover app.",
  fields: [
    {
      key: "token",
      label: "Application token",
      input: "secret",
      help: "At pushover.net: Create an Application/API Token.",
    },
    {
      key: "user",
      label: "User key",
      input: "text",
      help: "Yours, as pushover.net shows it at the top, or that of a group.",
    },
    {
      key: "emergency",
      label: "Repeat critical alerts",
      input: "switch",
      standard: false,
      help: "Every minute for an hour, until somebody confirms them.",
    },
    {
      key: "device",
      label: "Device",
      input: "text",
      optional: true,
      further: true,
      help: "Its name; several with commas. Left empty, all.",
    },
    { key: "sound", label: "Sound", input: "text", optional: true, further: true, example: "pushover" },
  ],
};
