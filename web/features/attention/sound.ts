/** Made here, so that there is no file to load when the server may be what is wrong. */
const TONES: Record<"warning" | "critical", { hertz: number; at: number }[]> = {
  warning: [
    { hertz: 659, at: 0 },
    { hertz: 523, at: 0.16 },
  ],
  critical: [
    { hertz: 880, at: 0 },
    { hertz: 1_109, at: 0.14 },
    { hertz: 880, at: 0.42 },
    { hertz: 1_109, at: 0.56 },
  ],
};
const TONE_SECONDS = 0.22;
const LOUDNESS = 0.18;
const RESUMED_WITHIN_MS = 300;

let context: AudioContext | undefined;

/** A browser makes no sound on a page nobody has touched. */
export async function isAudible(): Promise<boolean> {
  context ??= new AudioContext();
  if (context.state !== "running") {
    const late = new Promise((resolve) => setTimeout(resolve, RESUMED_WITHIN_MS));
    await Promise.race([context.resume(), late]);
  }
  return context.state === "running";
}

export async function play(level: "warning" | "critical"): Promise<boolean> {
  if (!(await isAudible()) || !context) return false;
  const begin = context.currentTime + 0.02;
  for (const { hertz, at } of TONES[level]) {
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
    const swell = new GainNode(context, { gain: 0 });
    swell.gain.setValueAtTime(0, begin + at);
    swell.gain.linearRampToValueAtTime(LOUDNESS, begin + at + 0.015);
    swell.gain.exponentialRampToValueAtTime(0.001, begin + at + TONE_SECONDS);
    tone.connect(swell).connect(context.destination);
    tone.start(begin + at);
    tone.stop(begin + at + TONE_SECONDS);
  }
  return true;
}
