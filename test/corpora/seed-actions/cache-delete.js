exports.onExecutePostChallenge = async (event, api) => {
  api.cache.delete('my-key');
};
