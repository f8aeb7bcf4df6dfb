/** The one style sheet of every page: light and dark, from 320 px up, no motion where none is wanted. */
import { inline } from './inline.ts'

export const STYLE = inline(`
:root{color-scheme:light dark;--ink:#1a1f27;--quiet:#555e6b;--ground:#f3f5f8;--card:#fff;--line:#dce1e8;--brand:#2456b3;--on-brand:#fff;--edge:transparent}
@media (prefers-color-scheme:dark){:root{--ink:#eceff4;--quiet:#a9b2bf;--ground:#11151b;--card:#1a2029;--line:#2f3845;--edge:rgb(255 255 255/.28)}}
*{box-sizing:border-box}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:1.25rem 1rem;background:var(--ground);color:var(--ink)}
main{width:100%;max-width:26rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--brand);border-radius:.75rem;box-shadow:0 1px 2px rgb(0 0 0/.05),0 8px 24px rgb(0 0 0/.06);overflow-wrap:anywhere}
.brand{display:flex;align-items:center;gap:.75rem;margin:0 0 1.5rem;font-weight:700}
.brand img{display:block;max-width:10rem;max-height:2.5rem}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.3;font-weight:650;text-wrap:balance}
p{margin:0 0 1.25rem;color:var(--quiet)}
p:last-child{margin-bottom:0}
form{margin:0}
a{color:inherit;text-underline-offset:.2em}
.button{display:block;width:100%;min-height:2.75rem;padding:.625rem 1.25rem;border:1px solid var(--edge);border-radius:.5rem;background:var(--brand);color:var(--on-brand);font:inherit;font-weight:700;text-align:center;text-decoration:none;cursor:pointer}
.button:hover{filter:brightness(1.08)}
:focus-visible{outline:3px solid var(--ink);outline-offset:3px;border-radius:.25rem}
.button:focus-visible{border-radius:.5rem}
.code{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem}
.code code{font:700 .9375rem ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--ink);letter-spacing:.04em;white-space:nowrap}
.code a{display:block;width:fit-content;margin-top:.5rem}
.wait{display:none;height:.25rem;margin:1.25rem 0 .5rem;border-radius:.25rem;background:var(--line);overflow:hidden}
.wait::after{content:"";display:block;width:40%;height:100%;border-radius:inherit;background:var(--brand);animation:wait 1.2s ease-in-out infinite alternate}
.busy .wait{display:block}
.busy .ask,[hidden]{display:none}
[dir=rtl] .wait::after{animation-name:tiaw}
@keyframes wait{to{transform:translateX(150%)}}
@keyframes tiaw{to{transform:translateX(-150%)}}
@media (prefers-reduced-motion:reduce){.wait::after{width:100%;animation:none}}
@media (max-width:24rem){main{padding:1.5rem 1.25rem}}
@media (forced-colors:active){.button{border-color:ButtonText}}
`)
