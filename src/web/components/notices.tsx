import type { Notice } from '../models/notices.ts';
import { NoticeBox } from './notice.tsx';
import { Time } from './time.tsx';

export function Notices({ notices }: { readonly notices: readonly Notice[] }) {
  return (
    <div class="notices" role="status">
      {notices.map(({ tone, title, text, moments = [], command }) => (
        <NoticeBox tone={tone} title={title} command={command}>
          {text}
          {moments.map(({ label, at }, index) => (
            <>
              {index === 0 ? '' : ', '}
              {label} <Time at={at} />
            </>
          ))}
        </NoticeBox>
      ))}
    </div>
  );
}
