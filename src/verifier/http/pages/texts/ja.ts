/** Japanese. */
import type { Texts } from './texts.ts'

export const ja: Texts = {
  goOn: '続ける',
  pressGoOn: '「続ける」を押してください。',
  working: '処理中',
  moment: 'お待ちください',
  confirming: '確認しています。しばらくお待ちください。',
  leaving: 'ありがとうございます。元のページに戻ります。',
  reference: '参照コード',
  contactSupport: 'サポートに問い合わせる',
  tryAgain: 'もう一度試す',
  incomplete: 'このリンクは不完全です。',
  notOpened: 'このページを開けませんでした。',
  noSuchPage: 'このページは存在しません。',
  ownWindow: 'このページは単独のウィンドウでのみ表示できます。',
  ourFault: 'こちら側で問題が発生しました。',
  outage: 'ただいま確認できません。',
  flows: {
    password_reset: {
      arrival: 'パスワードの再設定を確認しています。しばらくお待ちください。',
      reopen: 'メールのリンクをもう一度開いてください。',
      onlyFromThere: 'このページはメールのリンクからのみ開けます。',
      used: 'このリンクはご利用いただけなくなりました。',
      usedNext: '新しいリンクをお求めください。',
      restart: '新しいリンクを受け取る',
      otherBrowser: 'メールを開いたブラウザーで続けてください。',
      otherBrowserNext:
        'そのブラウザーで Cookie を許可し、メールのリンクをもう一度開いてください。',
      outageNext: 'リンクはまだ有効です。1 分後にもう一度お試しください。',
      ownWindowNext: 'メールのリンクを新しいウィンドウで開いてください。',
    },
    login: {
      arrival: 'ログインを確認しています。しばらくお待ちください。',
      reopen: 'アプリケーションに戻り、もう一度ログインしてください。',
      onlyFromThere: 'このページはログインの途中で表示されるもので、単独では開けません。',
      used: 'このログインは完了できなくなりました。',
      usedNext: 'もう一度ログインしてください。',
      restart: 'もう一度ログインする',
      otherBrowser: 'ログインを始めたブラウザーで続けてください。',
      otherBrowserNext: 'そのブラウザーで Cookie を許可し、もう一度ログインしてください。',
      outageNext: 'ログインはまだ続けられます。1 分後にもう一度お試しください。',
      ownWindowNext: '新しいウィンドウでもう一度ログインしてください。',
    },
  },
}
