/** What the demo's application shows: whom to be, how to go on from there, and the way back in. */
import { html } from 'hono/html'
import type { Person } from './demo-people.ts'

export interface Visitor extends Pick<Person, 'name' | 'email' | 'about' | 'ending' | 'tone'> {
  /** Where the reset of this person starts. */
  readonly href: string
}

type Html = ReturnType<typeof html>

/** Who may see what the verifier recorded, and where. */
export interface Operator {
  readonly address: string
  readonly email: string
  readonly password: string
}

export const homePage = (people: readonly Visitor[], operator?: Operator) =>
  document(
    'Forgot your password?',
    html`<h1>Forgot your password?</h1>
<p class="lead">Choose who you are. Each of them meets something else on the way to a new password.</p>
<ul class="people">${people.map(personCard)}</ul>
<h2>What happens then</h2>
<ol class="steps">
<li>The <strong>tenant</strong> asks for the address and sends a mail.</li>
<li>Open the mailbox it shows, and the link in the mail.</li>
<li>The <strong>verifier</strong> looks at the reset for a moment and sends you back.</li>
<li>Choose a new password, enter a code first, or be stopped.</li>
</ol>
${operator === undefined ? '' : operatorNote(operator)}`,
  )

const operatorNote = ({ address, email, password }: Operator) => html`<h2>And behind it</h2>
<p class="lead">What was decided, and why, is in the verifier’s <a href="${address}">dashboard</a>. Sign in as
<strong>${email}</strong> with the password <strong>${password}</strong>. Its past is made up.</p>`

const personCard = ({ name, email, about, ending, tone, href }: Visitor) => html`<li>
<a class="person" href="${href}">
<span class="face" aria-hidden="true">${name.slice(0, 1)}</span>
<span class="who"><strong>${name}</strong> <span class="mail">${email}</span></span>
<span class="ending ${tone}">${ending}</span>
<span class="about">${about}</span>
</a>
</li>`

export const donePage = () =>
  document(
    'Welcome back',
    html`<div class="mark" aria-hidden="true">✓</div>
<h1>Welcome back</h1>
<p class="lead">The reset is done, and the tenant has sent you back to the application.</p>
<p class="center"><a class="button" href="/">Try it as somebody else</a></p>`,
  )

export const missingPage = () =>
  document(
    'No such page',
    html`<h1>No such page</h1>
<p class="center"><a class="button" href="/">To the first page</a></p>`,
  )

const document = (title: string, content: Html) => html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Example application</title><link rel="icon" href="data:,">
<style>${STYLE}</style></head>
<body>
<header><span class="logo" aria-hidden="true"></span>Example application</header>
<main>${content}</main>
</body></html>
`

const STYLE = html`
:root{color-scheme:light dark;--ink:#14211f;--quiet:#55635f;--ground:#f2f6f4;--card:#fff;--line:#d6e0dc;--brand:#0b6e57;--on-brand:#fff;
--good:#0b6e57;--good-ground:#e2f4ec;--asked:#7a4b00;--asked-ground:#fdf0d7;--stopped:#9b1c31;--stopped-ground:#fde9ec}
@media (prefers-color-scheme:dark){:root{--ink:#e9f1ee;--quiet:#a2b1ac;--ground:#0f1614;--card:#18211e;--line:#2c3a35;--brand:#4fd1ac;--on-brand:#06231b;
--good:#7fe0bf;--good-ground:#12352b;--asked:#f4c675;--asked-ground:#3a2a0d;--stopped:#ff9fae;--stopped-ground:#3d171e}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header{display:flex;align-items:center;gap:.625rem;padding:1rem 1.25rem;background:var(--card);border-bottom:1px solid var(--line);font-weight:700}
.logo{width:1.5rem;height:1.5rem;border-radius:.4rem;background:linear-gradient(135deg,var(--brand) 50%,var(--good-ground) 50%)}
main{max-width:44rem;margin:0 auto;padding:clamp(1.5rem,6vw,4rem) 1.25rem}
h1{margin:0 0 .5rem;font-size:clamp(1.5rem,5vw,2rem);line-height:1.2;text-wrap:balance}
h2{margin:2.5rem 0 .75rem;font-size:1.0625rem}
p{margin:0 0 1.5rem}
.lead{color:var(--quiet);text-wrap:pretty}
.people{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(17rem,100%),1fr));gap:1rem;margin:0;padding:0;list-style:none}
.people li{display:grid}
.person{display:grid;grid-template-columns:auto 1fr;gap:.25rem .875rem;align-content:start;align-items:center;padding:1.125rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;color:inherit;text-decoration:none}
.person:hover{border-color:var(--brand);box-shadow:0 6px 20px rgb(0 0 0/.08)}
.lead a{color:var(--brand)}
:focus-visible{outline:3px solid var(--brand);outline-offset:3px;border-radius:.25rem}
.person:focus-visible{border-radius:.875rem}
.face{display:grid;place-items:center;width:2.75rem;height:2.75rem;border-radius:50%;background:var(--good-ground);color:var(--good);font-size:1.125rem;font-weight:700}
.who{overflow-wrap:anywhere;line-height:1.3}
.mail{display:block;color:var(--quiet);font-size:.875rem}
.about{grid-column:1/-1;color:var(--quiet);font-size:.9375rem}
.ending{grid-column:1/-1;justify-self:start;margin-top:.5rem;padding:.125rem .625rem;border-radius:1rem;font-size:.8125rem;font-weight:700}
.good{background:var(--good-ground);color:var(--good)}
.asked{background:var(--asked-ground);color:var(--asked)}
.stopped{background:var(--stopped-ground);color:var(--stopped)}
.steps{margin:0;padding:0 0 0 1.25rem;color:var(--quiet)}
.steps li{margin:.375rem 0;padding-left:.25rem}
.steps strong{color:var(--ink)}
.mark{display:grid;place-items:center;width:4rem;height:4rem;margin:0 auto 1.25rem;border-radius:50%;background:var(--good-ground);color:var(--good);font-size:1.75rem}
.mark~h1,.mark~.lead,.center{text-align:center}
.button{display:inline-block;padding:.75rem 1.5rem;border-radius:.625rem;background:var(--brand);color:var(--on-brand);font-weight:700;text-decoration:none}
`
