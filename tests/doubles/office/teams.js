// Teams' library as a framed page sees it, as far as the tab asks of it.
window.microsoftTeams = {
  app: {
    initialize: async () => {},
    getContext: async () => ({ app: { theme: "{{theme}}" }, page: { frameContext: "{{place}}" } }),
    registerOnThemeChangeHandler: (handler) => { window.changeTheme = handler; },
  },
  authentication: { getAuthToken: async () => "jeton-de-teams" },
};
