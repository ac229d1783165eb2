import type { Command } from '../models/in-temporal.ts';
import { CopyableCommand } from './copyable-command.tsx';
import { Icon } from './icon.tsx';

interface TemporalLinksProps {
  readonly temporalUrl: string;
  readonly commands: readonly Command[];
}

/** The same by other means: everything here works without this web server. */
export function TemporalLinks({ temporalUrl, commands }: TemporalLinksProps) {
  return (
    <section class="card" aria-labelledby="temporal-title">
      <h2 id="temporal-title">In Temporal</h2>
      <p>
        <a href={temporalUrl} rel="noreferrer">
          Open in the Temporal Web UI
          <Icon name="out" />
        </a>
      </p>
      {commands.map(({ label, command }) => (
        <div class="temporal-command">
          <p>{label}</p>
          <CopyableCommand command={command} label={label} />
        </div>
      ))}
    </section>
  );
}
