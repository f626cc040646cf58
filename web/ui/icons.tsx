import type { JSX } from "solid-js";

/** The few icons that speed up reading: 16 px, lucide's shapes (ISC licence). Always decoration. */
function icon(draw: () => JSX.Element) {
  return (props: { class?: string }) => (
    <svg
      class={`size-4 shrink-0 ${props.class ?? ""}`}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {draw()}
    </svg>
  );
}

export const PulseIcon = icon(() => <path d="M2 13h4l2.2-8 4 15 3-10 1.6 3H22" />);
export const OverviewIcon = icon(() => (
  <>
    <rect x="3" y="3" width="7" height="9" rx="1" />
    <rect x="14" y="3" width="7" height="5" rx="1" />
    <rect x="14" y="12" width="7" height="9" rx="1" />
    <rect x="3" y="16" width="7" height="5" rx="1" />
  </>
));
export const SettingsIcon = icon(() => (
  <>
    <path d="M20 7h-9M14 17H5" />
    <circle cx="17" cy="17" r="3" />
    <circle cx="7" cy="7" r="3" />
  </>
));
export const CompareIcon = icon(() => <path d="M4 6h16M4 12h10M4 18h6" />);
export const SearchIcon = icon(() => (
  <>
    <circle cx="11" cy="11" r="7" />
    <path d="m21 21-4.5-4.5" />
  </>
));
export const SunIcon = icon(() => (
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M6.3 17.7l-1.4 1.4M19.1 4.9l-1.4 1.4" />
  </>
));
export const MoonIcon = icon(() => <path d="M20.5 13.5A8.5 8.5 0 1 1 10.5 3.5a6.8 6.8 0 0 0 10 10z" />);
export const SystemThemeIcon = icon(() => (
  <>
    <rect x="2" y="3" width="20" height="14" rx="2" />
    <path d="M8 21h8M12 17v4" />
  </>
));
export const SignOutIcon = icon(() => (
  <path d="M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4M16 17l5-5-5-5M21 12H9" />
));
export const KeyboardIcon = icon(() => (
  <>
    <rect x="2" y="5" width="20" height="14" rx="2" />
    <path d="M6 9h.01M10 9h.01M14 9h.01M18 9h.01M6 13h.01M18 13h.01M10 13h4" />
  </>
));
export const TilesIcon = icon(() => (
  <>
    <rect x="3" y="3" width="7" height="7" rx="1" />
    <rect x="14" y="3" width="7" height="7" rx="1" />
    <rect x="3" y="14" width="7" height="7" rx="1" />
    <rect x="14" y="14" width="7" height="7" rx="1" />
  </>
));
export const TableIcon = icon(() => <path d="M3 6h18M3 12h18M3 18h18" />);
export const PreviousIcon = icon(() => <path d="m15 18-6-6 6-6" />);
export const UpIcon = icon(() => <path d="m6 15 6-6 6 6" />);
export const DownIcon = icon(() => <path d="m6 9 6 6 6-6" />);
export const NextIcon = icon(() => <path d="m9 18 6-6-6-6" />);
export const CalendarIcon = icon(() => (
  <>
    <rect x="3" y="5" width="18" height="16" rx="2" />
    <path d="M3 10h18M8 3v4M16 3v4" />
  </>
));
export const ZoomOutIcon = icon(() => (
  <>
    <circle cx="11" cy="11" r="7" />
    <path d="m21 21-4.5-4.5M8 11h6" />
  </>
));
export const MachineIcon = icon(() => (
  <>
    <rect x="3" y="4" width="18" height="7" rx="1.5" />
    <rect x="3" y="13" width="18" height="7" rx="1.5" />
    <path d="M7 7.5h.01M7 16.5h.01" />
  </>
));
export const ResourcesIcon = icon(() => (
  <>
    <path d="m12 3 9 4.5-9 4.5-9-4.5z" />
    <path d="m3 12 9 4.5 9-4.5M3 16.5 12 21l9-4.5" />
  </>
));
export const MenuUpIcon = icon(() => <path d="m7 15 5 5 5-5M7 9l5-5 5 5" />);
export const AddIcon = icon(() => <path d="M5 12h14M12 5v14" />);
export const AlertsIcon = icon(() => (
  <>
    <path d="M6 9a6 6 0 0 1 12 0c0 6 2.5 7 2.5 7h-17S6 15 6 9" />
    <path d="M10 20a2.2 2.2 0 0 0 4 0" />
  </>
));
export const ChecksIcon = icon(() => (
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="m8.5 12.2 2.4 2.4 4.6-5" />
  </>
));
