import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Assets } from '../assets.ts';

/** The current version of an asset. A page that was loaded before an update asks for an older one and must not keep this in its place. */
export function assetRoutes(app: OpenAPIHono, assets: Assets): void {
  app.get('/assets/:version/:name', (c) => {
    const asset = assets.find(c.req.param('name'));
    if (!asset) return c.notFound();
    const isCurrent = c.req.param('version') === assets.version;
    return c.body(asset.content, 200, {
      'Content-Type': asset.type,
      'Cache-Control': isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  });
}
