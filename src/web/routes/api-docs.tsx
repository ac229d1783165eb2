/** The API described, for programs and for people, both from the routes themselves. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Site } from '../components/layout.tsx';
import { openApiDocument } from '../api/document.ts';
import { ApiDocsPage } from '../pages/api-docs.tsx';

export function apiDocsRoutes(app: OpenAPIHono, site: Site): void {
  app.get('/api/openapi.json', (c) => c.json(openApiDocument(app)));
  app.get('/api/docs', (c) =>
    c.html(<ApiDocsPage site={site} document={openApiDocument(app)} origin={new URL(c.req.url).origin} />),
  );
}
