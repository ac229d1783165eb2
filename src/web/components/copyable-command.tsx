/** A command as it is typed. The button shows only where the client script can make it work. */
export function CopyableCommand({ command, label }: { readonly command: string; readonly label?: string }) {
  return (
    <div class="command">
      <code>{command}</code>
      <button type="button" class="copy" data-copy={command} hidden aria-label={`Copy: ${label ?? command}`}>
        Copy
      </button>
    </div>
  );
}
