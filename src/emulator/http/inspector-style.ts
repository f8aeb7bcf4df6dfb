/** What the inspector's pages have beyond the tenant's own stylesheet; its colours come from there. */
export const INSPECTOR_STYLESHEET = `
body.inspector { display: block; }
.bar {
  display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding: .75rem 1rem;
  background: var(--card); border-bottom: 1px solid var(--line);
}
.bar .name { font-weight: 700; margin-right: auto; text-decoration: none; color: inherit; }
.bar .name span { color: var(--muted); font-weight: 400; }
.bar a { padding: .375rem 0; }
.bar nav a { margin-left: .75rem; }
.bar nav a:first-child { margin-left: 0; }
.bar label { margin: 0; font-weight: 400; display: flex; gap: .5rem; align-items: center; }
.inspector main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
.inspector h1 { text-align: left; margin: .5rem 0 1rem; }
.inspector section { margin: 0 0 2rem; }
.inspector h2 { font-size: 1.0625rem; margin: 0 0 .75rem; }
.inspector .leg h2 { font-size: .875rem; margin: 1rem 0 .375rem; color: var(--muted); font-weight: 600; }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: .25rem 1rem; }
.panel > p { margin: .75rem 0; }
ul.list { list-style: none; margin: 0; padding: 0; }
ul.list > li { padding: .75rem 0; border-top: 1px solid var(--line); }
ul.list > li:first-child { border-top: none; }
.row { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.row > .grow { flex: 1 1 12rem; min-width: 0; overflow-wrap: anywhere; }
.chip {
  display: inline-block; padding: .0625rem .5rem; border-radius: 1rem; font-size: .8125rem;
  font-weight: 600; background: var(--note); color: var(--note-ink); overflow-wrap: anywhere;
}
.chip.good { background: var(--good-ground); color: var(--good); }
.chip.bad { background: var(--bad-ground); color: var(--bad); }
.when { color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
ol.hops { list-style: none; margin: 0; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); }
ol.hops > li { position: relative; padding: 0 0 1.25rem; }
ol.hops > li::before {
  content: ''; position: absolute; left: -1.6875rem; top: .4375rem; width: .75rem; height: .75rem;
  border-radius: 50%; background: var(--muted); border: 2px solid var(--ground);
}
ol.hops > li.user::before { background: var(--accent); }
ol.hops > li.action::before { background: var(--note-ink); }
ol.hops > li.bad::before { background: var(--bad); }
ol.hops > li.good::before { background: var(--good); }
.who { font-weight: 600; }
details { margin: .375rem 0 0; }
summary { cursor: pointer; padding: .25rem 0; color: var(--accent); width: fit-content; }
.inspector pre {
  margin: 0; padding: .75rem; border-radius: .5rem; background: var(--ground); border: 1px solid var(--line);
  font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.inspector code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.leg { margin-top: .5rem; background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: .5rem 1rem 1rem; }
.leg .alert { margin: .75rem 0 0; }
table.claims { border-collapse: collapse; width: 100%; font-size: .875rem; }
table.claims th, table.claims td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; }
table.claims th { font-weight: 600; color: var(--muted); white-space: nowrap; }
table.claims td { overflow-wrap: anywhere; }
@media (min-width: 52rem) {
  .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem; align-items: start; }
}
`

/** Looks for news while the page is watched; what was opened and focused stays so. */
export const INSPECTOR_SCRIPT = `
const box = document.getElementById('live')
const main = () => document.querySelector('main')
let shown = main().innerHTML
async function look() {
  if (document.hidden || !box.checked) return
  const answer = await fetch(location.href).catch(() => undefined)
  if (!answer || !answer.ok) return
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
  if (next.innerHTML === shown) return
  shown = next.innerHTML
  const open = [...main().querySelectorAll('details[open]')].map(({ id }) => id)
  const focused = document.activeElement.closest('main [id]')
  main().replaceWith(next)
  for (const id of open) document.getElementById(id)?.setAttribute('open', '')
  const again = focused && document.getElementById(focused.id)
  ;(again?.querySelector('summary') ?? again)?.focus({ preventScroll: true })
}
box.closest('label').hidden = false
setInterval(look, 1500)
`
