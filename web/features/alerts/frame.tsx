import { A, useNavigate } from "@solidjs/router";
import type { JSX } from "solid-js";
import { onEscape } from "../../ui/keyboard.ts";

const PAGES = [
  { href: "/alerts", label: "Open" },
  { href: "/alerts/rules", label: "Rules" },
  { href: "/alerts/silences", label: "Silences" },
] as const;

/** One of the pages about alerts, and the way to the others. */
export function AlertFrame(props: {
  title: string;
  lead?: JSX.Element;
  action?: JSX.Element;
  /** Where Escape leads. */
  back?: string;
  children: JSX.Element;
}) {
  const navigate = useNavigate();
  onEscape(() => {
    navigate(props.back ?? "/alerts");
    return true;
  });
  return (
    <>
      <AlertTabs />
      <div class="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div class="min-w-0 flex-1 basis-64">
          <h1 class="text-xl font-semibold tracking-tight">{props.title}</h1>
          <p class="mt-0.5 max-w-2xl text-ink-2 empty:hidden">{props.lead}</p>
        </div>
        {props.action}
      </div>
      {props.children}
    </>
  );
}

export function AlertTabs() {
  return (
    <nav aria-label="Alerts" class="-mx-2 mb-3 flex gap-1">
      {PAGES.map(({ href, label }) => (
        <A
          href={href}
          end={href === "/alerts"}
          class="flex h-8 items-center rounded-md px-2 hover:bg-hover"
          activeClass="font-medium text-ink underline decoration-accent decoration-2 underline-offset-8"
          inactiveClass="text-ink-2"
        >
          {label}
        </A>
      ))}
    </nav>
  );
}
