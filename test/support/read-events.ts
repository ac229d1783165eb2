/** Reads server-sent events off a response, one at a time, each with a deadline. */
interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
  readonly retry: string | undefined;
  readonly comment: string | undefined;
}

export interface EventReader {
  /** @returns `undefined` at the end of the stream */
  next(): Promise<ServerSentEvent | undefined>;
  /** The next event of this name; others are passed over. @throws when the stream ends before it */
  until(name: string): Promise<ServerSentEvent>;
  /** As a browser does that leaves the page. */
  leave(): Promise<void>;
}

const DEADLINE_MS = 5_000;

export function readEvents(response: Response): EventReader {
  if (!response.body) throw new Error('The response has no body to read events from.');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';

  async function next(): Promise<ServerSentEvent | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return parse(block);
      }
      const { done, value } = await inTime(reader.read());
      if (done) return undefined;
      text += value;
    }
  }

  return {
    next,
    async until(name) {
      for (;;) {
        const event = await next();
        if (!event) throw new Error(`The stream ended before an event ${name}.`);
        if (event.event === name) return event;
      }
    },
    leave: () => reader.cancel(),
  };
}

function parse(block: string): ServerSentEvent {
  const fields = new Map<string, string[]>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return {
    event: fields.get('event')?.at(-1) ?? 'message',
    data: fields.get('data')?.join('\n') ?? '',
    id: fields.get('id')?.at(-1),
    retry: fields.get('retry')?.at(-1),
    comment: fields.get('')?.join('\n'),
  };
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`No event came within ${DEADLINE_MS} ms.`)), DEADLINE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
