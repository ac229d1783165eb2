import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { giveLifeSign, isOver, type LifeSign } from '../../src/process/life-sign.ts';
import { temporaryHome } from '../support/temporary-home.ts';

const MODULE = new URL('../../src/process/life-sign.ts', import.meta.url).href;

async function processWithSign(folder: string) {
  const program = `
    import { giveLifeSign } from ${JSON.stringify(MODULE)};
    console.log(JSON.stringify(await giveLifeSign(${JSON.stringify(folder)}, 'other.sock')));
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, sign: JSON.parse(said.toString()) as LifeSign };
}

test('a process that lives is alive, also while it hangs, and over once it is killed', async () => {
  await using home = await temporaryHome();
  const { child, sign } = await processWithSign(home.path);
  expect(await isOver(home.path, sign)).toBe(false);
  child.kill('SIGSTOP');
  expect(await isOver(home.path, sign)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isOver(home.path, sign)).toBe(true);
});

test('a sign works in a folder however deep, and leaves nothing behind', async () => {
  await using home = await temporaryHome();
  const folder = join(home.path, 'deep'.repeat(40));
  mkdirSync(folder);
  const sign = (await giveLifeSign(folder, 'mine.sock')) ?? expect.fail('there is no sign');
  expect(readdirSync(folder)).toEqual(['mine.sock']);
  expect(await isOver(folder, sign)).toBe(false);
  sign[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
});

test('what is not known for certain is not over', async () => {
  await using home = await temporaryHome();
  const { child, sign } = await processWithSign(home.path);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isOver(home.path, { ...sign, kernel: 'another' })).toBe(false);
  expect(await isOver(home.path, { ...sign, socket: 'missing.sock' })).toBe(false);
});

test('a place that takes no socket gives no sign', async () => {
  await using home = await temporaryHome();
  writeFileSync(join(home.path, 'taken.sock'), '');
  expect(await giveLifeSign(home.path, 'taken.sock')).toBeUndefined();
});
