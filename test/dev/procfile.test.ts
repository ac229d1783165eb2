import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseProcfile } from '../../src/dev/procfile.ts';

test('one process a line, without comments and blank lines', () => {
  const text = '# all of it\n\nweb: bin/web\n  worker-2:  bin/hard_worker --queue mail:5 \r\n';
  expect(parseProcfile(text)).toEqual([
    { name: 'web', command: 'bin/web' },
    { name: 'worker-2', command: 'bin/hard_worker --queue mail:5' },
  ]);
});

test('a command may set variables and hold colons', () => {
  expect(parseProcfile('web: PORT=3001 bin/web http://a:1')).toEqual([
    { name: 'web', command: 'PORT=3001 bin/web http://a:1' },
  ]);
});

test.each(['web bin/web', 'web:', ': bin/web', 'my web: bin/web'])('%j is refused with its line number', (line) => {
  expect(() => parseProcfile(`a: b\n${line}`)).toThrow(`Procfile line 2 is not "name: command": ${line}`);
});

test.each(['cd x && bin/web', 'bin/web | cat', 'bin/web > log', 'bin/web &'])(
  '%j would hide the program',
  (command) => {
    expect(() => parseProcfile(`web: ${command}`)).toThrow(/line 1 holds a shell operator/);
  },
);

test('Procfile.dev starts Temporal, the web server and the workers', () => {
  expect(parseProcfile(readFileSync('Procfile.dev', 'utf8')).map(({ name }) => name)).toEqual([
    'temporal',
    'web',
    'worker',
  ]);
});
