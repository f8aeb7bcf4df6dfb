/**
 * The pages' script. Everything works without it: it copies a value to the clipboard, and says that
 * something is under way while a slow form is.
 */
export const SCRIPT = `
for (const button of document.querySelectorAll('button[data-copy]')) {
  const source = document.getElementById(button.dataset.copy)
  if (!source || !navigator.clipboard) continue
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.textContent)
    button.textContent = 'Copied'
  })
}
for (const form of document.querySelectorAll('form[data-busy]')) {
  form.addEventListener('submit', () => {
    const status = form.querySelector('[role=status]')
    if (status) status.textContent = form.dataset.busy
  })
}
`
