// Buttons that copy code, and the place in the list of pages. All pages work without.

function addCopyButton(block) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const code = block.querySelector('code');
    try {
      await navigator.clipboard.writeText(code.textContent.replace(/^\$ /gm, ''));
      button.textContent = 'Copied';
    } catch { // not allowed: it is marked, to be copied by hand
      getSelection().selectAllChildren(code);
      button.textContent = 'Marked: copy by hand';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
  block.append(button);
}

if (navigator.clipboard) document.querySelectorAll('.code:not(.printed)').forEach(addCopyButton);

// On a phone the pages are a strip that scrolls.
const strip = document.querySelector('.pages ul');
const current = strip.querySelector('[aria-current]');
strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
