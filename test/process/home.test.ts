import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openHome } from '../../src/process/home.ts';
import { temporaryHome } from '../support/temporary-home.ts';

beforeEach(() => {
  const before = process.umask(0o022);
  onTestFinished(() => void process.umask(before));
});

const mode = (...path: string[]): string => (lstatSync(join(...path)).mode & 0o777).toString(8);

/** With this content, as a user's umask would have made it. */
function open(folder: string, files: Readonly<Record<string, number>>): void {
  for (const [name, fileMode] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), fileMode);
  }
  chmodSync(folder, 0o755);
}

test('a new home is its user’s alone, and so is what this process and its children write', async () => {
  await using parent = await temporaryHome();
  const home = join(parent.path, 'a', 'b');
  openHome(home);
  expect(mode(home)).toBe('700');
  writeFileSync(join(home, 'own'), '');
  expect(mode(home, 'own')).toBe('600');
  spawnSync('/bin/sh', ['-c', 'mkdir folder && touch folder/file'], { cwd: home });
  expect([mode(home, 'folder'), mode(home, 'folder', 'file')]).toEqual(['700', '600']);
});

test('a home of before is closed, with all that is in it, and programs stay programs', async () => {
  await using parent = await temporaryHome();
  const home = join(parent.path, 'home');
  open(home, { 'temporal-1.9.1.db': 0o644, 'pids/web-1.pid': 0o664, 'tools/temporal/1.9.1/temporal': 0o755 });
  openHome(home);
  expect(mode(home)).toBe('700');
  expect(mode(home, 'temporal-1.9.1.db')).toBe('600');
  expect([mode(home, 'pids'), mode(home, 'pids', 'web-1.pid')]).toEqual(['700', '600']);
  expect(mode(home, 'tools', 'temporal', '1.9.1', 'temporal')).toBe('700');
});

test('a folder that holds other things too stays open, and they do', async () => {
  await using parent = await temporaryHome();
  const home = join(parent.path, 'home');
  open(home, { 'pids/web-1.pid': 0o644, 'photos/cat.jpg': 0o644, 'notes.txt': 0o644 });
  openHome(home);
  expect([mode(home), mode(home, 'photos'), mode(home, 'notes.txt')]).toEqual(['755', '755', '644']);
  expect([mode(home, 'pids'), mode(home, 'pids', 'web-1.pid')]).toEqual(['700', '600']);
});

test('what a symbolic link leads to stays as it is', async () => {
  await using parent = await temporaryHome();
  const home = join(parent.path, 'home');
  const elsewhere = join(parent.path, 'elsewhere');
  open(elsewhere, { file: 0o644 });
  open(home, { 'pids/web-1.pid': 0o644 });
  symlinkSync(elsewhere, join(home, 'reports'));
  symlinkSync(join(elsewhere, 'file'), join(home, 'pids', 'link'));
  openHome(home);
  expect(mode(home)).toBe('700');
  expect([mode(elsewhere), mode(elsewhere, 'file')]).toEqual(['755', '644']);
});

test('a link to a home leads to it', async () => {
  await using parent = await temporaryHome();
  const [home, link] = [join(parent.path, 'home'), join(parent.path, 'link')];
  open(home, { 'temporal.log': 0o644 });
  symlinkSync(home, link);
  openHome(link);
  expect([mode(home), mode(home, 'temporal.log')]).toEqual(['700', '600']);
});

test('it may be opened again and again', async () => {
  await using parent = await temporaryHome();
  const home = join(parent.path, 'home');
  for (let time = 0; time < 3; time += 1) openHome(home);
  expect(readdirSync(home)).toEqual([]);
});
