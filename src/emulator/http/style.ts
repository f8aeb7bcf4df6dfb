/**
 * The one stylesheet of the emulated tenant's pages: light and dark, from 320 px, no script.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f7; --card: #ffffff; --ink: #16181d; --muted: #5a6070; --line: #d5d8e0;
  --accent: #3b4fd8; --accent-ink: #ffffff; --bad: #a8182f; --bad-ground: #fdeef0;
  --good: #17693a; --good-ground: #e9f6ee; --note: #efe9fb; --note-ink: #4a2d8c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101217; --card: #1a1d24; --ink: #eceef3; --muted: #a3a9b8; --line: #363b47;
    --accent: #8c9aff; --accent-ink: #10121c; --bad: #ff98a6; --bad-ground: #381a20;
    --good: #83d9a5; --good-ground: #17301f; --note: #2a2341; --note-ink: #cdbcff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
main {
  width: 100%; max-width: 26rem; margin: auto; padding: 1.5rem 1rem;
}
main.wide { max-width: 44rem; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 2rem 1.5rem; box-shadow: 0 1px 2px rgb(0 0 0 / .06), 0 8px 24px rgb(0 0 0 / .06);
}
.mark {
  display: flex; align-items: center; justify-content: center; width: 3rem; height: 3rem;
  margin: 0 auto 1rem; border-radius: .75rem; background: var(--accent); color: var(--accent-ink);
  font-size: 1.25rem; font-weight: 700;
}
.mark.good { background: var(--good-ground); color: var(--good); }
.mark.bad { background: var(--bad-ground); color: var(--bad); }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25; text-align: center; text-wrap: balance; }
h2 { margin: 0 0 .25rem; font-size: 1rem; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
.lead { color: var(--muted); text-align: center; text-wrap: balance; }
h1 + form { margin-top: 1.25rem; }
.lead strong { color: var(--ink); font-weight: 600; }
label { display: block; margin: 0 0 .375rem; font-weight: 600; font-size: .9375rem; }
input:not([type=checkbox]), select {
  width: 100%; min-height: 2.875rem; margin: 0 0 1rem; padding: .5rem .75rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--muted); border-radius: .5rem;
}
select option { color: #16181d; background: #fff; }
input.code { font-size: 1.5rem; letter-spacing: .3em; text-align: center; font-variant-numeric: tabular-nums; }
.check { display: flex; gap: .5rem; align-items: center; font-weight: 400; margin-bottom: 1rem; }
.check input { width: 1.125rem; height: 1.125rem; }
.hint { margin: -.625rem 0 1rem; color: var(--muted); font-size: .875rem; }
button, .button {
  display: block; width: 100%; min-height: 2.875rem; padding: .625rem 1rem; margin: 0 0 .75rem;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  color: var(--accent-ink); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem;
}
button.plain, .button.plain { color: var(--ink); background: transparent; border-color: var(--muted); }
button.link {
  min-height: 2.75rem; color: var(--accent); background: none; border: none; font-weight: 500;
  text-decoration: underline; margin: 0;
}
button:hover, .button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.alert {
  margin: 0 0 1rem; padding: .75rem 1rem; border-radius: .5rem;
  background: var(--bad-ground); color: var(--bad); font-size: .9375rem;
}
.emulated {
  margin: 1rem 0 0; padding: .75rem 1rem; border-radius: .5rem; font-size: .875rem;
  background: var(--note); color: var(--note-ink);
}
.emulated p { margin: 0 0 .5rem; }
.emulated p:last-child { margin: 0; }
.emulated a { color: inherit; }
.emulated button { color: var(--note); background: var(--note-ink); border-color: var(--note-ink); margin: 0 0 .5rem; }
.emulated button.plain { color: var(--note-ink); background: transparent; border-color: currentColor; margin: 0; }
dl { margin: 0 0 1rem; font-size: .875rem; }
.emulated dl, .emulated dd:last-child { margin-bottom: 0; }
dt { color: var(--muted); }
dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
ul.rows { list-style: none; margin: 1rem 0 0; padding: 0; }
ul.rows > li { padding: 1rem 0; border-top: 1px solid var(--line); }
ul.rows p { margin: .25rem 0 .75rem; }
.card > .meta:last-child { margin: 0; text-align: center; }
.card > :last-child { margin-bottom: 0; }
ul.rows .button { width: auto; display: inline-block; margin: 0; }
.meta { color: var(--muted); font-size: .875rem; }
.big { font-size: 1.5rem; font-weight: 700; letter-spacing: .15em; font-variant-numeric: tabular-nums; }
footer {
  padding: .75rem 1rem 1rem; text-align: center; font-size: .8125rem; color: var(--muted);
}
footer b { padding: .125rem .5rem; border-radius: 1rem; background: var(--note); color: var(--note-ink); font-weight: 600; }
footer nav { display: inline-block; }
footer a { color: inherit; display: inline-block; padding: .375rem; }
`
