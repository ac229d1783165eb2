/** Keeps a page true by asking for it again: a group's, whose many jobs no one stream tells about. */
import { showConnection } from './connection.js';
import { morph } from './morph.js';

/** @format milliseconds */
const EVERY_MS = 2_000;
/** A page that takes long is asked for less often, so that looking on stays cheap: most of the time nothing is asked. */
const IDLE_FOR_EACH_BUSY = 4;

/** @param {() => void} changed called after every change of the page */
export function keepFresh(changed) {
  const live = document.querySelector('#live[data-refresh]');
  if (!live) return;
  let timer;

  async function refresh() {
    const start = performance.now();
    const page = await fetchPage(live.dataset.refresh);
    // Hidden meanwhile: the next look comes when the reader does.
    if (document.visibilityState === 'hidden') return;
    if (page) {
      morph(live, page.innerHTML);
      changed();
    }
    const isOver = page && !page.dataset.refresh;
    showConnection(isOver ? 'none' : page ? 'live' : 'lost');
    if (!isOver) schedule(Math.max(EVERY_MS, (performance.now() - start) * IDLE_FOR_EACH_BUSY));
    else document.removeEventListener('visibilitychange', look);
  }

  function schedule(delayMs) {
    clearTimeout(timer);
    timer = setTimeout(refresh, delayMs);
  }

  function look() {
    if (document.visibilityState === 'visible') schedule(0);
    else clearTimeout(timer);
  }

  document.addEventListener('visibilitychange', look);
  schedule(EVERY_MS);
}

/** @returns the live part of the page as it is now, or nothing when it cannot be had */
async function fetchPage(path) {
  try {
    const response = await fetch(path);
    if (!response.ok) return undefined;
    return new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('#live');
  } catch {
    return undefined;
  }
}
