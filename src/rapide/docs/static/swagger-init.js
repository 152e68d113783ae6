// Starts Swagger UI with the configuration that the page carries as data.
"use strict";
(() => {
  const { ui, oauth } = JSON.parse(document.getElementById("docs-config").textContent);
  if (ui.oauth2RedirectUrl) {
    // The authorization server compares this with a registered URL: it has to be a whole one.
    ui.oauth2RedirectUrl = new URL(ui.oauth2RedirectUrl, window.location.origin).href;
  }
  window.ui = SwaggerUIBundle({ ...ui, presets: [SwaggerUIBundle.presets.apis] });
  if (oauth) {
    window.ui.initOAuth(oauth);
  }
})();
