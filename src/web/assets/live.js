/** Follows a job by server-sent events and morphs each change into the page, so that focus and typed text survive. */
import { showConnection } from './connection.js';
import { morph } from './morph.js';

/** A browser gives up on a server that answers with an error; we do not. @format milliseconds */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/** @param {() => void} changed called after every change of the page */
export function followJob(changed) {
  const live = document.querySelector('#live[data-events]');
  if (!live) return;
  let source;
  let retry;
  let retryMs = FIRST_RETRY_MS;
  let ended = false;

  function connect() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(live.dataset.events);
    source.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS;
      showConnection('live');
    });
    source.addEventListener('job', (event) => {
      morph(live, event.data);
      changed();
    });
    source.addEventListener('end', () => {
      ended = true;
      disconnect();
      showConnection('none');
    });
    source.addEventListener('error', () => {
      showConnection('lost');
      if (source.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(connect, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  }

  function disconnect() {
    clearTimeout(retry);
    source?.close();
  }

  // Browsers allow few connections to one server, so a tab that nobody looks at gives its own back.
  document.addEventListener('visibilitychange', () => {
    if (ended) return;
    if (document.visibilityState === 'visible') connect();
    else disconnect();
  });
  // A page that comes back from the browser's memory has lost its stream.
  addEventListener('pageshow', (event) => {
    if (event.persisted && !ended) connect();
  });
  if (document.visibilityState === 'visible') connect();
}
