import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { clientNetwork } from '../client-address.ts';
import { Problem } from '../errors.ts';
import type { LoginGuard } from '../login-guard.ts';

const USER = 'holdfast';

declare module 'hono' {
  interface ContextVariableMap {
    /** Who has logged in. */
    user?: string;
  }
}

/** Asks for the password of the user `holdfast`, comparing in constant time, and slows down who guesses. */
export function login(password: string, guard: LoginGuard): MiddlewareHandler {
  const right = digest(USER, password);
  return basicAuth({
    realm: 'Holdfast',
    verifyUser(user, given, c) {
      const outcome = guard.attempt(clientNetwork(c.get('clientAddress')), user, () =>
        timingSafeEqual(digest(user, given), right),
      );
      if (typeof outcome === 'boolean') return outcome;
      const seconds = Math.ceil(outcome.waitMs / 1_000);
      throw new Problem('too-many-logins', `Too many wrong logins: the next may be tried in ${seconds} s.`, {
        headers: { 'Retry-After': String(seconds) },
      });
    },
    onAuthSuccess: (c, user) => c.set('user', user),
  });
}

/** Of one length, whatever was given. No user has a colon: HTTP basic authentication cuts at the first. */
function digest(user: string, password: string): Buffer {
  return createHash('sha256').update(`${user}:${password}`).digest();
}
