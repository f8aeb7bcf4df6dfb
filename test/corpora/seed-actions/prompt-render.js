exports.onExecutePostChallenge = async (event, api) => {
  api.prompt.render('my-custom-prompt', { vars: { name: event.user.name } });
};
