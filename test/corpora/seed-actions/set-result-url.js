exports.onExecutePostChallenge = async (event, api) => {
  api.transaction.setResultUrl('https://my-app.example.com/password-reset-complete');
};
