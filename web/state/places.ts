import type { Component, JSX, ParentProps } from "solid-js";
import type { EndReason } from "../../server/contract/live.ts";
import type { Resource } from "../../server/contract/resource.ts";

/** An entry of the palette, from elsewhere. */
export interface PaletteEntry {
  id: string;
  name: string;
  hint: string;
  icon: () => JSX.Element;
  run: () => void;
}

/** What a server with more than one place adds to the page around the pages. */
export interface Places {
  /** Someone has signed in, or has been: goes where the address says, or where the person was last. */
  arrive: () => void;
  /** Whether there is anything to watch where the tab stands. */
  isWatched: () => boolean;
  /** What to say where nothing is watched yet; undefined: what is said everywhere. */
  emptyWords: () => string | undefined;
  /** The stream has ended for good. True when the page around it says why and goes on. */
  lost: (reason: EndReason) => boolean;
  /** Around everything of someone signed in: shows it, or says why it cannot be shown. */
  Frame: Component<ParentProps>;
  /** Beside the name of the product: where the tab stands, and the way to elsewhere. */
  Switcher: Component<{ compact?: boolean }>;
  /** Beside the name of a resource: where it is from. */
  ResourceMark: Component<{ resource: Resource; short?: boolean }>;
  paletteEntries: () => PaletteEntry[];
}
