import type { PropsWithChildren } from 'hono/jsx';
import { CopyableCommand } from './copyable-command.tsx';
import { Icon } from './icon.tsx';

interface NoticeProps {
  readonly tone: 'info' | 'warning' | 'error';
  readonly title: string;
  readonly command?: string | undefined;
  /** For what answers something that the reader just did: screen readers say it at once. */
  readonly alert?: boolean;
}

export function NoticeBox({ tone, title, command, alert = false, children }: PropsWithChildren<NoticeProps>) {
  return (
    <div class="notice" data-tone={tone} role={alert ? 'alert' : undefined}>
      <Icon name={tone === 'info' ? 'info' : 'warning'} />
      <div>
        <p class="notice-title">{title}</p>
        <p>{children}</p>
        {command === undefined ? null : <CopyableCommand command={command} />}
      </div>
    </div>
  );
}
