// Shows what a limit would have done, from the counts that the page holds.
for (const box of document.querySelectorAll("[data-curve]")) {
  const points = JSON.parse(box.dataset.curve);
  const range = box.querySelector("input");
  const show = () => {
    const [limit, counts, y] = points[Number(range.value)];
    box.querySelector(".chosen").textContent = limit;
    box.querySelector(".counts").textContent = counts;
    range.setAttribute("aria-valuetext", limit + ": " + counts);
    const line = box.closest("section").querySelector(".pick");
    if (line) line.setAttribute("d", "M0 " + y + "H960");
  };
  range.hidden = false;
  range.addEventListener("input", show);
  show();
}
