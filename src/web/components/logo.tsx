/** A cleat, seen from the side, with a line made fast round it: what a holdfast is for. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <rect class="logo-ground" width="40" height="40" rx="10" />
      <path class="logo-cleat" d="M7 11.500c4 3 8 3.500 13 3.500s9-.5 13-3.500M15 15v11.500M25 15v11.500M10 29h20" />
      <path class="logo-line" d="M11.500 20.700h17M11.500 24.700h17" />
    </svg>
  );
}
