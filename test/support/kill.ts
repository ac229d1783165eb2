/**
 * SIGKILL. A missing pid is an error, and never 0: that is the whole process group of the test run, which then ends without a word
 * (it did, in CI).
 */
export function kill(pid: number | undefined): void {
  if (pid === undefined || pid < 2) throw new Error(`There is no process to kill (pid ${pid}).`);
  process.kill(pid, 'SIGKILL');
}
