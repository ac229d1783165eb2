/** Brings a part of the page up to date so that focus, typed text and what the reader opened survive. */
import { Idiomorph } from './idiomorph.js';

/** @param {Element} live @param {string} html what it holds from now on */
export function morph(live, html) {
  Idiomorph.morph(live, html, {
    morphStyle: 'innerHTML',
    callbacks: {
      // What the reader typed, opened or is being shown is theirs.
      beforeNodeMorphed: (before) => !(before instanceof HTMLInputElement),
      beforeAttributeUpdated: (name, element) =>
        !(name === 'open' && element instanceof HTMLDetailsElement) &&
        !(name === 'hidden' && element.matches('[data-copy], [data-countdown]')),
    },
  });
  const title = live.querySelector('[data-title]')?.dataset.title;
  if (title && document.title !== title) document.title = title;
}
