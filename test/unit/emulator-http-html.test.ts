/** Pages as the driver reads them: with the repairs a browser makes, and nothing a browser would not see. */
import { describe, expect, it } from 'vitest'
import { readPage } from '../../src/emulator/http/driver/page.ts'

const page = (body: string) =>
  readPage(
    'https://site.example/at/page',
    { status: 200, headers: new Headers({ 'content-type': 'text/html; charset=utf-8' }) },
    body,
  )

describe('the words of a page', () => {
  it.each([
    [
      'entities',
      '<p>Tom &amp; J&eacute;r&#244;me &#x1F4A5; &lt;b&gt; &nope;</p>',
      'Tom & Jérôme 💥 <b> &nope;',
    ],
    ['an entity without its semicolon', '<p>a &lt b</p>', 'a < b'],
    ['an end tag left out', '<ul><li>one<li>two</ul>', 'one two'],
    ['a tag inside a word', '<p>pass<b>word</b></p>', 'password'],
    ['a greater-than sign in an attribute', '<p title="a > b">c</p>', 'c'],
    ['an end tag inside a script', '<script>"</p>hidden"</script><p>shown</p>', 'shown'],
    ['a comment with a tag in it', '<!-- <p>hidden</p> --><p>shown</p>', 'shown'],
    ['what stands in a template', '<template><p>hidden</p></template><p>shown</p>', 'shown'],
    ['what is for browsers without scripts', '<noscript><p>shown</p></noscript>', 'shown'],
  ])('%s', (_, body, text) => {
    expect(page(body).text).toBe(text)
  })

  it('do not hold the title, which is text whatever tags it names', () => {
    const { title, text } = page('<title>a &amp; <b>b</b></title><p>c</p>')
    expect([title, text]).toEqual(['a & <b>b</b>', 'c'])
  })
})

describe('a form', () => {
  it('has the value that a browser would send, whatever it is quoted with', () => {
    const [form] = page(`
      <form method=post action="/next?a=1&amp;b=2">
        <input type=hidden name='state' value="a&quot;b'&amp;amp;&#10;c">
        <input name=bare value=x/y><INPUT NAME=CASE VALUE=Kept>
        <textarea name=text>\n</textarea><b>&lt;/form&gt;</b>
        <input name=twice value=first value=second>
      </form><input name=outside value=1>`).forms
    expect(form?.action).toBe('https://site.example/next?a=1&b=2')
    expect(form?.fields).toEqual([
      ['state', 'a"b\'&amp;\nc'],
      ['bare', 'x/y'],
      ['CASE', 'Kept'],
      ['text', ''],
      ['twice', 'first'],
    ])
  })

  it('inside a form is none: its fields belong to the outer one', () => {
    const { forms } = page(
      '<form action=/outer><form action=/inner><input name=a value=1></form><input name=b></form>',
    )
    expect(forms).toHaveLength(1)
    expect(forms[0]).toMatchObject({ action: 'https://site.example/outer', fields: [['a', '1']] })
  })

  it('in an attribute, a comment, a script, a textarea or a template is none', () => {
    const { forms, links } = page(`
      <p title="<form action=/1><a href=/1>"></p><!-- <form action=/2> -->
      <script>"<form action=/3><a href=/3>"</script>
      <textarea><form action=/4><a href=/4></textarea>
      <template><form action=/5></form><a href=/5></a></template>`)
    expect([forms, links]).toEqual([[], []])
  })
})

it('a page that is no HTML is only text', () => {
  const plain = readPage(
    'https://site.example/',
    { status: 200, headers: new Headers({ 'content-type': 'application/json' }) },
    '{"a":"<form>"}',
  )
  expect(plain).toMatchObject({ text: '{"a":"<form>"}', forms: [], links: [], title: '' })
})
