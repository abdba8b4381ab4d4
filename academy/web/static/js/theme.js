// Light, dark, or as the device: kept in a cookie, so that the server writes it into the page and nothing flashes.

const YEAR = 365 * 24 * 3600;

document.addEventListener("change", (event) => {
  const choice = event.target;
  if (!choice.closest?.("[data-themes]") || choice.name !== "theme") return;
  const root = document.documentElement;
  if (choice.value) root.dataset.theme = choice.value;
  else delete root.dataset.theme;
  document.querySelector('meta[name="color-scheme"]').content = choice.value || "light dark";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${choice.value || "device"}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
});
