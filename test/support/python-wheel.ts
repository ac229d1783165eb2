/** A wheel of one script, as small as pip accepts: stands in for the wheels that hold the Temporal binaries. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** @returns the wheel's SHA-256 */
export async function buildWheel(folder: string, name: string, version: string, script: string): Promise<string> {
  const distribution = `${name.replaceAll('-', '_')}-${version}`;
  const files = {
    [`${distribution}.data/scripts/${name}`]: script,
    [`${distribution}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${distribution}.dist-info/WHEEL`]:
      'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${distribution}.dist-info/RECORD`]: '',
  };
  const wheel = join(folder, `${distribution}-py3-none-any.whl`);
  const listing = join(folder, 'files.json');
  await writeFile(listing, JSON.stringify(files));
  const zip =
    'import json,sys,zipfile\nwith zipfile.ZipFile(sys.argv[1],"w") as z:\n  [z.writestr(*f) for f in json.load(open(sys.argv[2])).items()]';
  await promisify(execFile)('python3', ['-c', zip, wheel, listing]);
  return createHash('sha256')
    .update(await readFile(wheel))
    .digest('hex');
}
