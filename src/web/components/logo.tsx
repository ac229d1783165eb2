/** A cleat with a line made fast to it: what a holdfast is for. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="40" height="40" rx="10" />
      <path class="logo-cleat" d="M6.5 13.5c4 2.6 8.3 3.4 13.500 3.400s9.500-.8 13.500-3.400M15.500 17v9.500M24.500 17v9.500M10.500 28.500h19" />
      <path class="logo-line" d="M11 22.500 29 13M29 22.500 11 13" />
    </svg>
  );
}
