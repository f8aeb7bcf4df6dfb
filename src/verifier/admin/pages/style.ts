/**
 * The pages' style sheet: light and dark, from 320 px up, for print too. No colour says anything that a
 * word beside it does not say as well.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f9; --card: #fff; --raised: #f8fafc; --ink: #17202c; --quiet: #525e6e; --line: #dbe1e9;
  --edge: #7a8696; --brand: #2251a8; --on-brand: #fff; --brand-ground: #e8effb;
  --allow: #17795a; --allow-ground: #e0f4ec; --step: #8a5300; --step-ground: #fdf0d9;
  --deny: #a3202f; --deny-ground: #fdeaec; --open: #525e6e; --open-ground: #e9edf2;
  --allow-fill: #45a584; --step-fill: #c98412; --deny-fill: #b3293a; --open-fill: #8491a1;
  --radius: .625rem; --gap: 1rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1319; --card: #171e27; --raised: #1d2530; --ink: #e8edf4; --quiet: #a5b1c0; --line: #2b3542;
    --edge: #75839a; --brand: #8db4ff; --on-brand: #0b1730; --brand-ground: #1c2b47;
    --allow: #76d6b3; --allow-ground: #12322a; --step: #f2c06c; --step-ground: #372912;
    --deny: #ff9ca8; --deny-ground: #3b1820; --open: #b1bccb; --open-ground: #2a333f;
    --allow-fill: #3f9f7e; --step-fill: #d0943a; --deny-fill: #e0616f; --open-fill: #7b8899;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 650; text-wrap: balance; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 1.25rem 0 .5rem; font-size: .9375rem; font-weight: 650; }
p { margin: 0 0 .75rem; max-width: 70ch; }
p:last-child { margin-bottom: 0; }
a { color: var(--brand); text-underline-offset: .2em; }
code, pre, .mono { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0; padding: .75rem; overflow: auto; max-height: 30rem; background: var(--raised); border: 1px solid var(--line); border-radius: .375rem; white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; border-radius: .25rem; }
.quiet { color: var(--quiet); }
.small { font-size: .875rem; }
.nowrap { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: .5rem; top: -10rem; z-index: 2; padding: .75rem 1rem; background: var(--brand); color: var(--on-brand); font-weight: 650; border-radius: var(--radius); }
.skip:focus { top: .5rem; }

.notice { padding: .375rem 1rem; background: var(--step-ground); color: var(--step); text-align: center; text-wrap: balance; font-size: .875rem; font-weight: 650; }
.top { background: var(--card); border-bottom: 1px solid var(--line); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; max-width: 80rem; margin: 0 auto; padding: .5rem 1rem; }
.brand { display: flex; align-items: center; gap: .5rem; min-height: 2.75rem; color: inherit; font-weight: 700; text-decoration: none; }
.brand svg { width: 1.5rem; height: 1.5rem; fill: var(--brand); }
.tenant { display: flex; align-items: center; gap: .5rem; min-width: 0; color: var(--quiet); overflow-wrap: anywhere; }
.tenant b { color: var(--ink); }
.who { display: flex; align-items: center; gap: .75rem; margin-left: auto; font-size: .875rem; color: var(--quiet); overflow-wrap: anywhere; }
.who form { margin: 0; }
.sections { max-width: 80rem; margin: 0 auto; padding: 0 .5rem; }
.sections ul { display: flex; flex-wrap: wrap; margin: 0; padding: 0; list-style: none; }
.sections a { display: flex; align-items: center; min-height: 2.75rem; padding: 0 .75rem; color: var(--quiet); font-weight: 500; text-decoration: none; border-bottom: 3px solid transparent; }
.sections a:hover { color: var(--ink); border-color: var(--line); }
.sections a[aria-current] { color: var(--brand); border-color: var(--brand); }

main { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--gap); max-width: 80rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
.heading { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 1.5rem; }
.heading .lead { margin: .25rem 0 0; color: var(--quiet); }
.card { padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); min-width: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: var(--gap); align-items: start; }
.flash, .fault, .note { padding: .75rem 1rem; border: 1px solid var(--line); border-left-width: 4px; border-radius: .375rem; background: var(--card); }
.flash { border-left-color: var(--allow-fill); }
.fault { border-left-color: var(--deny-fill); }
.note { border-left-color: var(--brand); }
.fault h2, .note h2 { margin-bottom: .25rem; }
.fault ul, .note ul { margin: .25rem 0 0; padding-left: 1.25rem; }
.fault li, .note li { overflow-wrap: anywhere; }
footer { max-width: 80rem; margin: 0 auto; padding: 0 1rem 2rem; color: var(--quiet); font-size: .875rem; }

.figures { display: flex; flex-wrap: wrap; gap: 1px; margin: 0; padding: 0; overflow: hidden; background: var(--line); border: 1px solid var(--line); border-radius: var(--radius); }
.figures > div { flex: 1 1 9rem; display: flex; flex-direction: column; padding: .875rem 1rem; background: var(--card); }
.figures dt { color: var(--quiet); font-size: .875rem; }
.figures dd { margin: 0; }
.figures .value { font-size: 1.625rem; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; }
.figures .more { color: var(--quiet); font-size: .8125rem; }

.badge { display: inline-flex; align-items: center; gap: .375rem; padding: .0625rem .5rem; border-radius: 1rem; font-size: .875rem; font-weight: 650; white-space: nowrap; }
.badge svg { width: .75rem; height: .75rem; fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round; }
.badge.allow { background: var(--allow-ground); color: var(--allow); }
.badge.step_up { background: var(--step-ground); color: var(--step); }
.badge.deny { background: var(--deny-ground); color: var(--deny); }
.badge.open, .badge.plain { background: var(--open-ground); color: var(--open); }
.badge.strong { background: var(--brand-ground); color: var(--brand); }
.badge.large { padding: .25rem .75rem; font-size: 1.125rem; }
.badge.large svg { width: 1rem; height: 1rem; }
.badges { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem .5rem; }
.codes { display: flex; flex-wrap: wrap; gap: .125rem .5rem; }

table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { padding: 0 0 .5rem; text-align: left; color: var(--quiet); font-size: .875rem; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 650; }
thead th { color: var(--quiet); font-size: .8125rem; vertical-align: bottom; overflow-wrap: normal; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 400; }
tbody tr:hover > * { background: var(--raised); }
.number, th.number { text-align: right; }
.empty { margin: 0; padding: 1rem 0; color: var(--quiet); }
.matrix { width: auto; }
.matrix th, .matrix td { overflow-wrap: normal; }
.matrix th, .matrix td { padding: .5rem .625rem; }
.matrix td { text-align: right; font-variant-numeric: tabular-nums; }
.matrix .same { background: var(--open-ground); }
.matrix .softer { background: var(--step-ground); color: var(--step); font-weight: 650; }
.matrix .harder { background: var(--deny-ground); color: var(--deny); font-weight: 650; }
.matrix tr:hover > * { background: none; }
.matrix tr:hover > .same { background: var(--open-ground); }
.matrix tr:hover > .softer { background: var(--step-ground); }
.matrix tr:hover > .harder { background: var(--deny-ground); }
@media (min-width: 60.01rem) { .stack tbody > tr > :not(.number) > span { display: block; min-width: 7rem; } .stack td > .badge, .stack td > .badges { min-width: 0; } }
@media (max-width: 60rem) {
  .filters .field { flex: 1 1 8rem; } .filters .field > * { width: 100%; }
  .stack, .stack > tbody, .stack > tbody > tr, .stack > tbody > tr > *, .stack > caption { display: block; }
  .stack > thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack > tbody > tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  .stack > tbody > tr:first-child { padding-top: .25rem; }
  .stack > tbody > tr:last-child { border-bottom: 0; padding-bottom: 0; }
  .stack > tbody > tr > * { display: grid; grid-template-columns: minmax(5.25rem, 32%) minmax(0, 1fr); gap: .75rem; padding: .1875rem 0; border: 0; text-align: left; }
  .stack > tbody > tr > *::before { content: attr(data-label); color: var(--quiet); font-size: .875rem; font-weight: 400; }
  .stack > tbody > tr > .bare:empty { display: none; }
  .stack > tbody > tr:hover > * { background: none; }
}

.chart { display: block; width: 100%; height: 13rem; overflow: visible; }
.chart text { fill: var(--quiet); font-size: .75rem; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .base { stroke: var(--edge); stroke-width: 1; }
.chart .line { fill: none; stroke: var(--brand); stroke-width: 2; }
.fill-allow { fill: var(--allow-fill); } .fill-step_up { fill: var(--step-fill); }
.fill-deny { fill: var(--deny-fill); } .fill-open { fill: var(--open-fill); }
.hatch { stroke: var(--card); stroke-width: 2; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .75rem 0 0; padding: 0; list-style: none; font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.legend svg { width: 1rem; height: 1rem; border-radius: .1875rem; }
.share { display: block; width: 100%; min-width: 4rem; height: .5rem; margin-top: .5rem; }
.share .track { fill: var(--open-ground); } .share .part { fill: var(--brand); }
.evidence { display: block; width: 100%; min-width: 4rem; height: 1.25rem; }
.weighed { display: grid; grid-template-columns: 3rem minmax(0, 1fr); align-items: center; gap: .5rem; font-variant-numeric: tabular-nums; }
.evidence .zero { stroke: var(--edge); stroke-width: 1; }
.evidence .track { fill: var(--open-ground); }
.evidence .raises { fill: var(--deny-fill); } .evidence .lowers { fill: var(--allow-fill); } .evidence .weak { opacity: .45; }
.scale { display: block; width: 100%; height: 6.5rem; overflow: visible; }
.scale text { fill: var(--quiet); font-size: .8125rem; }
.scale .axis { stroke: var(--edge); stroke-width: 2; }
.scale .prior { stroke: var(--edge); stroke-width: 2; }
.scale .limit { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 4 3; }
.scale .score { fill: var(--brand); stroke: var(--card); stroke-width: 2; }
.scale text.strong { fill: var(--ink); font-weight: 650; }

.filters input[type=text] { width: 10rem; }
.filters { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem; margin: 0; }
.field { display: flex; flex-direction: column; gap: .25rem; min-width: 0; }
.field.wide { flex: 1 1 16rem; }
label, legend { font-size: .875rem; font-weight: 650; }
.hint { color: var(--quiet); font-size: .875rem; font-weight: 400; }
.wrong { color: var(--deny); font-size: .875rem; font-weight: 650; }
input, select, textarea { min-height: 2.75rem; max-width: 100%; padding: .5rem .625rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: .375rem; }
textarea { width: 100%; min-height: 12rem; font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
input[type=checkbox], input[type=radio] { min-height: 0; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--brand); }
.check { display: flex; align-items: center; gap: .5rem; min-height: 2.75rem; }
.check label { font-weight: 400; font-size: 1rem; }
[aria-invalid=true] { border-color: var(--deny-fill); border-width: 2px; }
fieldset { margin: 0; padding: 0; border: 0; min-width: 0; }
.form { display: grid; gap: 1rem; max-width: 44rem; margin: 0; }
.form input:not([type=checkbox]):not([type=radio]), .form select { width: 100%; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); gap: 1rem; }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 650; text-decoration: none; cursor: pointer; color: var(--on-brand); background: var(--brand); border: 1px solid var(--brand); border-radius: .375rem; }
button.plain, .button.plain { color: var(--brand); background: var(--card); border-color: var(--edge); }
button.danger { background: var(--deny); border-color: var(--deny); color: var(--card); }
button.small, .button.small { min-height: 2.75rem; padding: .25rem .75rem; font-size: .875rem; }
button:hover, .button:hover { filter: brightness(1.08); }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 0; }
.actions form { margin: 0; }
.segments { display: flex; flex-wrap: wrap; gap: .375rem; margin: 0; padding: 0; list-style: none; }
.segments a { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 .875rem; color: var(--ink); text-decoration: none; background: var(--card); border: 1px solid var(--line); border-radius: .375rem; }
.segments a:hover { border-color: var(--edge); }
.segments a[aria-current] { color: var(--brand); font-weight: 650; border-color: var(--brand); background: var(--brand-ground); }
.pager { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
.facts { display: grid; grid-template-columns: minmax(8rem, auto) minmax(0, 1fr); gap: .375rem 1.25rem; margin: 0; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { .facts { grid-template-columns: minmax(0, 1fr); gap: 0; } .facts dd { margin-bottom: .5rem; } }
details { min-width: 0; }
.card > details:last-child:not([open]), .card li:last-child > details:last-child:not([open]) { margin-bottom: -.75rem; }
.foldable > details:last-child:not([open]) { margin-bottom: 0; }
@media (max-width: 40rem) {
  .foldable { padding-block: .5rem; }
  .foldable > h2 { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); }
  .foldable > details[open] { padding-bottom: .75rem; }
}
@media (min-width: 40.01rem) {
  /* A browser that cannot open it by style alone shows the line to open it by hand. */
  @supports selector(::details-content) {
    .foldable > details > summary { display: none; }
    .foldable > details::details-content { content-visibility: visible; }
  }
}
summary { min-height: 2.75rem; padding: .625rem 0; cursor: pointer; font-weight: 650; color: var(--brand); }
.reasons { display: grid; gap: 0; margin: 0; padding: 0; list-style: none; }
.reasons > li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(9rem, 18rem); gap: .25rem 1.5rem; padding: .875rem 0; border-top: 1px solid var(--line); }
.reasons > li:first-child { border-top: 0; padding-top: 0; }
.reasons h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.reasons .weight { grid-row: span 2; text-align: right; }
.reasons .weight b { display: block; text-align: right; font-variant-numeric: tabular-nums; }
.reasons .seen { display: grid; gap: .125rem; margin: .375rem 0 0; padding: 0; list-style: none; font-size: .9375rem; }
.reasons details { grid-column: 1 / -1; }
@media (max-width: 40rem) { .reasons > li { grid-template-columns: minmax(0, 1fr); } .reasons .weight { grid-row: auto; text-align: left; } .reasons .weight b { text-align: left; } }
.token { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin-bottom: .75rem; padding: .75rem; background: var(--raised); border: 1px solid var(--line); border-radius: .375rem; }
.scroll { overflow-x: auto; }
del { color: var(--quiet); }
ins { text-decoration: none; font-weight: 650; }
@media (forced-colors: active) { .notice { border-bottom: 1px solid; } .badge, .button, button { border: 1px solid; } .sections a[aria-current], .segments a[aria-current] { border-color: Highlight; } }
@media print {
  :root { color-scheme: light; }
  .top, .skip, .foldable, .filters, .pager, .actions, form { display: none; }
  body { background: none; } main { padding: 0; } .card { break-inside: avoid; }
}
`
