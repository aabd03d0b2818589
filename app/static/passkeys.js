/* passkeys.js: lets a passkey sign what the portal asks. Without it, or where there are no passkeys, a code does. */
"use strict";
(() => {
  const kind = window.PublicKeyCredential;
  if (!kind || !kind.parseRequestOptionsFromJSON) return;
  const show = (query, root = document) => root.querySelectorAll(query).forEach((part) => { part.hidden = false; });
  const sign = async (button) => {
    const form = button.form;
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const answer = await fetch(button.dataset.passkey, { method: "POST", body });
    const asked = await answer.json();
    const signed = asked.rp
      ? await navigator.credentials.create({ publicKey: kind.parseCreationOptionsFromJSON(asked) })
      : await navigator.credentials.get({ publicKey: kind.parseRequestOptionsFromJSON(asked) });
    [...form.elements].find((field) => field.matches("[data-signed]")).value = JSON.stringify(signed.toJSON());
    form.requestSubmit(button);
  };
  show("[data-passkeys]");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-passkey]");
    if (!button) return;
    event.preventDefault();
    sign(button).catch(() => show("[data-passkey-failed]", button.closest("[data-passkeys]")));
  });
})();
