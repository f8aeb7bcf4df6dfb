/** German. */
import type { Texts } from './texts.ts'

export const de: Texts = {
  goOn: 'Weiter',
  pressGoOn: 'Wählen Sie „Weiter“, um fortzufahren.',
  working: 'Bitte warten',
  moment: 'Einen Moment',
  confirming: 'Einen Moment, wir bestätigen das.',
  leaving: 'Vielen Dank. Sie werden zurückgeleitet.',
  reference: 'Referenz',
  contactSupport: 'Support kontaktieren',
  tryAgain: 'Noch einmal versuchen',
  incomplete: 'Dieser Link ist unvollständig.',
  notOpened: 'Diese Seite konnte nicht geöffnet werden.',
  noSuchPage: 'Diese Seite gibt es nicht.',
  ownWindow: 'Diese Seite funktioniert nur in einem eigenen Fenster.',
  ourFault: 'Bei uns ist etwas schiefgegangen.',
  outage: 'Wir können das gerade nicht prüfen.',
  flows: {
    password_reset: {
      arrival: 'Einen Moment, wir bestätigen das Zurücksetzen Ihres Passworts.',
      reopen: 'Öffnen Sie den Link in der E-Mail noch einmal.',
      onlyFromThere: 'Diese Seite lässt sich nur über diesen Link öffnen.',
      used: 'Dieser Link funktioniert nicht mehr.',
      usedNext: 'Fordern Sie einen neuen an.',
      restart: 'Neuen Link anfordern',
      otherBrowser: 'Machen Sie in dem Browser weiter, in dem Sie die E-Mail geöffnet haben.',
      otherBrowserNext:
        'Öffnen Sie dort den Link in der E-Mail noch einmal und lassen Sie Cookies zu.',
      outageNext: 'Ihr Link gilt weiterhin: Versuchen Sie es in einer Minute noch einmal.',
      ownWindowNext: 'Öffnen Sie den Link in der E-Mail in einem neuen Fenster.',
    },
    login: {
      arrival: 'Einen Moment, wir bestätigen diese Anmeldung.',
      reopen: 'Gehen Sie zurück zur Anwendung und melden Sie sich noch einmal an.',
      onlyFromThere: 'Diese Seite gehört zur Anmeldung und lässt sich nicht einzeln öffnen.',
      used: 'Diese Anmeldung lässt sich nicht mehr abschließen.',
      usedNext: 'Melden Sie sich noch einmal an.',
      restart: 'Noch einmal anmelden',
      otherBrowser: 'Machen Sie in dem Browser weiter, in dem Sie die Anmeldung begonnen haben.',
      otherBrowserNext: 'Melden Sie sich dort noch einmal an und lassen Sie Cookies zu.',
      outageNext: 'Ihre Anmeldung ist noch offen: Versuchen Sie es in einer Minute noch einmal.',
      ownWindowNext: 'Melden Sie sich in einem neuen Fenster noch einmal an.',
    },
  },
}
