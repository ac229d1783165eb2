/** The API described, for programs and for people, both from the routes themselves. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Catalogue } from '../../kinds/catalogue.ts';
import type { Site } from '../components/layout.tsx';
import { openApiDocument } from '../api/document.ts';
import { ApiDocsPage } from '../pages/api-docs.tsx';

interface ApiDocsDependencies {
  readonly catalogue: Catalogue;
  readonly site: Site;
}

export function apiDocsRoutes(app: OpenAPIHono, { catalogue, site }: ApiDocsDependencies): void {
  app.get('/api/openapi.json', (c) => c.json(openApiDocument(app, catalogue)));
  app.get('/api/docs', (c) =>
    c.html(<ApiDocsPage site={site} document={openApiDocument(app, catalogue)} origin={new URL(c.req.url).origin} />),
  );
}
