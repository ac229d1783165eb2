/** Cuts a stream of bytes into its lines. */

const NEWLINE = 0x0a;

/** @returns takes the next piece of the stream */
export function lines(onLine: (line: string) => void): (piece: Buffer) => void {
  // Pieces are joined only once their line is whole: to add each to what is there makes long lines quadratic.
  let begun: Buffer[] = [];
  return (piece) => {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      const last = piece.subarray(from, end);
      const line = begun.length === 0 ? last : Buffer.concat([...begun, last]);
      begun = [];
      from = end + 1;
      onLine(line.toString('utf8'));
    }
    if (from < piece.length) begun.push(piece.subarray(from));
  };
}
