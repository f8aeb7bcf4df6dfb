exports.onExecutePostChallenge = async (event, api) => {
  const token = api.redirect.encodeToken({
    secret: event.secrets.MY_SECRET,
    payload: { userId: event.user.user_id },
  });
  api.redirect.sendUserTo('https://my-app.example.com/verify', { query: { token } });
};
