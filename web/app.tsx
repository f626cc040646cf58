import { Navigate, Route, Router, useLocation } from "@solidjs/router";
import {
  createMemo,
  ErrorBoundary,
  type JSX,
  lazy,
  Match,
  onMount,
  type ParentProps,
  Show,
  Switch,
} from "solid-js";
import { Dynamic } from "solid-js/web";
import { place } from "./api/org-context.ts";
import { IdentityPlace } from "./features/shell/confirm-identity.tsx";
import { Shell } from "./features/shell/shell.tsx";
import { signInPath } from "./features/sign-in/return-path.ts";
import { BrokenPage } from "./features/trouble/broken-page.tsx";
import { UnreachablePage } from "./features/trouble/unreachable-page.tsx";
import { type Need, type PageRoute, ROUTES } from "./routes.ts";
import { extension } from "./state/extension.ts";
import { loadSession, me, state } from "./state/session.ts";
import "./state/theme.ts";
import { focusNewPages } from "./ui/page-focus.ts";
import { setPageTitle } from "./ui/page-title.ts";
import { ToastPlace } from "./ui/toast.tsx";

export function App() {
  onMount(() => void loadSession());
  const from = createMemo(() => ({ base: place().base }), undefined, {
    equals: (before, next) => before.base === next.base,
  });
  return (
    <>
      <ToastPlace />
      <IdentityPlace />
      {/* Whoever moves to another place begins anew: nothing that was drawn for the old one stays. */}
      <Show when={from()} keyed>
        {({ base }) => (
          <Router base={base} root={Root}>
            {routes().map(routeOf)}
          </Router>
        )}
      </Show>
    </>
  );
}

/** The last one takes every address that no other has. */
function routes(): readonly PageRoute[] {
  return [...(extension()?.routes ?? []), ...ROUTES];
}

function routeOf(route: PageRoute): JSX.Element {
  const Page = lazy(async () => ({ default: await route.page() }));
  const Guarded = () => (
    <Gate need={route.need}>
      <Titled title={route.title}>
        <Page />
      </Titled>
    </Gate>
  );
  const info = { anywhere: route.anywhere ?? route.need === "operator" };
  return <Route path={route.path} component={Guarded} info={info} preload={() => void Page.preload()} />;
}

/** The shell stands around every page of someone signed in, and stays while pages change. */
function Root(props: ParentProps) {
  const location = useLocation();
  focusNewPages(() => location.pathname);
  const page = () => (
    <ErrorBoundary fallback={(error, reset) => <BrokenPage error={error} reset={reset} />}>
      {props.children}
    </ErrorBoundary>
  );
  const outside = () => routes().some((route) => route.outside && route.path === location.pathname);
  return (
    <Switch fallback={page()}>
      <Match when={state() === "unasked"}>
        <p class="late p-6 text-ink-2" role="status">
          Connecting…
        </p>
      </Match>
      <Match when={state() === "unreachable"}>
        <UnreachablePage />
      </Match>
      <Match when={state() === "signed_in" && !outside()}>
        <Framed>
          <Shell>{page()}</Shell>
        </Framed>
      </Match>
    </Switch>
  );
}

function Framed(props: ParentProps) {
  return (
    <Show when={extension()} fallback={props.children}>
      {(known) => <Dynamic component={known().places.Frame}>{props.children}</Dynamic>}
    </Show>
  );
}

function Gate(props: ParentProps<{ need: Need }>) {
  const location = useLocation();
  const allowed = () => {
    if (props.need === "public") return true;
    if (state() !== "signed_in") return false;
    return props.need === "person" || me()?.operator === true;
  };
  return (
    <Switch>
      <Match when={allowed()}>{props.children}</Match>
      <Match when={state() === "fresh_server"}>
        <Navigate href="/setup" />
      </Match>
      <Match when={state() === "signed_out"}>
        <Navigate href={signInPath(location.pathname + location.search)} />
      </Match>
      <Match when={state() === "signed_in"}>
        <Navigate href="/" />
      </Match>
    </Switch>
  );
}

function Titled(props: ParentProps<{ title: string }>) {
  setPageTitle(() => props.title);
  return <>{props.children}</>;
}
