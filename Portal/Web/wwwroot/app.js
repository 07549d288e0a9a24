// What pages ask of the browser; everything else is the server's.
window.flotilla = {
  openDialog(dialog) {
    if (!dialog.open) { dialog.showModal(); }
    dialog.querySelector('[autofocus], input:not([type=hidden]), select, textarea')?.focus();
  },
  closeDialog(dialog) { if (dialog.open) { dialog.close(); } },
  copy(text) { return navigator.clipboard ? navigator.clipboard.writeText(text).then(() => true, () => false) : legacyCopy(text); },
  theme() { return document.documentElement.dataset.theme; },
  setTheme(name) {
    document.cookie = `flotilla-theme=${name};path=/;max-age=31536000;samesite=lax`;
    document.documentElement.dataset.theme = name;
    const system = name === 'system';
    document.getElementById('theme-light').media = system ? '(prefers-color-scheme: light)' : name === 'light' ? 'all' : 'not all';
    document.getElementById('theme-dark').media = system ? '(prefers-color-scheme: dark)' : name === 'dark' ? 'all' : 'not all';
  },
};

// Plain HTTP on a name that is not localhost has no clipboard API.
function legacyCopy(text) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
