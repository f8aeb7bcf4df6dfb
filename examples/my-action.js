// A password-reset Action that asks another site and believes only its signed answer.

exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.SESSION_SECRET,
    payload: { flow: 'password_reset' },
    expiresInSeconds: 300,
  })
  api.redirect.sendUserTo('https://verify.example/start', { query: { session_token: token } })
}

exports.onContinuePostChallenge = async (event, api) => {
  let answer
  try {
    answer = api.redirect.validateToken({ secret: event.secrets.CONTINUE_SECRET })
  } catch (error) {
    console.log(error.message)
  }
  const allowed = answer?.sub === event.user.user_id && answer?.decision === 'allow'
  if (!allowed) return api.access.deny('We cannot reset your password online.')
}
