exports.onExecutePostChallenge = async (event, api) => {
  api.access.deny('policy_violation', 'Password reset is not allowed at this time.');
};
