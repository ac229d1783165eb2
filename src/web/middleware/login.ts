import type { MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';

/** Asks for the password of the user `holdfast`, comparing in constant time. */
export function login(password: string): MiddlewareHandler {
  return basicAuth({ username: 'holdfast', password, realm: 'Holdfast' });
}
