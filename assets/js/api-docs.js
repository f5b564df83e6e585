// Shows the API's document with the reader that the page has loaded: Swagger UI or Scalar.

const place = document.getElementById("reference");

// No script may set a cookie, so this is the way that a page can offer.
const token = {
  type: "http",
  scheme: "bearer",
  description:
    "The admin token, a key that may log in, or the token of a login. Leave it empty when you " +
    "are logged in here: the browser sends its cookie by itself.",
};

/** Points a document at this server: the page may call no other. */
function forThisPage(spec) {
  const operations = Object.values(spec.paths).flatMap((methods) => Object.values(methods));
  for (const operation of operations) {
    operation.security = [{ token: [] }];
  }
  const components = { ...spec.components, securitySchemes: { token } };
  const servers = [{ url: location.origin, description: "This server" }];
  return { ...spec, components, servers };
}

function showWithSwagger(spec) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
  const { presets } = window.SwaggerUIBundle;
  window.SwaggerUIBundle({
    spec,
    domNode: place,
    presets: [presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    validatorUrl: null,
  });
}

/** Whatever Scalar would ask of hosts of its maker is off. */
function showWithScalar(content) {
  const here = location.origin;
  window.Scalar.createApiReference(place, {
    content,
    authentication: { preferredSecurityScheme: "token" },
    agent: { disabled: true },
    mcp: { disabled: true },
    externalUrls: { dashboardUrl: here, registryUrl: here, proxyUrl: here, apiBaseUrl: here },
    hideClientButton: true,
    hideDarkModeToggle: true,
    proxyUrl: "",
    showDeveloperTools: "never",
    telemetry: false,
    withDefaultFonts: false,
  });
}

try {
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const spec = forThisPage(await answer.json());
  if (window.Scalar) {
    showWithScalar(spec);
  } else {
    showWithSwagger(spec);
  }
} catch (error) {
  place.textContent = `The document cannot be shown: ${error.message}. Load the page again.`;
}
