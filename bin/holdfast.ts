#!/usr/bin/env node
// Runs on any Node, in order to say in a sentence which one is needed: nothing is imported before.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Holdfast needs Node 24 or newer, and this is Node ${process.versions.node}. Install a newer one, say from https://nodejs.org, and start again.\n`,
  );
  process.exitCode = 1;
} else {
  const { holdfast } = await import('../src/cli/holdfast.ts');
  await holdfast(process.argv.slice(2));
}
