/** Addresses of pages. */

export function jobPath(id: string): string {
  return `/jobs/${encodeURIComponent(id)}`;
}

export function groupPath(id: string): string {
  return `/groups/${encodeURIComponent(id)}`;
}
