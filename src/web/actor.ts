/** Who asks for an action, as histories keep it: the user who has logged in, or by which door somebody came in where none has to. */
import type { Context } from 'hono';

/** @param door `page` or `api` */
export function actorOf(c: Context, door: 'page' | 'api'): string {
  const user: string | undefined = c.get('user');
  return user === undefined ? door : `${user} (${door})`;
}
