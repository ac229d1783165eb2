/** A page that is true for a moment only, where no script runs to keep it true. */

/** Short enough to see a job run; a page that is being read or filled in can be told to hold still. @format seconds */
const EVERY_S = 2;

/** For the head. */
export function RefreshWithoutScript() {
  return (
    <noscript>
      <meta http-equiv="refresh" content={String(EVERY_S)} />
    </noscript>
  );
}

/** @param path the page that does not reload itself */
export function HoldStill({ path }: { readonly path: string }) {
  return (
    <noscript>
      <p class="quiet">
        This page reloads every {EVERY_S} seconds. <a href={path}>Hold it still</a> to fill in a form.
      </p>
    </noscript>
  );
}
