/** The job is not one that its kind takes; the message names each field. */
export class InvalidJobError extends Error {
  override readonly name = 'InvalidJobError';
  constructor(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) {
    const problems = issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim());
    super(`not usable: ${problems.join('; ')}`);
  }
}
