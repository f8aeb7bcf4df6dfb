exports.onExecutePostChallenge = async (event, api) => {
  api.cache.set('my-key', 'my-value', { ttl: 60000 });
};
