// Passkeys: asks the authenticator what the server asks, and sends its answer in the form. Forms say which way with
// data-passkey: `create` and `get` carry what is asked in data-options, `login` fetches it when it is pressed.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function toCreate({ publicKey }) {
  return {
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      // One that signs in by itself: it knows whose it is, and makes sure who holds it.
      authenticatorSelection: {
        ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required",
      },
    },
  };
}

const toGet = ({ publicKey }) => ({
  publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
});

/** What the authenticator answered, as the server reads it. */
function written(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: said,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function asked(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`passkey: ${answer.status}`);
  return (await answer.json()).request_options;
}

async function use(form) {
  const options = await asked(form);
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create(toCreate(options))
    : await navigator.credentials.get(toGet(options));
  form.elements.credential.value = written(credential);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.passkey || form.elements.credential.value) return;
  event.preventDefault();
  const button = event.submitter;
  const sentence = form.querySelector("p.bad[role=alert]");
  sentence.textContent = "";
  button?.setAttribute("aria-busy", "true");
  try {
    await use(form);
    form.requestSubmit(button);
  } catch (wrong) {
    sentence.textContent = wrong.name === "InvalidStateError" && form.dataset.twice ? form.dataset.twice : form.dataset.failed;
    form.elements.credential.value = "";
    button?.removeAttribute("aria-busy");
  }
}, true);

for (const form of document.querySelectorAll("[data-passkey]")) {
  form.hidden = !window.PublicKeyCredential;
  form.querySelector("button").disabled = false;
}
