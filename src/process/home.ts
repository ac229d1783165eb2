/**
 * The folder in which Holdfast keeps its files. They are this user's alone: Temporal's database holds the arguments of all jobs, and a
 * pid file says what `bin/rip` kills.
 */
import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Of group and others. */
const STRANGERS = 0o077;

/** What Holdfast and its tests make in a home, and what a file system does. */
const OURS =
  /^(compile-cache|in-hand|install\.lock|node(\.\d+)?|npm|pids|reports|tools|temporal[.-].*|workflow-bundle.*|holdfast-test-.*|lost\+found)$/;

/**
 * Makes the folder if it is not there, and keeps all others out of it, and out of every file that this process and its children make
 * from now on. A folder that holds other things too, such as a whole disk, stays open, and only what is Holdfast's in it is closed.
 */
export function openHome(home: string): void {
  process.umask(STRANGERS);
  mkdirSync(home, { recursive: true });
  // A link to it is the user's own choice, unlike those within.
  const folder = realpathSync(home);
  const names = readdirSync(folder);
  for (const name of names.filter((entry) => OURS.test(entry))) closeToStrangers(join(folder, name));
  if (names.every((name) => OURS.test(name))) withoutStrangers(folder);
}

/** With all that is in it. What is closed already is not looked into: it was written by Holdfast as it is now. */
function closeToStrangers(path: string): void {
  if (withoutStrangers(path) !== 'closed folder') return;
  for (const name of readdirSync(path)) closeToStrangers(join(path, name));
}

/** Leaves alone what is somebody else's, and where a symbolic link leads. @returns whether it is a folder that this call has closed */
function withoutStrangers(path: string): 'closed folder' | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(file);
    if (stat.uid !== process.geteuid?.() || (stat.mode & STRANGERS) === 0) return undefined;
    fchmodSync(file, stat.mode & 0o7777 & ~STRANGERS);
    return stat.isDirectory() ? 'closed folder' : undefined;
  } finally {
    closeSync(file);
  }
}
