import { createPreference } from "./preferences.ts";

/** Which alerts a browser draws attention to by itself, while a page is open. */
export const ATTENDED = ["off", "critical", "all"] as const;
export type Attended = (typeof ATTENDED)[number];

const [sound, setSound] = createPreference<Attended>("alert-sound", ATTENDED, "off", { everyTab: true });
const [popUp, setPopUp] = createPreference<Attended>("alert-pop-up", ATTENDED, "off", { everyTab: true });

export { popUp, setPopUp, setSound, sound };
