/** Spanish. */
import type { Texts } from './texts.ts'

export const es: Texts = {
  goOn: 'Continuar',
  pressGoOn: 'Pulse Continuar para seguir.',
  working: 'En curso',
  moment: 'Un momento',
  confirming: 'Un momento, lo estamos confirmando.',
  leaving: 'Gracias. Le llevamos de vuelta.',
  reference: 'Referencia',
  contactSupport: 'Contactar con el servicio de ayuda',
  tryAgain: 'Intentar de nuevo',
  incomplete: 'Este enlace está incompleto.',
  notOpened: 'No se ha podido abrir esta página.',
  noSuchPage: 'Esta página no existe.',
  ownWindow: 'Esta página solo funciona en su propia ventana.',
  ourFault: 'Algo ha fallado por nuestra parte.',
  outage: 'Ahora mismo no podemos comprobarlo.',
  flows: {
    password_reset: {
      arrival: 'Un momento, estamos confirmando este cambio de contraseña.',
      reopen: 'Abra de nuevo el enlace del correo electrónico.',
      onlyFromThere: 'Esta página solo se puede abrir desde ese enlace.',
      used: 'Este enlace ya no funciona.',
      usedNext: 'Solicite uno nuevo.',
      restart: 'Solicitar un enlace nuevo',
      otherBrowser: 'Continúe en el navegador en el que abrió el correo electrónico.',
      otherBrowserNext:
        'Abra allí de nuevo el enlace del correo electrónico y permita las cookies.',
      outageNext: 'Su enlace sigue siendo válido: inténtelo de nuevo en un minuto.',
      ownWindowNext: 'Abra el enlace del correo electrónico en una ventana nueva.',
    },
    login: {
      arrival: 'Un momento, estamos confirmando este inicio de sesión.',
      reopen: 'Vuelva a la aplicación e inicie sesión de nuevo.',
      onlyFromThere:
        'Esta página es un paso del inicio de sesión y no se puede abrir por separado.',
      used: 'Este inicio de sesión ya no se puede completar.',
      usedNext: 'Inicie sesión de nuevo.',
      restart: 'Iniciar sesión de nuevo',
      otherBrowser: 'Continúe en el navegador en el que empezó a iniciar sesión.',
      otherBrowserNext: 'Inicie sesión allí de nuevo y permita las cookies.',
      outageNext: 'Su inicio de sesión sigue abierto: inténtelo de nuevo en un minuto.',
      ownWindowNext: 'Inicie sesión de nuevo en una ventana nueva.',
    },
  },
}
