exports.onExecutePostChallenge = async (event, api) => {
  const record = api.cache.get('my-key');
  if (record) console.log(record.value);
};
