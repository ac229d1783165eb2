import type { Programs } from '../../config/programs.ts';
import { raw } from 'hono/html';
import type { Child, PropsWithChildren } from 'hono/jsx';
import type { Assets } from '../assets.ts';
import { Icon } from './icon.tsx';
import { Logo } from './logo.tsx';

/** What every page needs to know of its server. */
export interface Site {
  readonly assets: Assets;
  readonly temporalUiUrl: string;
  readonly programs: Programs;
}

/** In this order: later ones build on earlier ones. */
const STYLES = ['colours.css', 'base.css', 'controls.css', 'states.css', 'home.css', 'job.css', 'group.css', 'api.css'];

interface LayoutProps {
  readonly site: Site;
  readonly title: string;
  /** Further elements of the head. */
  readonly head?: Child;
}

export function Layout({ site, title, head, children }: PropsWithChildren<LayoutProps>) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${title} · Holdfast`}</title>
          <link rel="icon" type="image/svg+xml" href={site.assets.path('icon.svg')} />
          {STYLES.map((name) => (
            <link rel="stylesheet" href={site.assets.path(name)} />
          ))}
          <script type="module" src={site.assets.path('holdfast.js')}></script>
          {head}
        </head>
        <body>
          <a class="skip" href="#main">
            Skip to the content
          </a>
          <header class="site-header">
            <div class="width">
              <a class="home" href="/">
                <Logo />
                <span>Holdfast</span>
              </a>
              <nav aria-label="Main">
                <a href="/">Jobs</a>
                <a href="/api/docs">API</a>
                <a href={site.temporalUiUrl} rel="noreferrer">
                  Temporal
                  <Icon name="out" />
                </a>
              </nav>
            </div>
          </header>
          <main id="main" class="width" tabindex={-1}>
            {children}
          </main>
          <footer class="site-footer">
            <p class="width">A job that was accepted runs to an end that you can see, whatever dies on the way.</p>
          </footer>
        </body>
      </html>
    </>
  );
}
