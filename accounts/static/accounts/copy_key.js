"use strict";
{
  const field = document.getElementById("issued-key");
  const button = document.getElementById("copy-key");

  // Reloading this page would post the form again and issue a second key; this way it leads to the list.
  history.replaceState(null, "", field.dataset.leaveTo);

  const copied = async () => {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(field.value);
      return true;
    }
    // Browsers offer the clipboard on HTTPS and localhost only.
    return document.execCommand("copy");
  };

  button.addEventListener("click", async () => {
    field.select();
    let done = false;
    try {
      done = await copied();
    } catch {
      done = false;
    }
    button.textContent = done ? button.dataset.done : button.dataset.failed;
  });
  field.addEventListener("focus", () => field.select());
}
