/** Secrets out of files, where Docker and Kubernetes put them: `NAME_FILE` is the path of what `NAME` would hold. */
import { readFileSync } from 'node:fs';

const SECRETS = ['HOLDFAST_PASSWORD', 'TEMPORAL_API_KEY'] as const;

/** @returns the environment as if no secret came from a file @param refuse is told what cannot be used */
export function withSecretFiles(
  env: Readonly<Record<string, string>>,
  refuse: (problem: string) => never,
): Record<string, string> {
  const whole: Record<string, string> = { ...env };
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`];
    if (path === undefined) continue;
    if (env[name] !== undefined) refuse(`${name} and ${name}_FILE are both set: leave one out`);
    // Editors and `echo` end the line.
    const secret = textOf(path, (reason) => refuse(`${name}_FILE: ${path} ${reason}`)).replace(/\r?\n$/, '');
    if (secret === '') refuse(`${name}_FILE: ${path} holds nothing`);
    whole[name] = secret;
  }
  return whole;
}

function textOf(path: string, refuse: (reason: string) => never): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(`cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`);
  }
}
