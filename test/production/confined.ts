/**
 * Programs as the compose file confines containers: a root and an image that cannot be written to, no capabilities and none to be had.
 * Linux lets root alone do that here; others run the programs as they are.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Confinement {
  readonly user: { readonly uid: number; readonly gid: number };
  /** What its image holds. */
  readonly image: string;
  /** A folder that it may write to. */
  readonly volume?: string;
}

/** In a mount namespace of its own; each program takes the place of the one before, so that the process is the last of them. */
const SCRIPT = `
set -eu
image=$1 volume=$2 uid=$3 gid=$4
shift 4
[ -z "$volume" ] || mount --bind "$volume" "$volume"
mount --bind "$image" "$image"
mount -o remount,bind,ro "$image"
mount -o remount,bind,ro /
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"`;

export function confined(command: readonly string[], { user, image, volume = '' }: Confinement): string[] {
  const args = [image, volume, String(user.uid), String(user.gid)];
  return ['unshare', '--mount', 'sh', '-c', SCRIPT, 'confined', ...args, ...command];
}

/** Root of a container that is confined itself may not. */
export async function canConfine(): Promise<boolean> {
  try {
    await run('unshare', ['--mount', 'mount', '-o', 'remount,bind,ro', '/']);
    return true;
  } catch {
    return false;
  }
}
