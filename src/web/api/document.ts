import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Catalogue } from '../../kinds/catalogue.ts';
import { withKinds } from './kind-schemas.ts';

export type ApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI 3.1 document of every route that `app` knows now, and of every kind. */
export function openApiDocument(app: OpenAPIHono, catalogue: Catalogue): ApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description:
        'Durable background jobs. A job that was accepted runs to an end that you can see, whatever dies on the way. Errors are problem details (RFC 9457).',
    },
    servers: [{ url: '/' }],
  });
  return withKinds(document, catalogue);
}
